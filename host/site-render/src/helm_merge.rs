//! Merging values: Helm's rule for several `-f` files, and its rule for a chart's defaults.
//!
//! The two differ in what a null means, and mixing them up brings switched-off parts of
//! a chart back: among files a null is a value like any other; against the chart's
//! defaults it takes the default away (Helm 4.2, `coalesceValues`).

use std::sync::Arc;

use crate::value::{Mapping, Node, Value};

/// One layer of base values.
#[derive(Clone, Debug)]
pub struct ValuesLayer {
    /// What a user calls it: a file, a reference, `chart web 1.2.3`.
    pub name: String,
    /// Its values.
    pub values: Node,
}

/// `over` on top of `base` as Helm merges `-f` files: maps merge, all else replaces,
/// nulls are kept.
pub fn merge_files(base: &Node, over: &Node) -> Node {
    let (Value::Mapping(below), Value::Mapping(above)) = (&base.value, &over.value) else {
        return over.clone();
    };
    if below.is_empty() {
        return over.clone();
    }
    if above.is_empty() {
        return base.clone();
    }
    let mut merged = Mapping::clone(below);
    for (key, node) in &**above {
        match merged.get_mut(key) {
            Some(slot) => *slot = merge_files(slot, node),
            None => drop(merged.insert(key.clone(), node.clone())),
        }
    }
    Node { value: Value::Mapping(Arc::new(merged)), origin: base.origin.clone() }
}

/// What a chart's templates see: `user` values over the chart's own defaults.
///
/// A null of the user's takes the default away; at the top it goes in any case, deeper
/// it stays where the chart has nothing of that name.
pub fn coalesce_defaults(chart: &Node, user: &Node) -> Node {
    coalesce_at(chart, user, true)
}

fn coalesce_at(chart: &Node, user: &Node, top: bool) -> Node {
    let (Value::Mapping(defaults), Value::Mapping(set)) = (&chart.value, &user.value) else {
        return user.clone();
    };
    let mut merged = Mapping::with_capacity(defaults.len().max(set.len()));
    for (key, default) in &**defaults {
        match set.get(key) {
            None if is_null(default) => {}
            None => drop(merged.insert(key.clone(), default.clone())),
            Some(node) if !is_null(node) || (!top && is_null(default)) => {
                merged.insert(key.clone(), coalesce_at(default, node, false));
            }
            Some(_) => {}
        }
    }
    for (key, node) in &**set {
        let gone = defaults.contains_key(key) || (top && is_null(node));
        if !gone {
            merged.insert(key.clone(), node.clone());
        }
    }
    Node { value: Value::Mapping(Arc::new(merged)), origin: chart.origin.clone() }
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

#[cfg(test)]
mod tests;
