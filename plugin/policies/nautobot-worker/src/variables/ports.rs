//! Reports ports of base values where no setting sets the port: the gateway's routes use settings
//! only.

use policy_sdk::{Finding, Plan};

use super::BaseVariables;
use crate::codes;
use crate::settings::{Connections, DEFAULT_DATABASE_PORT, DEFAULT_REDIS_PORT};

/// Reports variables that set a port for which the gateway has no route.
pub(super) fn check_ports(plan: &mut Plan, base: &BaseVariables<'_>, connections: &Connections) {
    let database = connections.database.as_ref().filter(|database| database.port.is_none());
    let redis = connections.redis.as_ref().filter(|redis| redis.port.is_none());
    let all = [
        database.map(|_| ("NAUTOBOT_DB_PORT", "connections.database.port", DEFAULT_DATABASE_PORT)),
        redis.map(|_| ("NAUTOBOT_REDIS_PORT", "connections.redis.port", DEFAULT_REDIS_PORT)),
    ];
    for (name, setting, default) in all.into_iter().flatten() {
        let Some(entry) = base.find(name) else { continue };
        let text = entry.text.as_deref();
        // Nautobot uses its own default for an empty value.
        if text.is_some_and(|text| text.is_empty() || text.parse() == Ok(default)) {
            continue;
        }
        let port = text.unwrap_or("its port").to_owned();
        plan.report(port_finding(
            &entry.place,
            (name, &entry.describe()),
            (setting, default),
            &port,
        ));
    }
}

/// Returns the finding on a port of the base values. The policies of the gateway read settings
/// only, so their listener has the default port.
pub(crate) fn port_finding(
    place: &str,
    (what, base): (&str, &str),
    (setting, default): (&str, u64),
    port: &str,
) -> Finding {
    let message = format!(
        "the base values set {what} to {base}, but the gateway's routes follow the setting {setting}, which is {default} by default"
    );
    codes::PORT.finding(message).at(place).hint(format!("set {setting}: {port}"))
}
