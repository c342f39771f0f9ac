//! Builders for the documents that the program writes itself.

use std::sync::Arc;

use crate::value::{Mapping, Node, Value};

/// The origin of these values.
const OURS: &str = "written by site-cmp";

/// Returns a mapping in this order.
pub(crate) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Node)>) -> Node {
    let mapping: Mapping = entries.into_iter().map(|(key, node)| (Arc::from(key), node)).collect();
    Node::built(Value::Mapping(Arc::new(mapping)), OURS)
}

/// Returns a list.
pub(crate) fn list(items: impl IntoIterator<Item = Node>) -> Node {
    Node::built(Value::Sequence(Arc::new(items.into_iter().collect())), OURS)
}

/// Returns a string.
pub(crate) fn text(text: impl AsRef<str>) -> Node {
    Node::built(Value::Text(Arc::from(text.as_ref())), OURS)
}

/// Returns a boolean.
pub(crate) fn boolean(value: bool) -> Node {
    Node::built(Value::Bool(value), OURS)
}
