//! All that is wrong with a fleet, at once.

mod counterparts;
mod global;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::counterparts::Counterparts;
use crate::charts::Chart;
use crate::cluster;
use crate::codes;
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::profile::{self, SITE_LABEL};
use crate::request::{Request, Subject, Target};
use crate::tree::EntryKind;
use crate::value::{Node, escape};

/// Every finding on every profile, environment, policy and the lock, in a stable order.
pub fn check(fleet: &Fleet, chart: Option<&Arc<Chart>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    policies(fleet, &mut findings);
    environments(fleet, &mut findings);
    match fleet.sites(None) {
        Ok(names) => sites(fleet, &names, chart, &mut findings),
        Err(problems) => findings.extend(problems.0),
    }
    global::check(fleet, &mut findings);
    once(findings)
}

/// What several sites find about one line of one file is told once.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = std::collections::BTreeSet::new();
    findings
        .into_iter()
        .filter(|finding| seen.insert((finding.to_string(), finding.path.clone())))
        .collect()
}

fn policies(fleet: &Fleet, findings: &mut Vec<Finding>) {
    for name in fleet.lock.policies.keys() {
        findings.extend(fleet.policy(name, None).err().map(|finding| *finding));
    }
    let pinned = |path: &str| fleet.lock.policies.values().any(|pin| pin.path == path);
    for (name, kind) in fleet.world.tree.list("policies").unwrap_or_default() {
        let path = format!("policies/{name}");
        if kind == EntryKind::File && name.strip_suffix(".wasm").is_some() && !pinned(&path) {
            findings.push(
                codes::LOCK_UNPINNED
                    .finding(format!("{path} is not in the lock, so no site can use it"))
                    .hint("run `cmp policy lock`"),
            );
        }
    }
}

fn environments(fleet: &Fleet, findings: &mut Vec<Finding>) {
    let names = match fleet.environments() {
        Ok(names) => names,
        Err(problems) => return findings.extend(problems.0),
    };
    for name in names {
        match fleet.environment(&name, None) {
            Ok(environment) => {
                findings.extend(environment.warnings.iter().cloned());
                findings.extend(cluster::check(fleet, &format!("environments/{name}")));
                for component in environment.components.values() {
                    for (policy, settings) in &component.policies {
                        findings.extend(
                            fleet
                                .policy(policy, settings.origin.key_place())
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

fn sites(fleet: &Fleet, names: &[String], chart: Option<&Arc<Chart>>, findings: &mut Vec<Finding>) {
    let mut labels: BTreeMap<(Arc<str>, String), String> = BTreeMap::new();
    let mut counterparts = Counterparts::of(fleet);
    for name in names {
        findings.extend(cluster::check(fleet, &format!("sites/{name}")));
        let profile = match profile::of_site(fleet, name, None) {
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
                    codes::SITE_LABEL_SHARED.finding(format!("sites `{owner}` and `{name}` have one site label, `{text}`: their workers share a queue"))
                        .at(label.and_then(|node| node.origin.place())),
                );
            }
        }
        for component in profile.environment.components.keys() {
            match crate::render(fleet, &request(name, component, chart)) {
                Ok(rendered) => {
                    counterparts.look(&profile.environment, &rendered, findings);
                    findings.extend(rendered.findings);
                }
                Err(Problems(problems)) => findings.extend(problems),
            }
        }
    }
}

fn request(site: &str, component: &str, chart: Option<&Arc<Chart>>) -> Request {
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    Request::new(subject, Target::Application).with_component(component).with_chart(chart)
}
