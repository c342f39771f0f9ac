//! The check of a whole fleet.

mod applications;
mod counterparts;
mod global;
mod ignored_files;
mod value_files;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::applications::Applications;
use self::counterparts::Counterparts;
use self::value_files::ValuesFiles;
use crate::charts::Chart;
use crate::cluster;
use crate::codes;
use crate::copies;
use crate::environment;
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::profile;
use crate::request::{Request, Subject, Target};
use crate::tree::EntryKind;
use crate::value::{Node, escape};
use crate::vocabulary::SITE_LABEL;

pub use self::value_files::SiteValuesFile;

/// The result of a check.
#[derive(Debug)]
pub struct FleetReport {
    /// The findings, in a stable order.
    pub findings: Vec<Finding>,
    /// How many sites the fleet has; 0 if they cannot be listed, which a finding says.
    pub sites: usize,
    /// The values files of the open sites.
    pub value_files: Vec<SiteValuesFile>,
}

/// Checks every profile, environment, policy and the lock.
pub fn check_fleet(fleet: &Fleet, chart: Option<&Arc<Chart>>) -> FleetReport {
    let mut findings = Vec::new();
    let mut value_files = ValuesFiles::default();
    check_policies(fleet, &mut findings);
    check_environments(fleet, &mut findings);
    let names = fleet.sites(None).unwrap_or_else(|problems| {
        findings.extend(problems.0);
        Vec::new()
    });
    check_sites(fleet, &names, chart, &mut value_files, &mut findings);
    value_files.report_unused(&mut findings);
    global::check_global_clusters(fleet, &mut findings);
    let findings = remove_duplicates(findings);
    FleetReport { findings, sites: names.len(), value_files: value_files.all }
}

/// Removes repeated findings: several sites report the same line of a shared file.
fn remove_duplicates(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = std::collections::BTreeSet::new();
    findings
        .into_iter()
        .filter(|finding| seen.insert((finding.to_string(), finding.path.clone())))
        .collect()
}

/// Loads every policy of the lock, and warns about those that it does not pin.
fn check_policies(fleet: &Fleet, findings: &mut Vec<Finding>) {
    for name in fleet.policies.lock.policies.keys() {
        findings.extend(fleet.policies.get(name, None).err().map(|finding| *finding));
    }
    let pinned: BTreeSet<&str> =
        fleet.policies.lock.policies.values().map(|pin| pin.path.as_str()).collect();
    for (name, kind) in fleet.files.tree().list("policies").unwrap_or_default() {
        let path = format!("policies/{name}");
        if kind != EntryKind::Folder
            && name.strip_suffix(".wasm").is_some()
            && !pinned.contains(path.as_str())
        {
            findings.push(
                codes::LOCK_UNPINNED
                    .finding(format!("{path} is not in the lock, so no site can use it"))
                    .hint("run `cmp policy lock`"),
            );
        }
    }
}

/// Reads every environment and its snapshot.
fn check_environments(fleet: &Fleet, findings: &mut Vec<Finding>) {
    let names = match fleet.environments() {
        Ok(names) => names,
        Err(problems) => return findings.extend(problems.0),
    };
    for name in names {
        match fleet.environments.get(&name, None) {
            Ok(environment) => {
                findings.extend(environment.warnings.iter().cloned());
                findings.extend(copies::check_copies(fleet, &environment));
                let folder = format!("environments/{name}");
                ignored_files::report_ignored(fleet, &folder, environment::FILES, findings);
                findings.extend(cluster::snapshot_findings(&fleet.files, &folder));
                for component in environment.components.values() {
                    for (policy, settings) in &component.policies {
                        findings.extend(
                            fleet
                                .policies
                                .get(policy, settings.origin.key_place())
                                .err()
                                .map(|finding| *finding),
                        );
                    }
                }
            }
            Err(problems) => findings.extend(problems.0),
        }
    }
}

/// Reads every profile and its snapshot, and renders every component.
fn check_sites(
    fleet: &Fleet,
    names: &[String],
    chart: Option<&Arc<Chart>>,
    value_files: &mut ValuesFiles,
    findings: &mut Vec<Finding>,
) {
    let mut labels: BTreeMap<(Arc<str>, String), String> = BTreeMap::new();
    let mut counterparts = Counterparts::new(&fleet.policies);
    let mut applications = Applications::default();
    for name in names {
        let folder = format!("sites/{name}");
        ignored_files::report_ignored(fleet, &folder, profile::FILES, findings);
        findings.extend(cluster::snapshot_findings(&fleet.files, &folder));
        let profile = match profile::of_site(&fleet.environments, name, None) {
            Ok(profile) => profile,
            Err(problems) => {
                findings.extend(problems.0);
                continue;
            }
        };
        let label = profile.body.pointer(&format!("/appLabels/{}", escape(SITE_LABEL)));
        if let Some(text) = label.and_then(Node::as_text) {
            let owner = labels
                .entry((profile.environment.name.clone(), text.to_owned()))
                .or_insert_with(|| name.clone());
            if owner != name {
                findings.push(
                    codes::SITE_LABEL_SHARED
                        .finding(format!(
                            "sites `{owner}` and `{name}` have the same site label, `{text}`"
                        ))
                        .at(label.and_then(|node| node.origin.place())),
                );
            }
        }
        for component in profile.environment.components.keys() {
            match crate::render(fleet, &site_request(name, component, chart)) {
                Ok(rendered) => {
                    counterparts.report_missing(&profile.environment, &rendered, findings);
                    applications.record(&profile, &rendered, findings);
                    value_files.record(&rendered);
                    findings.extend(rendered.findings);
                }
                Err(Problems(problems)) => findings.extend(problems),
            }
        }
    }
    applications.check_parents(names, findings);
}

fn site_request(site: &str, component: &str, chart: Option<&Arc<Chart>>) -> Request {
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    Request::new(subject, Target::Application).with_component(component).with_chart(chart)
}
