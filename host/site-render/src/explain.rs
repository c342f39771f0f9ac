//! Explains the origin of values: every layer that set one, in order.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes;
use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{is_secret_at, shown_json};
use crate::fields::{describe, with_suggestion};
use crate::finding::{Problems, clip_text};
use crate::origin::Location;
use crate::policy::{Answer, Change, Edit, Read};
use crate::rendered::{Outcome, Rendered, Trace};
use crate::value::{Node, Value, escape};

/// The paths of all values that one call explains, in bytes, and how much of one a message shows,
/// in characters.
const MAX_PATHS: usize = 16 << 20;
const SHOWN: usize = 80;

/// The history of one value.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The JSON Pointer of the value.
    pub path: String,
    /// The layers that set it, weakest first; the last one wins.
    pub steps: Vec<Step>,
    /// The values that the deciding policy has read.
    pub reads: Arc<[ReadValue]>,
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
    pub reason: Option<Arc<str>>,
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
    let paths = match path {
        None => leaf_paths(&trace.overlay, String::new())?,
        Some(path) => {
            let path = to_pointer(path);
            match trace.merged.pointer(&path) {
                Some(node) => leaf_paths(node, path)?,
                None if was_removed(trace, &path) => vec![path],
                None => return Err(no_such_path(trace, &path)),
            }
        }
    };
    let history = History::of(trace);
    Ok(paths.into_iter().map(|path| history.explain(path)).collect())
}

/// Converts a dotted path to a pointer. A pointer is returned unchanged.
fn to_pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    path.split('.').map(|key| format!("/{}", escape(key))).collect()
}

/// Calls a function with the pointer and the node of each leaf below a node: everything except
/// non-empty mappings.
pub(crate) fn visit_leaves<'n>(
    node: &'n Node,
    path: &mut String,
    visit: &mut dyn FnMut(&str, &'n Node),
) {
    match &node.value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for (key, child) in &**mapping {
                let length = path.len();
                path.push('/');
                path.push_str(&escape(key));
                visit_leaves(child, path, visit);
                path.truncate(length);
            }
        }
        _ => visit(path, node),
    }
}

/// Returns the pointers of all leaves below the node at a path.
fn leaf_paths(node: &Node, mut path: String) -> Result<Vec<String>, Problems> {
    let (mut paths, mut bytes) = (Vec::new(), 0);
    visit_leaves(node, &mut path, &mut |leaf, _| {
        bytes += leaf.len();
        if bytes <= MAX_PATHS {
            paths.push(leaf.to_owned());
        }
    });
    if bytes <= MAX_PATHS {
        return Ok(paths);
    }
    let message = format!("the paths below `{}` have {bytes} bytes", clip_text(&path, SHOWN));
    let hint = "explain a path with fewer values below it";
    Err(codes::EXPLAIN_PATH.finding(message).hint(hint).into())
}

/// Returns whether a layer had a value at a path that the merged values do not have.
fn was_removed(trace: &Trace, path: &str) -> bool {
    trace.layers.iter().any(|layer| layer.values.pointer(path).is_some())
}

/// Returns the value of a layer that stands where the path has a mapping, and its path.
fn value_above<'n, 'p>(values: &'n Node, path: &'p str) -> Option<(&'p str, &'n Node)> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
    let above = ends.filter_map(|end| Some((&path[..end], values.pointer(&path[..end])?)));
    above.into_iter().find(|(_, node)| node.as_mapping().is_none())
}

/// Returns the error for a path without a value, with a suggestion.
fn no_such_path(trace: &Trace, path: &str) -> Problems {
    // Without a list of all paths there is no suggestion.
    let known = leaf_paths(&trace.merged, String::new()).unwrap_or_default();
    let finding = codes::EXPLAIN_PATH.finding(format!("no value found at `{path}`"));
    with_suggestion(finding, path, known.iter().map(String::as_str)).into()
}

/// The layers and the edits of a render, by the paths that they set.
struct History<'t> {
    trace: &'t Trace,
    /// The edits by path, in order.
    edits: BTreeMap<&'t str, Vec<HistoricEdit<'t>>>,
    /// The secrets that policies may have copied.
    secrets: KnownSecrets<'t>,
    /// The values that each policy has read, once they are needed.
    reads: Vec<OnceCell<Arc<[ReadValue]>>>,
}

