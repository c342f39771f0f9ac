//! A document: a tree of values, each of which knows its origin.
//!
//! Cloning is cheap (sequences and mappings are shared), so a merge copies only the
//! spine that it changes and a chart's defaults are parsed once for a whole fleet.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::origin::Origin;

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// Keys and values in the order of the file.
pub type Mapping = IndexMap<Arc<str>, Node>;

/// A value as Helm knows it.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, said explicitly.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as JSON text: its digits are kept as they are.
    Number(Arc<str>),
    /// A string.
    Text(Arc<str>),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// A map with text keys.
    Mapping(Arc<Mapping>),
}

/// The name of a value's kind, as in the contract.
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
    /// Its kind.
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
    /// A node without a file behind it.
    pub fn built(value: Value, why: &'static str) -> Self {
        Self { value, origin: Origin::Built(why) }
    }

    /// An empty mapping.
    pub fn empty(why: &'static str) -> Self {
        Self::built(Value::Mapping(Arc::default()), why)
    }

    /// The value's mapping, if it is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The value's items, if it is a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value's text, if it is a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as the contract's `text` gives it: a string as it is, a number's digits,
    /// `true` or `false`; nothing for null and for collections.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The keys of a mapping, in order; nothing for anything else.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.as_mapping().into_iter().flat_map(Mapping::keys).map(AsRef::as_ref)
    }

    /// How many items a sequence or mapping has; 0 for anything else.
    pub fn len(&self) -> usize {
        match &self.value {
            Value::Sequence(items) => items.len(),
            Value::Mapping(mapping) => mapping.len(),
            _ => 0,
        }
    }

    /// How many values it holds, itself included; one that stands in several places counts
    /// in each.
    pub fn count(&self) -> u64 {
        let below = |nodes: &mut dyn Iterator<Item = &Self>| nodes.map(Self::count).sum::<u64>();
        1 + match &self.value {
            Value::Sequence(items) => below(&mut items.iter()),
            Value::Mapping(mapping) => below(&mut mapping.values()),
            _ => 0,
        }
    }

    /// Whether a sequence or mapping has no items; true for anything else.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// The value at a JSON Pointer (RFC 6901); `""` is the node itself.
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

/// A pointer's token as the key it names.
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A pointer as people write it, with dots; as it is where a key has a dot or is empty.
pub fn dotted(pointer: &str) -> String {
    let Some(rest) = pointer.strip_prefix('/') else { return "(all)".to_owned() };
    let keys: Vec<String> = rest.split('/').map(unescape).collect();
    if keys.iter().any(|key| key.is_empty() || key.contains(['.', '/'])) {
        return pointer.to_owned();
    }
    keys.join(".")
}

/// A key as a pointer's token.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A token as an index: digits without a leading zero (RFC 6901 section 4).
fn sequence_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|b| b.is_ascii_digit())).then(|| token.parse().ok())?
}
