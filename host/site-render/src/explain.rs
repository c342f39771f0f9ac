//! Where values come from: every layer that had a say, in order.

use crate::codes;
use crate::fields::with_suggestion;
use crate::finding::Problems;
use crate::json;
use crate::origin::Place;
use crate::policy::{Answer, Change, Edit, Read};
use crate::rendered::{Outcome, Rendered, Trace};
use crate::value::{Node, Value, escape};

/// Why one value is what it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// JSON Pointer of the value.
    pub path: String,
    /// Who set it, weakest first; the last one won.
    pub steps: Vec<Step>,
    /// What the policy that set it had read to decide, with what it found there.
    pub reads: Vec<ReadValue>,
}

/// Something that a policy read.
#[derive(Clone, Debug)]
pub struct ReadValue {
    /// Where it looked.
    pub read: Read,
    /// What it found there, as JSON.
    pub value: String,
    /// Where that comes from: a place in a file, or who asked for it.
    pub from: Option<String>,
}

/// One layer's say.
#[derive(Clone, Debug)]
pub struct Step {
    /// The layer: a file, a chart, a policy.
    pub layer: String,
    /// The value it gave, as JSON; none where it took the key away.
    pub value: Option<String>,
    /// Where it stands, for a file.
    pub place: Option<Place>,
    /// Why, for a policy.
    pub reason: Option<String>,
}

/// Explains one value, or with no path every value of the overlay.
///
/// A path is a JSON Pointer (`/worker/replicas`) or dotted (`worker.replicas`); that of
/// a mapping explains every value in it. Ask for the render with `record_reads`, else no
/// reads are known.
///
/// # Errors
/// The gate is closed, or nothing is at that path.
pub fn explain(rendered: &Rendered, path: Option<&str>) -> Result<Vec<Explanation>, Problems> {
    let Outcome::Open(trace) = &rendered.outcome else {
        return Err(codes::EXPLAIN_CLOSED
            .finding(format!(
                "component `{}` is off at site `{}`: it has no values",
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

/// A dotted path as a pointer; a pointer as it is.
fn to_pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    path.split('.').map(|key| format!("/{}", escape(key))).collect()
}

/// Pointers of all that is no mapping (or an empty one) below a node.
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

fn no_such_path(trace: &Trace, path: &str) -> Problems {
    let mut known = Vec::new();
    collect_leaves(&trace.merged, String::new(), &mut known);
    let finding = codes::EXPLAIN_PATH.finding(format!("nothing is at `{path}`"));
    with_suggestion(finding, path, known.iter().map(String::as_str)).into()
}

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
            reads = read_values(answer);
        }
    }
    Explanation { path, steps, reads }
}

/// Whether an edit sets what is at a path: the path itself, or something around it.
fn covers_path(edit: &Edit, path: &str) -> bool {
    path.strip_prefix(edit.path.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a policy read, each place once, with what it found: values and lists. Where it
/// found nothing, or asked for the keys of a mapping, there is nothing to show.
fn read_values(answer: &Answer) -> Vec<ReadValue> {
    let mut reads: Vec<ReadValue> = Vec::new();
    for read in &answer.reads {
        let node = answer.documents.named(read.document).pointer(&read.path);
        let told =
            node.filter(|node| node.as_mapping().is_none() && !matches!(node.value, Value::Null));
        if let Some(node) = told.filter(|_| !reads.iter().any(|known| known.read == *read)) {
            reads.push(ReadValue {
                read: read.clone(),
                value: json::to_string(&node.value),
                from: node.origin.told(),
            });
        }
    }
    reads
}
