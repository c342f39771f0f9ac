//! Switches off everything beside the worker that the chart creates under fixed keys. Every
//! switch is written, even where the base values have it off: a values file that could not be
//! read may turn it on.
//!
//! The obvious switches are not enough. `nautobot.enabled: false` does not remove the web server
//! (see `web.rs`), and the template of disruption budgets ignores `enabled`.

use policy_sdk::{Json, Plan};

use crate::chart::Chart;

type Switch = (&'static str, &'static str);

/// Switches of every chart. Template names are those of 3.1.1 and 2.5.9.
const BOTH: &[Switch] = &[
    // pvc.yaml
    ("/nautobot/enabled", "the web server's volumes belong to the global cluster"),
    // pdb.yaml checks only `pdb.create`, even for disabled instances.
    (
        "/nautobot/pdb/create",
        "the chart creates a disruption budget even for a web server that is off",
    ),
    // job.yaml, configmap.yaml, secret.yaml
    ("/nautobot/singleInit", "only the global cluster initialises and upgrades the database"),
    // On by default.
    ("/nautobot/superUser/enabled", "the superuser is created on the global cluster"),
    // _helpers.tpl: inherited by every worker that does not set the key.
    ("/celery/enabled", "a worker runs in a site only if it is named as the site's own"),
    ("/celery/pdb/create", "the chart creates a disruption budget even for workers that are off"),
    // Deprecated, but the chart still merges them into workers.default and workers.beat.
    ("/celeryWorker/enabled", "the default worker runs on the global cluster"),
    ("/celeryBeat/enabled", "there is one scheduler, on the global cluster"),
    // On by default in 2.x.
    ("/redis/enabled", "Redis runs on the global cluster"),
    ("/postgresql/enabled", "PostgreSQL runs on the global cluster"),
    ("/ingress/enabled", "there is no web server in a site to route to"),
    // network-policy.yaml selects the worker too, with the web server's ports.
    (
        "/networkPolicy/enabled",
        "the chart's policy opens the web server's ports and selects the worker too",
    ),
    ("/metrics/nginxExporter/enabled", "there is no nginx in a site"),
    ("/metrics/uwsgiExporter/enabled", "there is no uWSGI in a site"),
    ("/metrics/capacityMetrics/enabled", "capacity metrics are served by the web server"),
    // prometheusrules.yaml
    (
        "/metrics/prometheusRule/enabled",
        "the chart's only alert fires when the web server is absent",
    ),
];

/// Subcharts that 3.x no longer has.
const TWO: &[Switch] = &[
    ("/mariadb/enabled", "the database runs on the global cluster"),
    ("/postgresqlha/enabled", "PostgreSQL runs on the global cluster"),
    ("/rabbitmq/enabled", "the broker runs on the global cluster"),
];

/// Keys that the schema of 2.x refuses or does not have.
const THREE: &[Switch] = &[
    // gateway-api.yaml; `route.gateway` is inside it.
    ("/route/enabled", "there is no web server in a site to route to"),
    // rbac.yaml
    (
        "/serviceAccount/roles/jobCreator/create",
        "a worker's jobs run in the worker and create nothing in the cluster",
    ),
];

/// Writes every switch of this chart, and clears `extraObjects`.
pub(crate) fn turn_off(plan: &mut Plan, chart: Chart) {
    let own = match chart {
        Chart::Two => TWO,
        Chart::Three => THREE,
    };
    for &(path, reason) in BOTH.iter().chain(own) {
        plan.set(path, false, reason);
    }
    plan.set(
        "/extraObjects",
        Json::List(Vec::new()),
        "a site runs only the worker; other objects belong beside the chart",
    );
}

#[cfg(test)]
mod tests;
