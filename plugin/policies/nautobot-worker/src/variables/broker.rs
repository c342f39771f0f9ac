//! Variables that give Celery another broker than the settings.
//!
//! Celery reads its own before its configuration (celery/app/utils.py, `Settings`, and the option
//! `--broker` of celery/bin/celery.py, 5.6); Nautobot's is a part of that configuration
//! (`CELERY_BROKER_URL` in nautobot/core/settings.py, 3.1.8). A URL may hold a password, so
//! no message shows one.

use policy_sdk::{Finding, Plan};

use super::BaseVariables;
use crate::duty::Duty;
use crate::settings::Redis;

const NAUTOBOTS: &str = "NAUTOBOT_CELERY_BROKER_URL";
/// Celery's own variables; the last is that of its option `--broker`.
pub(crate) const CELERYS: [&str; 4] =
    ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "BROKER_URL"];

/// Reports variables that replace the broker of the settings.
pub(super) fn judge(plan: &mut Plan, base: &BaseVariables<'_>, duty: Duty<'_>) {
    let Some(redis) = redis(duty) else { return };
    if let Some(given) = base.find(NAUTOBOTS) {
        plan.report(
            Finding::warning(
                "worker/broker-url",
                format!("the base values set {NAUTOBOTS}, which Nautobot's broker uses in place of the setting connections.redis.host ({})", redis.host),
            )
            .at(given.place)
            .hint("remove the variable from the base values"),
        );
    }
    for name in CELERYS {
        if let Some(given) = base.find(name) {
            let what = ["set ", name].concat();
            if let Some(finding) = another(duty, &what, given.text.as_deref(), &given.place) {
                plan.report(finding);
            }
        }
    }
}

/// Returns the finding on a URL that Celery uses in place of the settings' Redis.
pub(crate) fn another(
    duty: Duty<'_>,
    what: &str,
    url: Option<&str>,
    place: &str,
) -> Option<Finding> {
    let host = &redis(duty)?.host;
    let message = |end: &str| {
        format!(
            "the base values {what}, which Celery uses for its broker in place of the setting connections.redis.host ({host}){end}"
        )
    };
    let finding = match url {
        // Celery ignores an empty one.
        Some("") => return None,
        Some(url) if host_of(url) == host => Finding::warning(
            "worker/broker-url",
            message("; it names the same host, but its other parts are not checked"),
        ),
        _ => Finding::error("worker/variable", message("")),
    };
    Some(finding.at(place).hint("remove it from the base values"))
}

fn redis(duty: Duty<'_>) -> Option<&Redis> {
    duty.settings.connections.as_ref()?.redis.as_ref()
}

/// Returns the host of `SCHEME://USER:PASSWORD@HOST:PORT/NUMBER`.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = server.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}
