//! Volumes and mounts of the base values, and those that hide what the worker needs.

use std::collections::BTreeSet;

use policy_sdk::{Document, Finding, Kind, Plan};

use crate::config_file::{self, CONFIG};
use crate::duty::Duty;
use crate::lists::{NameMap, WorkerLists};
use crate::pod::Pod;
use crate::short::short;

/// Volumes of celery-deployment.yaml, 2.5.9 and 3.1.1; the last is in 3.x alone.
pub(crate) const CHARTS_VOLUMES: [&str; 3] =
    ["git-repos", "nautobot-config", "nautobot-config-custom"];
const GIT: &str = "/opt/nautobot/git";
/// The most findings of one kind.
const MOST_REPORTED: usize = 20;

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
    let volumes = &lists.volumes;
    volumes
        .base()
        .map(|(name, number)| Volume { name: name.to_owned(), place: volumes.place(number) })
}

/// Returns the volume of that name.
pub(crate) fn volume(lists: &WorkerLists, name: &str) -> Option<Volume> {
    let place = lists.volumes.find(name)?;
    Some(Volume { name: name.to_owned(), place })
}

/// Returns the mount of the base values at that path.
pub(crate) fn mount_at(lists: &WorkerLists, path: &str) -> Option<Mount> {
    let path = plain(path);
    let (written, number) = lists.mounts.base().find(|(written, _)| plain(written) == path)?;
    Some(Mount { path: written.to_owned(), place: lists.mounts.place(number) })
}

/// Returns where the base values mount a whole volume.
pub(crate) fn mount_of(lists: &WorkerLists, pod: Pod<'_>, volume: &str) -> Option<String> {
    let value = |place: &str, key: &str| pod.values.scalar(&[place, key].concat());
    let (path, _) = lists.mounts.base().find(|(_, number)| {
        let place = lists.mounts.place(*number);
        value(&place, "/name").as_deref() == Some(volume)
            && value(&place, "/subPath").is_none_or(|path| path.is_empty())
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
    let volumes = judge_volumes(plan, lists);
    let config = config_file::is_mounted(pod.values, cluster, duty.chart);
    let needed: Vec<String> =
        certificate.into_iter().chain(config.then_some(CONFIG)).map(plain).collect();
    let mut paths = BTreeSet::new();
    let mut reported = 0;
    for (written, number) in lists.mounts.base() {
        let path = plain(written);
        let is_charts = path == GIT || (config && path == CONFIG);
        let finding = if is_charts || paths.contains(&path) {
            Some(twice("mount", &["a mount at ", &short(written)].concat()))
        } else {
            needed
                .iter()
                .find_map(|needed| in_the_way(pod, lists, &volumes, (&path, number), needed))
        };
        if !written.is_empty() {
            paths.insert(path);
        }
        if let Some(finding) = finding.filter(|_| reported < MOST_REPORTED) {
            reported += 1;
            plan.report(finding.at([&lists.mounts.place(number), "/mountPath"].concat()));
        }
    }
}

/// Reports volumes that are there twice; returns the numbers of all by their names.
fn judge_volumes<'l>(plan: &mut Plan, lists: &'l WorkerLists) -> NameMap<'l> {
    let mut volumes = NameMap::default();
    let mut reported = 0;
    for (name, number) in lists.volumes.base() {
        let is_second = volumes.insert(name, number).is_some() && !name.is_empty();
        if (is_second || CHARTS_VOLUMES.contains(&name)) && reported < MOST_REPORTED {
            reported += 1;
            let finding = twice("volume", &["a volume ", &short(name)].concat());
            plan.report(finding.at([&lists.volumes.place(number), "/name"].concat()));
        }
    }
    volumes
}

/// Returns the finding on a second volume of one name or a second mount at one path, which
/// Kubernetes refuses.
fn twice(what: &str, it: &str) -> Finding {
    let message = format!(
        "the worker's pod has {it} already, from the chart or the base values; Kubernetes refuses a second one"
    );
    Finding::error(&["worker/", what].concat(), message)
        .hint("remove it, or give it another name or path")
}

/// Returns a finding on a mount over or under one that the worker needs. A runtime mounts the
/// shorter path first, and then has to make the longer one in it, which what cannot be written
/// does not let it.
fn in_the_way(
    pod: Pod<'_>,
    lists: &WorkerLists,
    volumes: &NameMap<'_>,
    (path, number): (&str, usize),
    needed: &str,
) -> Option<Finding> {
    let place = || lists.mounts.place(number);
    let message = if is_inside(path, needed) {
        format!(
            "the base values mount something at {}, inside {needed}; it hides a part of what the worker needs",
            short(path)
        )
    } else if is_inside(needed, path) && is_read_only(pod, lists, volumes, &place()) {
        format!(
            "the base values mount something that cannot be written at {path}, so the container may not start: {needed} has to be made in it"
        )
    } else {
        return None;
    };
    Some(Finding::warning("worker/mount-order", message).hint("mount it elsewhere"))
}

fn is_read_only(pod: Pod<'_>, lists: &WorkerLists, volumes: &NameMap<'_>, place: &str) -> bool {
    if pod.values.is_true(&[place, "/readOnly"].concat()) {
        return true;
    }
    let name = pod.values.scalar(&[place, "/name"].concat()).unwrap_or_default();
    let Some(volume) = volumes.get(&*name).map(|number| lists.volumes.place(*number)) else {
        return false;
    };
    ["/configMap", "/secret", "/projected", "/downwardAPI"]
        .iter()
        .any(|kind| pod.values.kind(&[&*volume, *kind].concat()) == Kind::Mapping)
}

#[cfg(test)]
mod tests;
