//! HTTPS listeners that stand beside ours on the gateway.

use policy_sdk::{BadRead, Document};

use crate::route::{Gateway, first_label};

/// The only gateway to which the chart's templates attach routes of the values.
const CHARTS_GATEWAY: &str = "/gateways/external";
const ROUTES: &str = "/routes/http";

/// The listener of an HTTP route of the values.
#[derive(Debug)]
pub(crate) struct Https {
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) port: u64,
    /// Where it is from, for messages.
    pub(crate) origin: String,
}

/// Reads the HTTPS listeners that the chart makes: one for each HTTP route, at the gateway's
/// own port (understack at 2c8c08d3, `templates/gw-external.yaml.tpl`).
///
/// They are the chart's whether or not `objects` makes ours. A route without a host is left
/// to the chart's schema.
pub(crate) fn of_values(values: &Document, gateway: &Gateway) -> Result<Vec<Https>, BadRead> {
    let mut all = Vec::new();
    if gateway.path != CHARTS_GATEWAY {
        return Ok(all);
    }
    for route in values.items(ROUTES) {
        let Some(hostname) = route.optional_text("/fqdn")? else { continue };
        all.push(Https {
            name: route.text_or("/name", &first_label(&hostname))?,
            hostname,
            port: gateway.port,
            origin: format!("values {} (HTTPS)", route.path("")),
        });
    }
    Ok(all)
}
