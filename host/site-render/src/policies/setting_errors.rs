//! The errors of a settings schema, each at the line that is wrong.

use serde_json::Value as Json;

use super::property::Property;
use super::{nearest_node, nearest_place};
use crate::codes;
use crate::finding::{Finding, Severity, clip_text};
use crate::finding_list::FindingList;
use crate::schema::SchemaError;
use crate::suggestion::Suggester;
use crate::value::{Node, escape};

/// The longest name of a setting that a message shows, in characters.
const NAME: usize = 80;

const INSPECT: &str = "`cmp policy inspect` shows every setting and its type";

/// Returns the findings on the settings of a policy that its schema refuses.
pub(super) fn setting_findings(
    policy: &str,
    schema: &Json,
    settings: &Node,
    errors: Vec<SchemaError>,
) -> FindingList {
    let mut findings = FindingList::default();
    let suggester = Suggester::default();
    for error in errors {
        if error.unknown_keys.is_empty() {
            findings.push_with(Severity::Error, || wrong_value(policy, settings, error));
            continue;
        }
        let known: Vec<&str> =
            property_at(schema, &error.path).properties().map(|(key, _)| key).collect();
        for key in &error.unknown_keys {
            findings.push_with(Severity::Error, || {
                let near = suggester.nearest(key, known.len(), known.iter().copied());
                unknown_setting(policy, settings, &error.path, key, near)
            });
        }
    }
    findings
}

fn wrong_value(
    policy: &str,
    settings: &Node,
    SchemaError { path, message, .. }: SchemaError,
) -> Finding {
    codes::POLICY_SETTINGS
        .finding(format!(
            "settings of policy `{policy}`: {}{message}{}",
            path_prefix(&path),
            override_name(settings, &path)
        ))
        .at(nearest_place(settings, &path))
        .on(path)
        .hint(INSPECT)
}

/// Returns the error on a key that the policy does not read, at the line of the key: the mapping
/// around it may be from another file.
fn unknown_setting(
    policy: &str,
    settings: &Node,
    above: &str,
    key: &str,
    near: Option<&str>,
) -> Finding {
    let path = format!("{above}/{}", escape(key));
    let message = format!(
        "settings of policy `{policy}`: {}`{}` is not a setting{}",
        path_prefix(above),
        clip_text(key, NAME),
        override_name(settings, &path)
    );
    let finding =
        codes::POLICY_SETTINGS.finding(message).at(nearest_place(settings, &path)).on(path);
    finding.hint(near.map_or_else(|| INSPECT.to_owned(), |near| format!("did you mean `{near}`?")))
}

/// Returns the schema of the settings at a JSON Pointer.
fn property_at<'s>(schema: &'s Json, path: &str) -> Property<'s> {
    let keys = path.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    keys.fold(Property::top(schema), |property, key| match property.get(&key) {
        Some(below) => below,
        None => property.items(),
    })
}

fn path_prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

/// Returns the name of the override that set the value at a pointer, in parentheses, as a suffix
/// of a message. Returns an empty string for a value that comes from a file.
pub(super) fn override_name(node: &Node, path: &str) -> String {
    let name = nearest_node(node, path).and_then(|node| node.origin.override_name());
    name.map_or_else(String::new, |name| format!(" ({name})"))
}
