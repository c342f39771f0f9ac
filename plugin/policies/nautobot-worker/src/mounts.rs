//! Volumes and mounts of the base values, and those that hide what the worker needs.

use policy_sdk::{Document, Finding, Kind, Plan};

use crate::config_file::{self, CONFIG};
use crate::duty::Duty;
use crate::lists::WorkerLists;
use crate::pod::Pod;

/// Volumes of celery-deployment.yaml, 2.5.9 and 3.1.1; the last is in 3.x alone.
const CHARTS_VOLUMES: [&str; 3] = ["git-repos", "nautobot-config", "nautobot-config-custom"];
const GIT: &str = "/opt/nautobot/git";

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
pub(crate) fn volumes(lists: &WorkerLists) -> impl Iterator<Item = Volume> {
    lists.volumes.base().map(|(name, place)| Volume { name: name.to_owned(), place })
}

/// Returns the volume of that name.
pub(crate) fn volume(lists: &WorkerLists, name: &str) -> Option<Volume> {
    let place = lists.volumes.find(name)?;
    Some(Volume { name: name.to_owned(), place })
}

/// Returns the mount of the base values at that path.
pub(crate) fn mount_at(lists: &WorkerLists, path: &str) -> Option<Mount> {
    let path = plain(path);
    let (written, place) = lists.mounts.base().find(|(written, _)| plain(written) == path)?;
    Some(Mount { path: written.to_owned(), place })
}

/// Returns where the base values mount a whole volume.
pub(crate) fn mount_of(lists: &WorkerLists, pod: Pod<'_>, volume: &str) -> Option<String> {
    let value = |place: &str, key: &str| pod.values.scalar(&[place, key].concat());
    let (path, _) = lists.mounts.base().find(|(_, place)| {
        value(place, "/name").as_deref() == Some(volume)
            && value(place, "/subPath").is_none_or(|path| path.is_empty())
    })?;
    Some(plain(path))
}

/// Returns a path without needless slashes and dots.
pub(crate) fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.fold(String::new(), |all, part| all + "/" + part)
}

/// Returns whether a plain path is inside another.
pub(crate) fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Reports volumes and mounts that Kubernetes refuses, and those in the way of the worker's.
pub(crate) fn judge(
    plan: &mut Plan,
    lists: &WorkerLists,
    cluster: &Document,
    duty: Duty<'_>,
    certificate: Option<&str>,
) {
    let pod = duty.pod;
    let mut names: Vec<(&str, String)> = lists.volumes.base().collect();
    names.sort();
    for (index, (name, place)) in names.iter().enumerate() {
        let is_second = index
            .checked_sub(1)
            .and_then(|above| names.get(above))
            .is_some_and(|(above, _)| above == name && !name.is_empty());
        if is_second || CHARTS_VOLUMES.contains(name) {
            report_twice(plan, "volume", &["a volume ", name].concat(), place);
        }
    }
    let config = config_file::is_mounted(pod.values, cluster, duty.chart);
    let mut paths: Vec<(String, String)> =
        lists.mounts.base().map(|(path, place)| (plain(path), place)).collect();
    paths.sort();
    for (index, (path, place)) in paths.iter().enumerate() {
        let is_second = index
            .checked_sub(1)
            .and_then(|above| paths.get(above))
            .is_some_and(|(above, _)| above == path && !path.is_empty());
        if is_second || path == GIT || (config && path == CONFIG) {
            report_twice(plan, "mount", &["a mount at ", path].concat(), place);
        }
        if let Some(certificate) = certificate {
            report_in_the_way(plan, lists, pod, (path, place), certificate);
        }
        if config && path != CONFIG {
            report_in_the_way(plan, lists, pod, (path, place), CONFIG);
        }
    }
}

/// Kubernetes refuses a pod with two volumes of one name or two mounts at one path.
fn report_twice(plan: &mut Plan, what: &str, it: &str, place: &str) {
    let message = format!(
        "the worker's pod has {it} already, from the chart or the base values; Kubernetes refuses a second one"
    );
    plan.report(
        Finding::error(&["worker/", what].concat(), message)
            .at(place)
            .hint("remove it, or give it another name or path"),
    );
}

/// A mount over or under one that the worker needs. A runtime mounts the shorter path first,
/// and then has to make the longer one in it, which what cannot be written does not let it.
fn report_in_the_way(
    plan: &mut Plan,
    lists: &WorkerLists,
    pod: Pod<'_>,
    (path, place): (&str, &str),
    needed: &str,
) {
    let needed = plain(needed);
    let message = if is_inside(path, &needed) {
        format!(
            "the base values mount something at {path}, inside {needed}; it hides a part of what the worker needs"
        )
    } else if is_inside(&needed, path) && is_read_only(lists, pod, place) {
        format!(
            "the base values mount something that cannot be written at {path}, so the container may not start: {needed} has to be made in it"
        )
    } else {
        return;
    };
    plan.report(
        Finding::warning("worker/mount-order", message)
            .at([place, "/mountPath"].concat())
            .hint("mount it elsewhere"),
    );
}

fn is_read_only(lists: &WorkerLists, pod: Pod<'_>, place: &str) -> bool {
    if pod.values.is_true(&[place, "/readOnly"].concat()) {
        return true;
    }
    let name = pod.values.scalar(&[place, "/name"].concat()).unwrap_or_default();
    let Some(volume) = lists.volumes.find(&name) else { return false };
    ["/configMap", "/secret", "/projected", "/downwardAPI"]
        .iter()
        .any(|kind| pod.values.kind(&[&*volume, *kind].concat()) == Kind::Mapping)
}

#[cfg(test)]
mod tests;
