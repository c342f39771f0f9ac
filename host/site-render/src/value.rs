//! A document: a tree of values with their origins.
//!
//! Cloning is cheap, because sequences and mappings are shared. A merge copies only the path that
//! it changes, and a chart's defaults are parsed once for a whole fleet.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::origin::Origin;

/// A value and its origin.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The origin of the value.
    pub origin: Origin,
}

/// Keys and values in the order of the file.
pub type Mapping = IndexMap<Arc<str>, Node>;

/// A value in Helm's data model.
#[derive(Clone, Debug)]
pub enum Value {
    /// An explicit null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number as JSON text, with its original digits.
    Number(Arc<str>),
    /// A string.
    Text(Arc<str>),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// A map with text keys.
    Mapping(Arc<Mapping>),
}

/// The type of a value, named as in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Explicit null.
    Null,
    /// `true` or `false`.
    Boolean,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// A list.
    Sequence,
    /// A map.
    Mapping,
}

impl Value {
    /// Returns the type of the value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Sequence(_) => Kind::Sequence,
            Self::Mapping(_) => Kind::Mapping,
        }
    }
}

impl Node {
    /// Returns a node that comes from no file; `why` describes it.
    pub fn built(value: Value, why: &'static str) -> Self {
        Self { value, origin: Origin::Built(why) }
    }

    /// Returns an empty mapping.
    pub fn empty(why: &'static str) -> Self {
        Self::built(Value::Mapping(Arc::default()), why)
    }

    /// Returns the mapping, if the value is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// Returns the items, if the value is a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text, if the value is a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a scalar as the contract's `text` does: a string as it is, the digits of a number,
    /// `true` or `false`; `None` for null and for collections.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// Returns the keys of a mapping, in order; empty for any other value.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.as_mapping().into_iter().flat_map(Mapping::keys).map(AsRef::as_ref)
    }

    /// Returns the number of items of a sequence or mapping; 0 for any other value.
    pub fn len(&self) -> usize {
        match &self.value {
            Value::Sequence(items) => items.len(),
            Value::Mapping(mapping) => mapping.len(),
            _ => 0,
        }
    }

    /// Returns whether a sequence or mapping is empty; `true` for any other value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// Returns the value at a JSON Pointer (RFC 6901); `""` is the node itself.
    pub fn pointer(&self, path: &str) -> Option<&Node> {
        if path.is_empty() {
            return Some(self);
        }
        let mut node = self;
        for token in path.strip_prefix('/')?.split('/') {
            node = match &node.value {
                Value::Mapping(mapping) if token.contains('~') => {
                    mapping.get(unescape(token).as_str())?
                }
                Value::Mapping(mapping) => mapping.get(token)?,
                Value::Sequence(items) => items.get(sequence_index(token)?)?,
                _ => return None,
            };
        }
        Some(node)
    }
}

/// Returns the key that a pointer's token names.
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Returns a pointer in dotted form for people. A pointer with an empty key, or a key that
/// contains a dot, is returned unchanged.
pub fn dotted(pointer: &str) -> String {
    let Some(rest) = pointer.strip_prefix('/') else { return "(all)".to_owned() };
    let keys: Vec<String> = rest.split('/').map(unescape).collect();
    if keys.iter().any(|key| key.is_empty() || key.contains(['.', '/'])) {
        return pointer.to_owned();
    }
    keys.join(".")
}

/// Returns a key as a pointer's token.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Parses a token as an index: digits without a leading zero (RFC 6901, section 4).
fn sequence_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|b| b.is_ascii_digit())).then(|| token.parse().ok())?
}
