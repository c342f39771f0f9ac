//! The overlay stage: combines the edits of all policies into one values document.
//!
//! Two policies that set different values at one path, or edits that overlap, have no right
//! order: they are refused, and the message has both reasons.

mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use tree::EditTree;

use crate::codes;
use crate::finding::{Code, Finding, Problems};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::json;
use crate::policy::{Answer, Change, Edit};
use crate::value::{Node, Value, unescape};

/// The deepest path an edit may have: that of a values file.
const MAX_DEPTH: usize = 100;

/// An edit and its policy.
#[derive(Clone, Copy)]
struct AttributedEdit<'a> {
    policy: &'a str,
    edit: &'a Edit,
}

/// Combines the edits of all policies into one values document.
pub(crate) fn combine_edits(answers: &[Answer], base: &Node) -> Result<Reported<Node>, Problems> {
    let mut tree = EditTree::default();
    let mut problems = FindingList::default();
    let mut findings = FindingList::default();
    // A policy may repeat an edit, but its effect is reported once.
    let mut reported = BTreeSet::new();
    for answer in answers {
        for edit in &answer.plan.edits {
            let attributed = AttributedEdit { policy: &answer.policy, edit };
            let done = path_keys(attributed).and_then(|keys| {
                let old = replaced_value(attributed, &keys, base)?;
                if matches!((&edit.change, old), (Change::Remove, None)) {
                    return Ok(());
                }
                if reported.insert((&answer.policy, &edit.path)) {
                    findings.extend(old.and_then(|old| replacement_finding(attributed, old)));
                }
                tree.insert(attributed, &keys)
            });
            problems.extend(done.err().map(|finding| *finding));
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(Reported::new(Reporter::Overlay, tree.into_node(), findings.into_vec()))
}

/// Returns the keys of an edit's path.
fn path_keys(attributed: AttributedEdit<'_>) -> Result<Vec<String>, Box<Finding>> {
    let path = &attributed.edit.path;
    let rest = match path.strip_prefix('/') {
        Some(rest) => rest,
        None if path.is_empty() => {
            return Err(attributed
                .refusal(&codes::OVERLAY_WHOLE_DOCUMENT, "would replace the whole document"));
        }
        None => return Err(attributed.refusal(&codes::OVERLAY_PATH, "is not a JSON Pointer")),
    };
    let tokens: Vec<&str> = rest.split('/').collect();
    let escapes = |token: &&str| token.replace("~0", "").replace("~1", "").contains('~');
    if tokens.len() > MAX_DEPTH || tokens.iter().any(escapes) {
        return Err(attributed.refusal(&codes::OVERLAY_PATH, "is not a valid JSON Pointer"));
    }
    Ok(tokens.into_iter().map(unescape).collect())
}

/// Returns the value of the base values that an edit replaces. An edit inside a list or below a
/// scalar is an error.
fn replaced_value<'b>(
    attributed: AttributedEdit<'_>,
    keys: &[String],
    base: &'b Node,
) -> Result<Option<&'b Node>, Box<Finding>> {
    let mut below = Some(base);
    for key in keys {
        below = match below.map(|node| &node.value) {
            None | Some(Value::Null) => None,
            Some(Value::Mapping(mapping)) => mapping.get(key.as_str()),
            Some(Value::Sequence(_)) => {
                return Err(attributed.refusal(
                    &codes::OVERLAY_IN_LIST,
                    "is inside a list; a list can only be replaced as a whole",
                ));
            }
            Some(_) => {
                return Err(attributed.refusal(
                    &codes::OVERLAY_UNDER_SCALAR,
                    "is below a value that is not a mapping",
                ));
            }
        };
    }
    Ok(below)
}

/// Returns the finding on an edit that removes a value or drops items of a list.
fn replacement_finding(attributed: AttributedEdit<'_>, old: &Node) -> Option<Finding> {
    match (&attributed.edit.change, &old.value) {
        (Change::Remove | Change::Set(Value::Null), _) => Some(
            codes::OVERLAY_NULL
                .finding(format!(
                    "policy `{}` removes `{}` with a null, which Helm versions handle differently",
                    attributed.policy, attributed.edit.path
                ))
                .on(attributed.edit.path.clone())
                .hint("set an explicit value to disable it"),
        ),
        (Change::Set(Value::Sequence(items)), Value::Sequence(old)) => {
            dropped_items(attributed, items, old)
        }
        _ => None,
    }
}

/// Returns a note if an edit replaces a list and drops some of its items.
fn dropped_items(attributed: AttributedEdit<'_>, items: &[Node], old: &[Node]) -> Option<Finding> {
    let kept: BTreeSet<String> = items.iter().map(|node| json::to_string(&node.value)).collect();
    let lost = old.iter().filter(|node| !kept.contains(&json::to_string(&node.value))).count();
    (lost > 0).then(|| {
        codes::OVERLAY_LIST_REPLACED
            .finding(format!(
                "policy `{}` replaces the list `{}` and drops {lost} of its {} items",
                attributed.policy,
                attributed.edit.path,
                old.len()
            ))
            .on(attributed.edit.path.clone())
    })
}

impl AttributedEdit<'_> {
    fn refusal(self, code: &'static Code, why: &str) -> Box<Finding> {
        let Self { policy, edit, .. } = self;
        let message =
            format!("policy `{policy}`: the edit of `{}` {why} ({})", edit.path, edit.reason);
        Box::new(code.finding(message).on(edit.path.clone()))
    }
}
