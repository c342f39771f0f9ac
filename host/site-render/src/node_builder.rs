//! Building documents by hand.

use std::sync::Arc;

use crate::value::{Mapping, Node, Value};

/// Why a value that we write stands there.
const OURS: &str = "written by site-cmp";

/// A mapping, in the order given.
pub(crate) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Node)>) -> Node {
    let mapping: Mapping = entries.into_iter().map(|(key, node)| (Arc::from(key), node)).collect();
    Node::built(Value::Mapping(Arc::new(mapping)), OURS)
}

/// A list.
pub(crate) fn list(items: impl IntoIterator<Item = Node>) -> Node {
    Node::built(Value::Sequence(Arc::new(items.into_iter().collect())), OURS)
}

/// A string.
pub(crate) fn text(text: impl AsRef<str>) -> Node {
    Node::built(Value::Text(Arc::from(text.as_ref())), OURS)
}

/// A boolean.
pub(crate) fn boolean(value: bool) -> Node {
    Node::built(Value::Bool(value), OURS)
}
