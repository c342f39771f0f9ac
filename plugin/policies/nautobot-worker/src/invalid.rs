//! Items of the base values' lists that Kubernetes refuses, which Helm renders all the same.
//!
//! The chart writes them with `toYaml` and `tpl` (celery-deployment.yaml of 2.5.9 and 3.1.1), so
//! a number stays a number. Rules are those of k8s.io/kubernetes, pkg/apis/core/validation, and of
//! the types of k8s.io/api/core/v1, into which server-side apply decodes an object.

mod containers;
mod labels;
mod mounts;
mod variables;

use std::collections::BTreeSet;

use policy_sdk::{Document, Finding, Kind, Plan};

use crate::lists::WorkerLists;
use crate::mounts::CHARTS_VOLUMES;
use crate::names::Rule;
use crate::pod::Pod;
use crate::short::short;

/// The most findings that are reported one by one.
const MOST_REPORTED: usize = 20;

/// Reports items that Kubernetes refuses.
pub(crate) fn judge(plan: &mut Plan, lists: &WorkerLists, pod: Pod<'_>, sees_all: bool) {
    let mut refused = Refused { plan, count: 0 };
    let mut volumes: BTreeSet<&str> = lists.volumes.keys().collect();
    volumes.extend(CHARTS_VOLUMES);
    // A values file that nobody here reads may bring a volume.
    let volumes = sees_all.then_some(&volumes);
    let values = pod.values;
    variables::judge(&mut refused, &values.at(lists.env.base_place()));
    mounts::judge_volumes(&mut refused, &values.at(lists.volumes.base_place()));
    for (_, number) in lists.mounts.base() {
        mounts::judge_mount(&mut refused, &values.at(&lists.mounts.place(number)), volumes);
    }
    containers::judge(&mut refused, pod, volumes);
    labels::judge(&mut refused, pod);
    refused.report_rest();
}

/// Findings of this module, of which a plan gets the first.
struct Refused<'p> {
    plan: &'p mut Plan,
    count: usize,
}

impl Refused<'_> {
    fn add(&mut self, place: String, message: String, hint: &str) {
        self.count += 1;
        if self.count <= MOST_REPORTED {
            self.plan.report(Finding::error("worker/invalid", message).at(place).hint(hint));
        }
    }

    fn report_rest(self) {
        if self.count > MOST_REPORTED {
            let more = self.count - MOST_REPORTED;
            let message = format!("Kubernetes refuses {more} more items of the base values");
            self.plan.report(Finding::error("worker/invalid", message));
        }
    }

    /// Returns whether an item is a map; one that is not is reported.
    fn is_map(&mut self, item: &Document, what: &str, keys: &str) -> bool {
        let kind = item.kind("");
        if kind == Kind::Mapping || is_template(item, "") {
            return kind == Kind::Mapping;
        }
        let message = format!("{what} has to be a map with {keys}, and this is {}", describe(kind));
        self.add(item.path(""), message, "write a map, or remove the item");
        false
    }

    /// Returns the name of an item; one that is missing is reported.
    fn name(&mut self, item: &Document, what: &str) -> Option<String> {
        let name = item.scalar("/name").unwrap_or_default();
        let kind = item.kind("/name");
        if kind == Kind::Text && !name.is_empty() {
            return Some(name);
        }
        if matches!(kind, Kind::Missing | Kind::Null | Kind::Text) {
            let message = format!("{what} has no name; Kubernetes refuses it");
            self.add(item.path(""), message, "give it a name, or remove it");
        } else {
            let message = format!(
                "the name of {what} is {} ({}); Kubernetes takes strings alone",
                describe(kind),
                short(&name)
            );
            self.add(item.path("/name"), message, "put it in quotes");
        }
        None
    }

    /// Returns a name that Kubernetes spells as a DNS label; one that is not is reported.
    fn label(&mut self, item: &Document, what: &str) -> Option<String> {
        let name = self.name(item, what)?;
        if !Rule::DnsLabel.takes(&name) && !is_template(item, "/name") {
            let message = format!(
                "Kubernetes refuses the name \"{}\" of {what}: {}",
                short(&name),
                Rule::DnsLabel.spelling()
            );
            self.add(item.path("/name"), message, "choose another name");
        }
        Some(name)
    }
}

/// Returns whether the chart renders a text as a template.
fn is_template(document: &Document, key: &str) -> bool {
    document.kind(key) == Kind::Text && document.scalar(key).is_some_and(|text| text.contains("{{"))
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => "missing",
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::Text => "a string",
        Kind::Sequence => "a list",
        Kind::Mapping => "a map",
    }
}

#[cfg(test)]
mod tests;
