//! Sets where the worker reads its configuration file, and reports a file that is not checked.
//!
//! The chart mounts `nautobot.config` where it is not empty, else in 3.x the ConfigMap
//! `nautobot.configCM`, else nothing (celery-deployment.yaml of 2.5.9 and 3.1.1).

use policy_sdk::{Document, Finding, Json, Plan, Severity};

use crate::chart::Chart;
use crate::codes;
use crate::context::WorkerContext;
use crate::lists::WorkerLists;
use crate::mounts;
use crate::settings::Connections;
use crate::short::shorten;

/// The path at which every chart mounts the config (celery-deployment.yaml).
pub(crate) const CONFIG: &str = "/opt/nautobot/nautobot_config.py";
const VARIABLE: &str = "NAUTOBOT_CONFIG";
const CONFIG_MAP: &str = "/nautobot/configCM";
const GIVE_CONFIG: &str = "give the component a `config` in the environment";

/// Returns whether the chart mounts a file at the config's path.
pub(crate) fn is_mounted(values: &Document, cluster: &Document, chart: Chart) -> bool {
    is_own(values, cluster) || config_map(values, chart).is_some()
}

/// Sets `NAUTOBOT_CONFIG`, because an image may have another default, and reports a config that
/// cannot be checked.
pub(crate) fn set_config_path(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    cluster: &Document,
    context: WorkerContext<'_>,
    connections: &Connections,
) {
    let (values, chart) = (context.pod.values, context.chart);
    check_variable(plan, lists, context, connections);
    check_config_map(plan, values, cluster, chart, connections);
    if is_mounted(values, cluster, chart) {
        return;
    }
    if let Some(mount) = mounts::find_mount(lists, CONFIG) {
        let message = format!(
            "the base values mount a config of their own at {CONFIG}, and that file is not checked"
        );
        plan.report(
            elsewhere(connections, message)
                .at([&mount.place, "/mountPath"].concat())
                .hint([GIVE_CONFIG, ", and remove the mount"].concat()),
        );
    } else if connections.mtls.is_some() && names_configs(cluster) {
        plan.report(
            codes::NO_CONFIG
                .finding(
                    "the component has no config, so the worker reads the one in its image; Nautobot's default config presents no client certificate",
                )
                .hint(GIVE_CONFIG),
        );
    }
}

/// Sets the variable unless the base values do, and reports one that names another file.
fn check_variable(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    context: WorkerContext<'_>,
    connections: &Connections,
) {
    let Some(entry) = context.base.find(VARIABLE) else {
        let item = Json::map([("name", VARIABLE.into()), ("value", CONFIG.into())]);
        return lists.env.put(VARIABLE, item);
    };
    let is_the_config = |path: &str| mounts::normalize_path(path) == CONFIG;
    if !entry.text.as_deref().is_some_and(is_the_config) {
        let message = format!(
            "the base values set {VARIABLE} to {}, so the worker reads a config that is not checked",
            entry.describe()
        );
        let hint = format!("write {CONFIG}, or remove the variable");
        plan.report(elsewhere(connections, message).at(entry.place).hint(hint));
    }
}

/// Returns a finding on a config that is not the component's: an error where mutual TLS needs a
/// checked config, because an unchecked one may dial without the certificate.
fn elsewhere(connections: &Connections, message: String) -> Finding {
    let severity = if requires_check(connections) { Severity::Error } else { Severity::Warning };
    Finding { severity, ..codes::CONFIG_ELSEWHERE.finding(message) }
}

/// Returns whether the settings require a config that is checked.
fn requires_check(connections: &Connections) -> bool {
    connections.mtls.as_ref().is_some_and(|mtls| mtls.require_config)
}

/// Checks an existing ConfigMap that replaces the component's config.
fn check_config_map(
    plan: &mut Plan,
    values: &Document,
    cluster: &Document,
    chart: Chart,
    connections: &Connections,
) {
    let Some(name) = values.scalar(CONFIG_MAP).filter(|name| !name.is_empty()) else { return };
    let name = shorten(&name);
    let (severity, message, hint) = if chart == Chart::Two {
        let message =
            "a chart 2.x does not read nautobot.configCM, so the worker does not get that config";
        (Severity::Warning, message.to_owned(), Some(GIVE_CONFIG))
    } else if is_own(values, cluster) {
        let message = format!(
            "the chart mounts the component's config and ignores nautobot.configCM ({name})"
        );
        let hint = "remove nautobot.configCM, or the component's `config`";
        (Severity::Warning, message, Some(hint))
    } else if requires_check(connections) {
        let message = format!(
            "the worker's config is the ConfigMap {name}, which cannot be checked, and mutual TLS is on; a config that ignores its variables connects without a client certificate"
        );
        let hint = "give the component a `config` in the environment, or set connections.mtls.requireConfig to false";
        (Severity::Error, message, Some(hint))
    } else {
        let message = format!("the worker's config is the ConfigMap {name}, which is not checked");
        (Severity::Note, message, None)
    };
    let finding = Finding { severity, ..codes::CONFIG_MAP.finding(message) }.at(CONFIG_MAP);
    plan.report(match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    });
}

/// Returns whether the host reports if a component has a config. A host that names the release
/// does; without the name a missing config is not reported, as it may only be unknown.
fn names_configs(cluster: &Document) -> bool {
    cluster.scalar("/release/name").is_some()
}

/// Returns whether the component has a config, or the base values hold its text.
fn is_own(values: &Document, cluster: &Document) -> bool {
    let is_filled = |text: Option<String>| text.is_some_and(|text| !text.is_empty());
    cluster.scalar("/config/parameter").is_some_and(|parameter| parameter == "nautobot.config")
        || is_filled(values.scalar("/nautobot/config"))
}

/// Returns the ConfigMap that the chart mounts as the config; only 3.x knows the key.
fn config_map(values: &Document, chart: Chart) -> Option<String> {
    values.scalar(CONFIG_MAP).filter(|name| chart == Chart::Three && !name.is_empty())
}

#[cfg(test)]
mod tests;
