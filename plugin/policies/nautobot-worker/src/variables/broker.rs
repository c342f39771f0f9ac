//! Reports variables that set another broker for Celery than the settings.
//!
//! Celery reads its own variables before its configuration (celery/app/utils.py, `Settings`, and
//! the option `--broker` of celery/bin/celery.py, 5.6); Nautobot's is a part of that configuration
//! (`CELERY_BROKER_URL` in nautobot/core/settings.py, 3.1.8). A URL may contain a password, so
//! no message shows one.

use policy_sdk::{Finding, Plan};

use super::BaseVariables;
use crate::codes;
use crate::context::WorkerContext;
use crate::settings::Redis;

const NAUTOBOTS: &str = "NAUTOBOT_CELERY_BROKER_URL";
/// Celery's own variables; the last belongs to its option `--broker`.
pub(crate) const CELERYS: [&str; 4] =
    ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "BROKER_URL"];

/// Reports variables that replace the broker of the settings.
pub(super) fn check_brokers(plan: &mut Plan, base: &BaseVariables<'_>, context: WorkerContext<'_>) {
    let Some(redis) = redis_settings(context) else { return };
    if let Some(entry) = base.find(NAUTOBOTS) {
        plan.report(
            codes::BROKER_URL
                .finding(format!(
                    "the base values set {NAUTOBOTS}, which Nautobot uses for its broker in place of the setting connections.redis.host ({})",
                    redis.host,
                ))
                .at(entry.place)
                .hint("remove the variable from the base values"),
        );
    }
    for name in CELERYS {
        if let Some(entry) = base.find(name) {
            let what = ["set ", name].concat();
            if let Some(finding) =
                broker_finding(context, &what, entry.text.as_deref(), &entry.place)
            {
                plan.report(finding);
            }
        }
    }
}

/// Returns the finding on a URL that Celery uses in place of the settings' Redis.
pub(crate) fn broker_finding(
    context: WorkerContext<'_>,
    what: &str,
    url: Option<&str>,
    place: &str,
) -> Option<Finding> {
    let host = &redis_settings(context)?.host;
    let message = |end: &str| {
        format!(
            "the base values {what}, which Celery uses for its broker in place of the setting connections.redis.host ({host}){end}"
        )
    };
    let finding = match url {
        // Celery ignores an empty value.
        Some("") => return None,
        Some(url) if host_of(url) == host => codes::BROKER_URL
            .finding(message("; it names the same host, but its other parts are not checked")),
        _ => codes::VARIABLE.finding(message("")),
    };
    Some(finding.at(place).hint("remove it from the base values"))
}

/// Returns the settings of Redis, if there are any.
fn redis_settings(context: WorkerContext<'_>) -> Option<&Redis> {
    context.settings.connections.as_ref()?.redis.as_ref()
}

/// Returns the host of `SCHEME://USER:PASSWORD@HOST:PORT/NUMBER`.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = server.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}
