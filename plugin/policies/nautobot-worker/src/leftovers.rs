//! Reports base values that a site should not have.

use policy_sdk::{Document, Plan, pointer};

use crate::chart::Chart;
use crate::codes;

/// Values that the chart would write into a Secret in plain text.
const LITERALS: [&str; 5] = [
    "/nautobot/db/password",
    "/nautobot/redis/password",
    "/nautobot/django/secretKey",
    "/nautobot/superUser/password",
    "/nautobot/superUser/apitoken",
];

/// Reports extra objects, literal secrets and switches of unknown keys.
pub(crate) fn report_leftovers(plan: &mut Plan, values: &Document, chart: Chart) {
    report_extra_objects(plan, values);
    refuse_literal_secrets(plan, values);
    report_unknown_switches(plan, values, "", |key| is_known(key, chart));
    report_unknown_switches(plan, values, "/metrics", is_known_metric);
}

fn report_extra_objects(plan: &mut Plan, values: &Document) {
    let count = values.size("/extraObjects");
    if count > 0 {
        plan.report(
            codes::EXTRA_OBJECTS
                .finding(format!(
                    "the base values add {count} objects through extraObjects; a site does not get them"
                ))
                .at("/extraObjects")
                .hint("put objects that a site needs into its folder of manifests"),
        );
    }
}

fn refuse_literal_secrets(plan: &mut Plan, values: &Document) {
    for path in LITERALS {
        if values.scalar(path).is_some_and(|text| !text.is_empty()) {
            plan.report(
                codes::LITERAL_SECRET
                    .finding("the base values contain a literal secret")
                    .at(path)
                    .hint("store it in a Secret and name that under existingSecret"),
            );
        }
    }
}

/// Reports maps under unknown keys with `enabled: true` or `create: true`.
fn report_unknown_switches(
    plan: &mut Plan,
    values: &Document,
    parent: &str,
    known: impl Fn(&str) -> bool,
) {
    for key in values.keys(parent) {
        if known(&key) {
            continue;
        }
        let path = [parent, &pointer([&*key])].concat();
        for switch in ["/enabled", "/create"] {
            let switch = [&path, switch].concat();
            if values.is_true(&switch) {
                plan.report(
                    codes::UNKNOWN_SWITCH
                        .finding(format!(
                            "the base values enable {key}, which this policy does not know; it stays enabled"
                        ))
                        .at(switch)
                        .hint("set it to false in the site's values if a worker does not need it"),
                );
            }
        }
    }
}

/// Returns whether a top-level key is in the charts' values or schemas (2.5.9 and 3.1.1).
fn is_known(key: &str, chart: Chart) -> bool {
    match key {
        "celery" | "celeryBeat" | "celeryWorker" | "common" | "commonAnnotations"
        | "commonLabels" | "extraObjects" | "fullnameOverride" | "global" | "ingress"
        | "initJob" | "metrics" | "nameOverride" | "nautobot" | "nautobots" | "networkPolicy"
        | "postgresql" | "redis" | "service" | "serviceAccount" | "workers" => true,
        "kubernetesJobs" | "route" => chart == Chart::Three,
        "mariadb" | "postgresqlha" | "rabbitmq" => chart == Chart::Two,
        _ => false,
    }
}

/// Returns whether the charts know this key below `metrics`.
fn is_known_metric(key: &str) -> bool {
    matches!(
        key,
        "enabled"
            | "capacityMetrics"
            | "nginxExporter"
            | "prometheusRule"
            | "serviceMonitor"
            | "uwsgiExporter"
    )
}

#[cfg(test)]
mod tests;
