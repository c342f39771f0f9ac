//! The edits as a tree of keys, in which overlapping edits meet.

use std::sync::Arc;

use indexmap::IndexMap;

use super::AttributedEdit;
use crate::codes;
use crate::disclosure::{may_be_secret_at, shown_json_clipped};
use crate::finding::Finding;
use crate::json;
use crate::origin::{Origin, PolicyOrigin};
use crate::policy::{Change, Edit};
use crate::value::{Mapping, Node, Value};

/// How much of a value a message shows, in characters.
const SHOWN: usize = 60;

/// The edits as a tree of keys.
enum Branch<'a> {
    Keys(IndexMap<String, Branch<'a>>),
    Leaf(AttributedEdit<'a>),
}

/// The edits of all policies so far.
pub(super) struct EditTree<'a>(Branch<'a>);

impl Default for EditTree<'_> {
    fn default() -> Self {
        Self(Branch::Keys(IndexMap::new()))
    }
}

impl<'a> EditTree<'a> {
    /// Adds an edit at the keys of its path; refuses one that overlaps with another.
    pub(super) fn insert(
        &mut self,
        attributed: AttributedEdit<'a>,
        keys: &[String],
    ) -> Result<(), Box<Finding>> {
        let mut branch = &mut self.0;
        for (depth, key) in keys.iter().enumerate() {
            let Branch::Keys(below) = branch else { return Err(overlap_error(branch, attributed)) };
            let last = depth + 1 == keys.len();
            branch = below.entry(key.clone()).or_insert_with(|| {
                if last { Branch::Leaf(attributed) } else { Branch::Keys(IndexMap::new()) }
            });
        }
        match branch {
            Branch::Leaf(other) if is_same_change(other.edit, attributed.edit) => Ok(()),
            _ => Err(overlap_error(branch, attributed)),
        }
    }

    /// Returns the edits as one values document.
    pub(super) fn into_node(self) -> Node {
        branch_to_node(self.0)
    }
}

fn is_same_change(one: &Edit, other: &Edit) -> bool {
    match (&one.change, &other.change) {
        (Change::Remove, Change::Remove) => true,
        (Change::Set(one), Change::Set(other)) => json::is_same(one, other),
        _ => false,
    }
}

/// Returns the error for two edits that exclude each other.
fn overlap_error(branch: &Branch<'_>, attributed: AttributedEdit<'_>) -> Box<Finding> {
    let mut first = branch;
    while let Branch::Keys(keys) = first {
        match keys.values().next() {
            Some(next) => first = next,
            None => break,
        }
    }
    let Branch::Leaf(other) = first else {
        return attributed.refusal(&codes::OVERLAY_PATH, "cannot be set");
    };
    let (code, what) = if other.policy == attributed.policy {
        (&codes::OVERLAY_OVERLAP, "overlap")
    } else {
        (&codes::OVERLAY_CONFLICT, "conflict")
    };
    Box::new(
        code.finding(format!(
            "two edits {what}: policy `{}` wants `{}` {} ({}); policy `{}` wants `{}` {} ({})",
            other.policy,
            other.edit.path,
            describe_change(other.edit),
            other.edit.reason,
            attributed.policy,
            attributed.edit.path,
            describe_change(attributed.edit),
            attributed.edit.reason,
        ))
        .on(attributed.edit.path.clone()),
    )
}

fn describe_change(edit: &Edit) -> String {
    match &edit.change {
        Change::Remove => "removed".to_owned(),
        Change::Set(value) => {
            let node = Node::built(value.clone(), "an edit");
            // Another edit may have the name beside the value.
            let secret = may_be_secret_at(&edit.path);
            format!("to be {}", shown_json_clipped(&node, secret, SHOWN))
        }
    }
}

/// Returns the tree as nodes; keys on the way to an edit belong to no policy.
fn branch_to_node(branch: Branch<'_>) -> Node {
    match branch {
        Branch::Keys(keys) => {
            let mapping: Mapping = keys
                .into_iter()
                .map(|(key, branch)| (Arc::from(key), branch_to_node(branch)))
                .collect();
            Node::built(Value::Mapping(Arc::new(mapping)), "the overlay")
        }
        Branch::Leaf(AttributedEdit { policy, edit }) => {
            let origin = Origin::Policy(Arc::new(PolicyOrigin {
                policy: policy.to_owned(),
                reason: edit.reason.clone(),
            }));
            match &edit.change {
                Change::Set(value) => with_origin(value, &origin),
                Change::Remove => Node { value: Value::Null, origin },
            }
        }
    }
}

/// Returns a value in which every part comes from one edit.
fn with_origin(value: &Value, origin: &Origin) -> Node {
    let value = match value {
        Value::Sequence(items) => Value::Sequence(Arc::new(
            items.iter().map(|node| with_origin(&node.value, origin)).collect(),
        )),
        Value::Mapping(mapping) => Value::Mapping(Arc::new(
            mapping
                .iter()
                .map(|(key, node)| (key.clone(), with_origin(&node.value, origin)))
                .collect(),
        )),
        scalar => scalar.clone(),
    };
    Node { value, origin: origin.clone() }
}