/// An edit of a policy.
#[derive(Clone)]
struct HistoricEdit<'t> {
    /// The number of the policy's answer.
    answer: usize,
    edit: &'t Edit,
    /// The reason, which all values of the edit share.
    reason: Arc<str>,
}

impl<'t> History<'t> {
    fn of(trace: &'t Trace) -> Self {
        let mut edits: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (answer, plan) in trace.answers.iter().map(|answer| &answer.plan).enumerate() {
            for edit in &plan.edits {
                let reason = Arc::from(edit.reason.as_str());
                let historic = HistoricEdit { answer, edit, reason };
                edits.entry(&edit.path).or_default().push(historic);
            }
        }
        let secrets = trace.secrets_in_overlay();
        Self { trace, edits, secrets, reads: vec![OnceCell::new(); trace.answers.len()] }
    }

    /// Returns the history of the value at a path.
    fn explain(&self, path: String) -> Explanation {
        let secret = self.is_secret(&path);
        let mut is_set = false;
        let layers = self.trace.layers.iter().filter_map(|layer| {
            let layer_name = || layer.name.clone();
            if let Some(node) = layer.values.pointer(&path) {
                is_set = true;
                let value = Some(shown_json(node, secret));
                return Some(Step {
                    layer: layer_name(),
                    value,
                    place: node.origin.place(),
                    reason: None,
                });
            }
            let (above, node) = value_above(&layer.values, &path).filter(|_| is_set)?;
            is_set = false;
            let reason = Some(Arc::from(format!("sets `{above}` to {}", describe(node))));
            Some(Step { layer: layer_name(), value: None, place: node.origin.place(), reason })
        });
        let edits = self.edits_of(&path);
        // The last edit wins, so only the reads of its policy explain the value.
        let reads = edits.last().map_or_else(Arc::default, |edit| self.reads_of(edit.answer));
        let edits = edits.iter().map(|edit| self.edit_step(edit, &path, secret));
        let steps = layers.chain(edits).collect();
        Explanation { path: self.secrets.hide(&path).into_owned(), steps, reads }
    }

    /// Returns whether the value at a path is a secret. One layer may have its value and another the
    /// name beside it.
    fn is_secret(&self, path: &str) -> bool {
        let Trace { layers, overlay, merged, .. } = self.trace;
        let layers = layers.iter().map(|layer| &layer.values);
        layers.chain([overlay, merged]).any(|document| is_secret_at(document, path))
    }

    /// Returns the edits that set the value at a path, or a value around it, in their order.
    fn edits_of(&self, path: &str) -> Vec<HistoricEdit<'t>> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let around = ends.filter_map(|end| self.edits.get(&path[..end]));
        let mut edits: Vec<_> = around.flatten().cloned().collect();
        edits.sort_by_key(|edit| edit.answer);
        edits
    }

    fn edit_step(&self, historic: &HistoricEdit<'_>, path: &str, secret: bool) -> Step {
        let HistoricEdit { answer, edit, reason } = historic;
        let answer = &self.trace.answers[*answer];
        let set = || {
            let node = self.secrets.hide_in_node(self.trace.overlay.pointer(path)?);
            Some(shown_json(&node, secret))
        };
        Step {
            layer: format!("policy {} {}", answer.policy, answer.version),
            value: match &edit.change {
                Change::Remove => None,
                Change::Set(_) => set(),
            },
            place: None,
            reason: Some(reason.clone()),
        }
    }

    fn reads_of(&self, index: usize) -> Arc<[ReadValue]> {
        self.reads[index]
            .get_or_init(|| read_values(&self.trace.answers[index], &self.secrets))
            .clone()
    }
}

/// Returns the values and lists that a policy has read, each once. Reads of absent values and of a
/// mapping's keys have no value to show.
fn read_values(answer: &Answer, secrets: &KnownSecrets<'_>) -> Arc<[ReadValue]> {
    let mut seen = BTreeSet::new();
    let reads = answer.reads.iter().filter(|read| seen.insert(*read));
    let shown = reads.filter_map(|read| {
        let document = answer.documents.named(read.document);
        let node = document.pointer(&read.path)?;
        let shown = node.as_mapping().is_none() && !matches!(node.value, Value::Null);
        shown.then(|| ReadValue {
            read: Read { document: read.document, path: secrets.hide(&read.path).into_owned() },
            value: shown_json(&secrets.hide_in_node(node), is_secret_at(document, &read.path)),
            from: node.origin.describe(),
        })
    });
    shown.collect()
}
