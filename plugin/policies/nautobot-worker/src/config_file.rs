//! The configuration file of the worker: the component's own, or one that nobody here can read.
//!
//! The chart mounts `nautobot.config` where it is not empty, else in 3.x the ConfigMap
//! `nautobot.configCM`, else nothing (celery-deployment.yaml of 2.5.9 and 3.1.1).

use policy_sdk::{Document, Finding, Json, Plan};

use crate::chart::Chart;
use crate::duty::Duty;
use crate::lists::WorkerLists;
use crate::mounts;
use crate::settings::Connections;
use crate::short::short;

/// Where every chart mounts the config (celery-deployment.yaml).
pub(crate) const CONFIG: &str = "/opt/nautobot/nautobot_config.py";
const VARIABLE: &str = "NAUTOBOT_CONFIG";
const CONFIG_MAP: &str = "/nautobot/configCM";

/// Returns whether the chart mounts a file at the config's path.
pub(crate) fn is_mounted(values: &Document, cluster: &Document, chart: Chart) -> bool {
    is_own(values, cluster) || config_map(values, chart).is_some()
}

/// Says where the config is, so that an image with another default finds it, and reports a
/// config that cannot be checked.
pub(crate) fn decide(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    cluster: &Document,
    duty: Duty<'_>,
    connections: &Connections,
) {
    let (values, chart) = (duty.pod.values, duty.chart);
    // A config that nobody checks breaks the promise of mutual TLS.
    let must_be_checked = connections.mtls.as_ref().is_some_and(|mtls| mtls.require_config);
    let elsewhere = |message: String| {
        let finding = if must_be_checked { Finding::error } else { Finding::warning };
        finding("worker/config-elsewhere", message)
    };
    match duty.base.find(VARIABLE) {
        Some(given) => {
            if given.text.as_deref().is_none_or(|path| mounts::plain(path) != CONFIG) {
                let message = format!(
                    "the base values set {VARIABLE} to {}, so the worker reads a config that is not checked",
                    given.describe()
                );
                let finding = elsewhere(message).at(given.place);
                plan.report(finding.hint(format!("write {CONFIG}, or remove the variable")));
            }
        }
        None => lists
            .env
            .put(VARIABLE, Json::map([("name", VARIABLE.into()), ("value", CONFIG.into())])),
    }
    judge_config_map(plan, values, cluster, chart, connections);
    if !is_mounted(values, cluster, chart) {
        if let Some(mount) = mounts::mount_at(lists, CONFIG) {
            let message = format!(
                "the base values mount a config of their own at {CONFIG}, which is not checked"
            );
            let hint = "give the component a `config` in the environment, and remove the mount";
            plan.report(elsewhere(message).at([&mount.place, "/mountPath"].concat()).hint(hint));
        } else if connections.mtls.is_some() && names_configs(cluster) {
            plan.report(
                Finding::warning(
                    "worker/no-config",
                    "the component has no config, so the worker reads the image's; Nautobot's own presents no client certificate",
                )
                .hint("give the component a `config` in the environment"),
            );
        }
    }
}

/// Judges an existing ConfigMap in place of the component's config.
fn judge_config_map(
    plan: &mut Plan,
    values: &Document,
    cluster: &Document,
    chart: Chart,
    connections: &Connections,
) {
    let Some(name) = values.scalar(CONFIG_MAP).filter(|name| !name.is_empty()) else { return };
    let finding = if chart == Chart::Two {
        Finding::warning(
            "worker/config-map",
            "a chart 2.x does not read nautobot.configCM, so the worker does not get that config",
        )
        .hint("give the component a `config` in the environment")
    } else if is_own(values, cluster) {
        Finding::warning(
            "worker/config-map",
            format!(
                "the chart mounts the component's config and ignores nautobot.configCM ({})",
                short(&name)
            ),
        )
        .hint("remove nautobot.configCM, or the component's `config`")
    } else if connections.mtls.as_ref().is_some_and(|mtls| mtls.require_config) {
        Finding::error(
            "worker/config-map",
            format!("the worker's config is the ConfigMap {}, which cannot be checked, and mutual TLS is on; a config that reads none of its variables dials without a client certificate", short(&name)),
        )
        .hint("give the component a `config` in the environment, or set connections.mtls.requireConfig to false")
    } else {
        Finding::note(
            "worker/config-map",
            format!("the worker's config is the ConfigMap {}, which is not checked", short(&name)),
        )
    };
    plan.report(finding.at(CONFIG_MAP));
}

/// Returns whether the host says if a component has a config: one that names the release does.
fn names_configs(cluster: &Document) -> bool {
    cluster.scalar("/release/name").is_some()
}

/// Returns whether the component brings a config, or the base values hold its text.
fn is_own(values: &Document, cluster: &Document) -> bool {
    let is_filled = |text: Option<String>| text.is_some_and(|text| !text.is_empty());
    cluster.scalar("/config/parameter").is_some_and(|parameter| parameter == "nautobot.config")
        || is_filled(values.scalar("/nautobot/config"))
}

fn config_map(values: &Document, chart: Chart) -> Option<String> {
    values.scalar(CONFIG_MAP).filter(|name| chart == Chart::Three && !name.is_empty())
}

#[cfg(test)]
mod tests;
