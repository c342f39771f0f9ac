//! Reads HTTPS listeners that the chart adds to the same gateway.

use policy_sdk::{BadRead, Document};

use crate::route::{Gateway, first_label};

/// The only gateway to which the chart's templates attach routes of the values.
const CHART_GATEWAY: &str = "/gateways/external";
const ROUTES: &str = "/routes/http";

/// An HTTPS listener, which the chart creates for an HTTP route of the values.
#[derive(Debug)]
pub(crate) struct HttpsListener {
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) port: u64,
    /// The place of the route, for messages.
    pub(crate) origin: String,
}

/// Reads the HTTPS listeners that the chart creates: one for each HTTP route, at the gateway's own
/// port (understack at 2c8c08d3, `templates/gw-external.yaml.tpl`).
///
/// The chart creates them with either value of `objects`. A route without a host is skipped,
/// because the chart's schema rejects it.
pub(crate) fn read_https_listeners(
    values: &Document,
    gateway: &Gateway,
) -> Result<Vec<HttpsListener>, BadRead> {
    let mut all = Vec::new();
    if gateway.path != CHART_GATEWAY {
        return Ok(all);
    }
    for route in values.items(ROUTES) {
        let Some(hostname) = route.optional_text("/fqdn")? else { continue };
        all.push(HttpsListener {
            name: route.text_or("/name", &first_label(&hostname))?,
            hostname,
            port: gateway.port,
            origin: format!("values {} (HTTPS)", route.path("")),
        });
    }
    Ok(all)
}
