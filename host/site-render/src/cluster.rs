//! The versions of a cluster: the snapshot in Git, and which source of versions takes effect.
//!
//! A chart that checks for an API which is not listed leaves out resources silently. So the
//! snapshot takes effect for every front door: it overrides the versions that Argo CD reports,
//! and a user's flags override it. A snapshot that is not valid is refused as a whole.

mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use snapshot::write;

use crate::charts::Cluster;
use crate::codes;
use crate::environments::Environments;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems};
use crate::gate::{self, Destination, Open};
use crate::profile::{self, site_names, unknown_site};
use crate::request::{Request, Subject, Target};

use snapshot::Snapshot;

/// The file of a snapshot, in the folder of a site or an environment.
pub const FILE: &str = "cluster.yaml";

/// The most APIs of a cluster, and the longest, in bytes: helm gets each on its command line,
/// which Linux limits to 2 MiB. Five times the largest cluster that we know.
pub const MOST_APIS: usize = 5_000;
const LONGEST_API: usize = 256;

/// The versions of a cluster that a render uses.
#[derive(Debug)]
pub(crate) struct Versions {
    /// The versions that charts and policies get.
    pub(crate) effective: Cluster,
    /// The part of them that is the same for every caller: a user's flags and the snapshot.
    pub(crate) pinned: Cluster,
}

/// Resolves the versions of a cluster; returns the snapshot's findings too.
pub(crate) fn resolve_versions(
    files: &FleetFiles,
    open: &Open,
    request: &Request,
) -> Result<(Versions, Vec<Finding>), Problems> {
    let folder = match open {
        Open::Site(site) => format!("sites/{}", site.name),
        Open::Fleet(all) => format!("environments/{}", all.environment.name),
    };
    let mut pinned = request.cluster.clone();
    let mut findings = Vec::new();
    if let Some(snapshot) = snapshot::read(files, &folder)? {
        // An Application is applied to the cluster of Argo CD, which may be another one than
        // the snapshot's.
        if request.target != Target::Application {
            findings.extend(stale_snapshot(&snapshot, &request.reported, &request.subject));
        }
        findings.extend(moved(&snapshot, open));
        findings.extend(snapshot.warnings);
        pinned = pinned.or(&snapshot.cluster);
    }
    let effective = pinned.clone().or(&request.reported);
    Ok((Versions { effective, pinned }, findings))
}

/// Returns the path of a subject's snapshot in its fleet, whether the file exists or not.
pub(crate) fn snapshot_path(
    environments: &Environments,
    subject: &Subject,
) -> Result<String, Problems> {
    let Subject::Environment { name } = subject else {
        let site = subject.site();
        if !site_names(environments, None)?.iter().any(|known| known == site) {
            return Err(unknown_site(&environments.files, site));
        }
        return Ok(format!("sites/{site}/{FILE}"));
    };
    environments.get(name, None)?;
    Ok(format!("environments/{name}/{FILE}"))
}

/// Returns the cluster that the profile of a site names; nothing for an environment.
pub(crate) fn destination(environments: &Environments, subject: &Subject) -> Option<Destination> {
    let profile = profile::of_site(environments, subject.site(), None).ok()?;
    gate::destination_of(&profile)
}

/// Returns the findings on the snapshot of a folder, whether its gate is open or not.
pub(crate) fn snapshot_findings(files: &FleetFiles, folder: &str) -> Vec<Finding> {
    match snapshot::read(files, folder) {
        Ok(snapshot) => snapshot.map_or_else(Vec::new, |snapshot| snapshot.warnings),
        Err(problems) => problems.0,
    }
}

