//! Finds volumes and mounts of the base values, and reports those that hide a path of the worker.

use std::collections::BTreeSet;

use policy_sdk::{Code, Document, Finding, Kind, Plan};

use crate::codes;
use crate::config_file::{self, CONFIG};
use crate::context::WorkerContext;
use crate::lists::{NameMap, WorkerLists};
use crate::pod::Pod;
use crate::short::shorten;

/// The volumes of celery-deployment.yaml (2.5.9 and 3.1.1); the last exists only in 3.x.
pub(crate) const CHARTS_VOLUMES: [&str; 3] =
    ["git-repos", "nautobot-config", "nautobot-config-custom"];
const GIT: &str = "/opt/nautobot/git";
/// The most findings of one kind; the host limits the size of a plan.
const MAX_REPORTED: usize = 20;

/// A volume of the base values.
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) place: String,
}

/// A mount of the base values.
pub(crate) struct Mount {
    /// The path as it is written there.
    pub(crate) path: String,
    pub(crate) place: String,
}

/// Returns the volumes of the base values.
pub(crate) fn base_volumes(lists: &WorkerLists) -> impl Iterator<Item = Volume> {
    let volumes = &lists.volumes;
    volumes
        .base_items()
        .map(|(name, number)| Volume { name: name.to_owned(), place: volumes.item_place(number) })
}

/// Returns the volume of that name.
pub(crate) fn find_volume(lists: &WorkerLists, name: &str) -> Option<Volume> {
    let place = lists.volumes.find(name)?;
    Some(Volume { name: name.to_owned(), place })
}

/// Returns the mount of the base values at that path.
pub(crate) fn find_mount(lists: &WorkerLists, path: &str) -> Option<Mount> {
    let path = normalize_path(path);
    let (written, number) =
        lists.mounts.base_items().find(|(written, _)| normalize_path(written) == path)?;
    Some(Mount { path: written.to_owned(), place: lists.mounts.item_place(number) })
}

/// Returns the path at which the base values mount a whole volume.
pub(crate) fn find_mount_path(lists: &WorkerLists, pod: Pod<'_>, volume: &str) -> Option<String> {
    let value = |place: &str, key: &str| pod.values.scalar(&[place, key].concat());
    let (path, _) = lists.mounts.base_items().find(|(_, number)| {
        let place = lists.mounts.item_place(*number);
        value(&place, "/name").as_deref() == Some(volume)
            && value(&place, "/subPath").is_none_or(|path| path.is_empty())
    })?;
    Some(normalize_path(path))
}

/// Returns a path without redundant slashes and dots.
pub(crate) fn normalize_path(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.fold(String::new(), |all, part| all + "/" + part)
}

/// Returns whether a normalized path is inside another.
pub(crate) fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Reports volumes and mounts that Kubernetes refuses, and mounts that overlap the worker's.
pub(crate) fn check_mounts(
    plan: &mut Plan,
    lists: &WorkerLists,
    cluster: &Document,
    context: WorkerContext<'_>,
    certificate: Option<&str>,
) {
    let pod = context.pod;
    let volumes = check_volumes(plan, lists);
    let config = config_file::is_mounted(pod.values, cluster, context.chart);
    let needed: Vec<String> =
        certificate.into_iter().chain(config.then_some(CONFIG)).map(normalize_path).collect();
    let mut paths = BTreeSet::new();
    let mut reported = 0;
    for (written, number) in lists.mounts.base_items() {
        let path = normalize_path(written);
        let is_charts = path == GIT || (config && path == CONFIG);
        let finding = if is_charts || paths.contains(&path) {
            Some(duplicate_finding(&codes::MOUNT, &["a mount at ", &shorten(written)].concat()))
        } else {
            needed.iter().find_map(|needed| {
                mount_order_finding(pod, lists, &volumes, (&path, number), needed)
            })
        };
        if !written.is_empty() {
            paths.insert(path);
        }
        if let Some(finding) = finding.filter(|_| reported < MAX_REPORTED) {
            reported += 1;
            plan.report(finding.at([&lists.mounts.item_place(number), "/mountPath"].concat()));
        }
    }
}

/// Reports names of volumes that repeat, and returns the indexes of all volumes by name.
fn check_volumes<'l>(plan: &mut Plan, lists: &'l WorkerLists) -> NameMap<'l> {
    let mut volumes = NameMap::default();
    let mut reported = 0;
    for (name, number) in lists.volumes.base_items() {
        let is_second = volumes.insert(name, number).is_some() && !name.is_empty();
        if (is_second || CHARTS_VOLUMES.contains(&name)) && reported < MAX_REPORTED {
            reported += 1;
            let finding =
                duplicate_finding(&codes::VOLUME, &["a volume ", &shorten(name)].concat());
            plan.report(finding.at([&lists.volumes.item_place(number), "/name"].concat()));
        }
    }
    volumes
}

/// Returns the finding on a second volume of one name or a second mount at one path, which
/// Kubernetes refuses.
fn duplicate_finding(code: &Code, item: &str) -> Finding {
    let message = format!(
        "the worker's pod already has {item}, from the chart or the base values; Kubernetes refuses a second one"
    );
    code.finding(message).hint("remove it, or give it another name or path")
}

/// Returns a finding on a mount inside or above a path that the worker needs. A runtime mounts
/// the shorter path first and then creates the longer one in it, which fails on a read-only
/// mount.
fn mount_order_finding(
    pod: Pod<'_>,
    lists: &WorkerLists,
    volumes: &NameMap<'_>,
    (path, number): (&str, usize),
    needed: &str,
) -> Option<Finding> {
    let place = || lists.mounts.item_place(number);
    let message = if is_inside(path, needed) {
        format!(
            "the base values mount something at {}, inside {needed}; it hides a part of a path that the worker needs",
            shorten(path)
        )
    } else if is_inside(needed, path) && is_read_only(pod, lists, volumes, &place()) {
        format!(
            "the base values mount a read-only volume at {path}, so the container may not start: {needed} has to be created in it"
        )
    } else {
        return None;
    };
    Some(codes::MOUNT_ORDER.finding(message).hint("mount it elsewhere"))
}

/// Returns whether a mount cannot be written: by its own flag, or by the kind of its volume.
fn is_read_only(pod: Pod<'_>, lists: &WorkerLists, volumes: &NameMap<'_>, place: &str) -> bool {
    if pod.values.is_true(&[place, "/readOnly"].concat()) {
        return true;
    }
    let name = pod.values.scalar(&[place, "/name"].concat()).unwrap_or_default();
    let Some(volume) = volumes.get(&*name).map(|number| lists.volumes.item_place(*number)) else {
        return false;
    };
    ["/configMap", "/secret", "/projected", "/downwardAPI"]
        .iter()
        .any(|kind| pod.values.kind(&[&*volume, *kind].concat()) == Kind::Mapping)
}

#[cfg(test)]
mod tests;
