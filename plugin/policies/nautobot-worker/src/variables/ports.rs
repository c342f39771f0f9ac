//! Ports of variables where no setting names the port: the gateway's routes do not follow them.

use policy_sdk::{Finding, Plan};

use super::BaseVariables;
use crate::settings::{Connections, DEFAULT_DATABASE_PORT, DEFAULT_REDIS_PORT};

/// Reports ports of variables that the gateway's routes do not see.
pub(super) fn judge(plan: &mut Plan, base: &BaseVariables<'_>, connections: &Connections) {
    let database = connections.database.as_ref().filter(|database| database.port.is_none());
    let redis = connections.redis.as_ref().filter(|redis| redis.port.is_none());
    let all = [
        database.map(|_| ("NAUTOBOT_DB_PORT", "connections.database.port", DEFAULT_DATABASE_PORT)),
        redis.map(|_| ("NAUTOBOT_REDIS_PORT", "connections.redis.port", DEFAULT_REDIS_PORT)),
    ];
    for (name, setting, default) in all.into_iter().flatten() {
        let Some(given) = base.find(name) else { continue };
        let text = given.text.as_deref();
        // Nautobot takes its own default for an empty one.
        if text.is_some_and(|text| text.is_empty() || text.parse() == Ok(default)) {
            continue;
        }
        let port = text.unwrap_or("its port").to_owned();
        plan.report(unseen(&given.place, (name, &given.describe()), (setting, default), &port));
    }
}

/// Returns the finding on a port of the base values. The policies of the gateway follow settings,
/// so their listener is at the default.
pub(crate) fn unseen(
    place: &str,
    (what, base): (&str, &str),
    (setting, default): (&str, u64),
    port: &str,
) -> Finding {
    let message = format!(
        "the base values set {what} to {base}, and the gateway's routes follow the setting {setting}, which is {default} by default"
    );
    Finding::warning("worker/port", message).at(place).hint(format!("set {setting}: {port}"))
}