/// Parses a version of Kubernetes as a server reports it, and returns it without the `v`.
pub fn kube_version(text: &str) -> Option<&str> {
    let version = text.strip_prefix('v').unwrap_or(text);
    let (numbers, rest) = version
        .find(['-', '+'])
        .map_or((version, None), |at| (&version[..at], Some(&version[at + 1..])));
    let is_number = |part: &str| part.len() <= 9 && all_chars(part, |c| c.is_ascii_digit());
    let count = numbers.split('.').count();
    let is_named = |c: char| c.is_ascii_alphanumeric() || "-+.".contains(c);
    let is_sound = (2..=3).contains(&count)
        && numbers.split('.').all(is_number)
        && rest.is_none_or(|rest| rest.len() <= LONGEST_API && all_chars(rest, is_named));
    is_sound.then_some(version)
}

/// Returns whether a text is an API as Helm's `Capabilities.APIVersions` has it: `v1`, `apps/v1`,
/// `v1/Pod` or `apps/v1/Deployment`.
pub fn is_api(text: &str) -> bool {
    let is_part = |part: &str| all_chars(part, |c| c.is_ascii_alphanumeric() || "-.".contains(c));
    text.len() <= LONGEST_API && text.split('/').count() <= 3 && text.split('/').all(is_part)
}

/// Returns whether a text is not empty and each of its characters passes a test.
fn all_chars(text: &str, is: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is)
}

/// Returns an error if the snapshot is of another cluster than that of the site.
fn moved(snapshot: &Snapshot, open: &Open) -> Option<Finding> {
    let (Some(old), Open::Site(site)) = (&snapshot.destination, open) else { return None };
    if old.normalized() == site.destination.normalized() {
        return None;
    }
    let name = &site.name;
    let message = format!(
        "the snapshot of site `{name}` is of {old}, but the profile names {}; Argo CD deletes \
         nothing at the old cluster",
        site.destination,
    );
    let hint = format!(
        "to move the site, close its gate first and wait until Argo CD has pruned the workers; \
         then run `cmp cluster snapshot --site {name}` for the new cluster"
    );
    let key = ["cluster_server", "cluster_name"].iter().find_map(|key| site.body.get(key));
    let place = key.and_then(|node| node.origin.place());
    Some(codes::CLUSTER_MOVED.finding(message).at(place).hint(hint))
}

/// Warns where Argo CD reports other versions than the snapshot. An API that Argo CD does not
/// report may exist: it reports only what can be listed and watched.
fn stale_snapshot(snapshot: &Snapshot, reported: &Cluster, subject: &Subject) -> Option<Finding> {
    let ours = &snapshot.cluster;
    let mut differences = Vec::new();
    if let (Some(ours), Some(theirs)) = (&ours.kube_version, &reported.kube_version)
        && !is_same_version(ours, theirs)
    {
        differences.push(format!("it has Kubernetes {ours}, and Argo CD reports {theirs}"));
    }
    let known: BTreeSet<&str> = ours.api_versions.iter().map(String::as_str).collect();
    let mut new = reported.api_versions.iter().filter(|api| !known.contains(api.as_str()));
    if let Some(first) = new.next() {
        let more = match new.count() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        differences.push(format!("it lacks {first}{more}, which Argo CD reports"));
    }
    if differences.is_empty() {
        return None;
    }
    let whose = subject.label();
    let message = format!("the snapshot of {whose} is out of date: {}", differences.join("; "));
    let option = if subject.site().is_empty() { "environment" } else { "site" };
    let name = Some(subject.site()).filter(|site| !site.is_empty()).or(subject.environment());
    let hint = format!(
        "renders still use the snapshot; refresh it with `cmp cluster snapshot --{option} {}`",
        name.unwrap_or_default()
    );
    let finding = codes::CLUSTER_STALE.finding(message).hint(hint);
    Some(finding.at(snapshot.place.clone()))
}

/// Returns whether two versions of Kubernetes agree in the parts that both have: Argo CD
/// leaves out a vendor's suffix, and may leave out the patch.
fn is_same_version(one: &str, other: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').filter_map(|part| part.parse().ok()).collect()
    };
    numbers(one).iter().zip(&numbers(other)).all(|(one, other)| one == other)
}
