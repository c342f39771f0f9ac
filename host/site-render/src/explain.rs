//! Explains the origin of values: every layer that set one, in order.

use crate::codes;
use crate::fields::with_suggestion;
use crate::finding::Problems;
use crate::json;
use crate::origin::Location;
use crate::policy::{Answer, Change, Edit, Read};
use crate::rendered::{Outcome, Rendered, Trace};
use crate::value::{Node, Value, escape};

/// The history of one value.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The JSON Pointer of the value.
    pub path: String,
    /// The layers that set it, weakest first; the last one wins.
    pub steps: Vec<Step>,
    /// The values that the deciding policy has read.
    pub reads: Vec<ReadValue>,
}

/// A value that a policy has read.
#[derive(Clone, Debug)]
pub struct ReadValue {
    /// The document and path that was read.
    pub read: Read,
    /// The value, as JSON.
    pub value: String,
    /// The origin of the value: a place in a file, or a parameter.
    pub from: Option<String>,
}

/// One layer that set the value.
#[derive(Clone, Debug)]
pub struct Step {
    /// The layer: a file, a chart, a policy.
    pub layer: String,
    /// The value, as JSON; `None` if the layer removed the key.
    pub value: Option<String>,
    /// The place in the file, for a file.
    pub place: Option<Location>,
    /// The reason, for a policy.
    pub reason: Option<String>,
}

/// Explains one value, or without a path every value of the overlay.
///
/// A path is a JSON Pointer (`/worker/replicas`) or dotted (`worker.replicas`); the path of a
/// mapping explains every value in it. Reads are known only if the request sets `record_reads`.
///
/// # Errors
/// Returns an error if the gate is closed, or if there is no value at the path.
pub fn explain(rendered: &Rendered, path: Option<&str>) -> Result<Vec<Explanation>, Problems> {
    let Outcome::Open(trace) = &rendered.outcome else {
        return Err(codes::EXPLAIN_CLOSED
            .finding(format!(
                "component `{}` is disabled at site `{}` and has no values",
                rendered.component, rendered.site
            ))
            .into());
    };
    let mut paths = Vec::new();
    match path {
        None => collect_leaves(&trace.overlay, String::new(), &mut paths),
        Some(path) => {
            let path = to_pointer(path);
            let node = trace.merged.pointer(&path).ok_or_else(|| no_such_path(trace, &path))?;
            collect_leaves(node, path, &mut paths);
        }
    }
    Ok(paths.into_iter().map(|path| explain_path(trace, path)).collect())
}

/// Converts a dotted path to a pointer. A pointer is returned unchanged.
fn to_pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    path.split('.').map(|key| format!("/{}", escape(key))).collect()
}

/// Collects the pointers of all leaves below a node: everything except non-empty mappings.
pub(crate) fn collect_leaves(node: &Node, path: String, paths: &mut Vec<String>) {
    match &node.value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for (key, child) in &**mapping {
                collect_leaves(child, format!("{path}/{}", escape(key)), paths);
            }
        }
        _ => paths.push(path),
    }
}

/// Returns the error for a path without a value, with a suggestion.
fn no_such_path(trace: &Trace, path: &str) -> Problems {
    let mut known = Vec::new();
    collect_leaves(&trace.merged, String::new(), &mut known);
    let finding = codes::EXPLAIN_PATH.finding(format!("no value found at `{path}`"));
    with_suggestion(finding, path, known.iter().map(String::as_str)).into()
}

/// Returns the history of the value at a path.
fn explain_path(trace: &Trace, path: String) -> Explanation {
    let mut steps: Vec<Step> = trace
        .layers
        .iter()
        .filter_map(|layer| {
            let node = layer.values.pointer(&path)?;
            Some(Step {
                layer: layer.name.clone(),
                value: Some(json::to_string(&node.value)),
                place: node.origin.place(),
                reason: None,
            })
        })
        .collect();
    let mut reads = Vec::new();
    for answer in &trace.answers {
        for edit in answer.plan.edits.iter().filter(|edit| covers_path(edit, &path)) {
            steps.push(Step {
                layer: format!("policy {} {}", answer.policy, answer.version),
                value: match &edit.change {
                    Change::Remove => None,
                    Change::Set(_) => {
                        trace.overlay.pointer(&path).map(|node| json::to_string(&node.value))
                    }
                },
                place: None,
                reason: Some(edit.reason.clone()),
            });
            // The last edit wins, so only the reads of its policy explain the value.
            reads = read_values(answer);
        }
    }
    Explanation { path, steps, reads }
}

/// Returns whether an edit sets the value at a path, or a value around it.
fn covers_path(edit: &Edit, path: &str) -> bool {
    path.strip_prefix(edit.path.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the values and lists that a policy has read, each once. Reads of absent values and of a
/// mapping's keys have no value to show.
fn read_values(answer: &Answer) -> Vec<ReadValue> {
    let mut reads: Vec<ReadValue> = Vec::new();
    for read in &answer.reads {
        let node = answer.documents.named(read.document).pointer(&read.path);
        let shown =
            node.filter(|node| node.as_mapping().is_none() && !matches!(node.value, Value::Null));
        if let Some(node) = shown.filter(|_| !reads.iter().any(|known| known.read == *read)) {
            reads.push(ReadValue {
                read: read.clone(),
                value: json::to_string(&node.value),
                from: node.origin.describe(),
            });
        }
    }
    reads
}
