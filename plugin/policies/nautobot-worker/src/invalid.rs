//! Reports items of the base values' lists that Kubernetes refuses, although Helm renders them.
//!
//! The chart writes them with `toYaml` and `tpl` (celery-deployment.yaml of 2.5.9 and 3.1.1), so
//! a number stays a number. The rules are those of k8s.io/kubernetes, pkg/apis/core/validation, and
//! of the types of k8s.io/api/core/v1, into which server-side apply decodes an object.

mod containers;
mod labels;
mod mounts;
mod variables;

use std::collections::BTreeSet;

use policy_sdk::{Document, Kind, Plan};

use crate::codes;
use crate::lists::WorkerLists;
use crate::mounts::CHARTS_VOLUMES;
use crate::names::Rule;
use crate::pod::Pod;
use crate::short::shorten;

/// The most findings that are reported one by one; the host limits the size of a plan.
const MAX_REPORTED: usize = 20;

/// Reports items that Kubernetes refuses.
pub(crate) fn check_items(
    plan: &mut Plan,
    lists: &WorkerLists,
    pod: Pod<'_>,
    all_files_read: bool,
) {
    let mut invalid = InvalidItems { plan, count: 0 };
    let mut volumes: BTreeSet<&str> = lists.volumes.keys().collect();
    volumes.extend(CHARTS_VOLUMES);
    // A values file that the host cannot read may define the volume.
    let volumes = all_files_read.then_some(&volumes);
    let values = pod.values;
    variables::check_variables(&mut invalid, &values.at(lists.env.base_place()));
    mounts::check_volumes(&mut invalid, &values.at(lists.volumes.base_place()));
    for (_, number) in lists.mounts.base_items() {
        mounts::check_mount(&mut invalid, &values.at(&lists.mounts.item_place(number)), volumes);
    }
    containers::check_containers(&mut invalid, pod, volumes);
    labels::check_labels(&mut invalid, pod);
    invalid.report_rest();
}

/// The findings of this module, of which a plan gets the first [`MAX_REPORTED`].
struct InvalidItems<'p> {
    plan: &'p mut Plan,
    count: usize,
}

impl InvalidItems<'_> {
    /// Reports an item, or only adds to the count.
    fn add_finding(&mut self, place: String, message: String, hint: &str) {
        self.count += 1;
        if self.count <= MAX_REPORTED {
            self.plan.report(codes::INVALID.finding(message).at(place).hint(hint));
        }
    }

    /// Reports how many items [`Self::add_finding`] did not report.
    fn report_rest(self) {
        if self.count > MAX_REPORTED {
            let more = self.count - MAX_REPORTED;
            let message = format!("Kubernetes refuses {more} more items of the base values");
            self.plan.report(codes::INVALID.finding(message));
        }
    }

    /// Returns whether an item is a map, and reports one that is not.
    fn expect_map(&mut self, item: &Document, what: &str, keys: &str) -> bool {
        let kind = item.kind("");
        if kind == Kind::Mapping || is_template(item, "") {
            return kind == Kind::Mapping;
        }
        let message = format!("{what} must be a map with {keys}, found {}", kind_name(kind));
        self.add_finding(item.path(""), message, "write a map, or remove the item");
        false
    }

    /// Returns the name of an item, and reports one that is missing.
    fn expect_name(&mut self, item: &Document, what: &str) -> Option<String> {
        let name = item.scalar("/name").unwrap_or_default();
        let kind = item.kind("/name");
        if kind == Kind::Text && !name.is_empty() {
            return Some(name);
        }
        if matches!(kind, Kind::Missing | Kind::Null | Kind::Text) {
            let message = format!("{what} has no name; Kubernetes refuses it");
            self.add_finding(item.path(""), message, "give it a name, or remove it");
        } else {
            let message = format!(
                "the name of {what} must be a string, found {} ({})",
                kind_name(kind),
                shorten(&name)
            );
            self.add_finding(item.path("/name"), message, "put it in quotes");
        }
        None
    }

    /// Returns the name of an item, and reports one that is not a DNS label.
    fn expect_label(&mut self, item: &Document, what: &str) -> Option<String> {
        let name = self.expect_name(item, what)?;
        if !Rule::DnsLabel.accepts(&name) && !is_template(item, "/name") {
            let message = format!(
                "Kubernetes refuses the name \"{}\" of {what}: {}",
                shorten(&name),
                Rule::DnsLabel.requirement()
            );
            self.add_finding(item.path("/name"), message, "choose another name");
        }
        Some(name)
    }
}

/// Returns whether the chart renders a text as a template.
fn is_template(document: &Document, key: &str) -> bool {
    document.kind(key) == Kind::Text && document.scalar(key).is_some_and(|text| text.contains("{{"))
}

/// Returns the name of a kind for a message.
fn kind_name(kind: Kind) -> &'static str {
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
