//! Switches metrics of the worker on or off.

use policy_sdk::{Json, Plan};

use crate::lists::WorkerLists;
use crate::variables::BaseVariables;

/// Nautobot serves a worker's metrics only if this variable names a writable directory. Without
/// it Nautobot logs a `KeyError` and runs without metrics.
const VARIABLE: &str = "prometheus_multiproc_dir";
const DIRECTORY: &str = "/run/prometheus-multiproc";
const VOLUME: &str = "prometheus-multiproc";

/// Sets the switches for metrics, and adds the directory that they need.
pub(crate) fn set_metrics(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    base: &BaseVariables<'_>,
    metrics: bool,
) {
    let reason = if metrics {
        "the worker's metrics are scraped in the site"
    } else {
        "the settings switch metrics off"
    };
    plan.set("/metrics/enabled", metrics, reason);
    plan.set("/nautobot/metrics", metrics, reason);
    // Base values that name a directory define its volume too.
    if metrics && base.find(VARIABLE).is_none() {
        lists
            .env
            .put(VARIABLE, Json::map([("name", VARIABLE.into()), ("value", DIRECTORY.into())]));
        let directory = Json::map([("name", VOLUME.into()), ("emptyDir", Json::Map(Vec::new()))]);
        lists.volumes.put_default(VOLUME, directory);
        let mount = Json::map([("name", VOLUME.into()), ("mountPath", DIRECTORY.into())]);
        lists.mounts.put_default(DIRECTORY, mount);
    }
}

#[cfg(test)]
mod tests;
