//! Marks of a mapping, which say about the values in it that they are secrets: the name of a variable,
//! or `kind: Secret`.

use serde_json::Value as Json;

use super::key_names::{Sensitivity, is_reference, names_secret, sensitivity};

/// Keys that hold the name of what is beside them, in any case: `{name: DB_PASSWORD, value: x}`.
const NAMES: &[&str] = &[
    "name",
    "key",
    "variable",
    "var",
    "env",
    "field",
    "option",
    "param",
    "parameter",
    "property",
    "header",
    "setting",
];

/// Keys that hold the value of a name beside them, in any case.
const VALUES: &[&str] = &[
    "value",
    "values",
    "val",
    "default",
    "literal",
    "stringvalue",
    "defaultvalue",
    "data",
    "content",
    "text",
    "string",
    "plaintext",
];

/// Keys of a Kubernetes Secret that hold its values.
pub(super) const OBJECT_DATA: &[&str] = &["data", "stringdata"];

/// How many entries of a mapping a pointer reads to find a name in any case: each of many pointers
/// may pass through one large mapping.
const BESIDE: usize = 64;

/// The usual spellings of names, which are found in a mapping of any size.
const USUAL_NAMES: &[&str] =
    &["name", "Name", "NAME", "key", "Key", "KEY", "kind", "Kind", "KIND", "variable", "env"];

pub(super) fn is_one_of(key: &str, list: &[&str]) -> bool {
    list.iter().any(|one| key.eq_ignore_ascii_case(one))
}

/// Returns whether a key holds the name of what is beside it.
pub(super) fn is_name_key(key: &str) -> bool {
    is_one_of(key, NAMES)
}

/// Returns whether a key holds the value of a name that may be beside it.
pub(super) fn is_value_key(key: &str) -> bool {
    is_one_of(key, VALUES)
}

/// A node of a document, in one of the forms that documents have.
pub(crate) trait DocumentNode: Sized {
    /// Returns the entries of a mapping; none for any other node.
    fn entries(&self) -> impl Iterator<Item = (&str, &Self)>;
    /// Returns the value of a key, or the item at an index.
    fn child(&self, key: &str) -> Option<&Self>;
    /// Returns the text of a string.
    fn text(&self) -> Option<&str>;
    /// Returns whether the node is a mapping.
    fn is_mapping(&self) -> bool;
}

impl DocumentNode for Json {
    fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.as_object().into_iter().flatten().map(|(key, child)| (key.as_str(), child))
    }

    fn child(&self, key: &str) -> Option<&Self> {
        self.get(key).or_else(|| self.get(key.parse::<usize>().ok()?))
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn is_mapping(&self) -> bool {
        self.is_object()
    }
}

/// The entries of a mapping that say something about the values beside them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// How likely its value is a secret, by the name beside it.
    named: Option<Sensitivity>,
    /// Whether it is a Kubernetes Secret.
    is_object: bool,
    /// Whether it says where an `ExternalSecret` finds a value: then `secretKey` is the name of the key
    /// that gets it.
    is_remote: bool,
}

impl Marks {
    /// Returns the marks of a mapping.
    pub(crate) fn of(node: &impl DocumentNode) -> Self {
        let mut marks = Self::default();
        node.entries().for_each(|(key, child)| marks.add(key, child.text()));
        marks
    }

    /// Returns the marks of a mapping that many pointers pass.
    pub(super) fn of_start(node: &impl DocumentNode) -> Self {
        let mut marks = Self::default();
        node.entries().take(BESIDE).for_each(|(key, child)| marks.add(key, child.text()));
        for key in USUAL_NAMES {
            marks.add(key, node.child(key).and_then(DocumentNode::text));
        }
        marks
    }

    /// Reads one entry.
    pub(super) fn add(&mut self, key: &str, text: Option<&str>) {
        self.is_remote |= key == "remoteRef";
        let Some(text) = text else { return };
        if key.eq_ignore_ascii_case("kind") {
            self.is_object |= text.trim().eq_ignore_ascii_case("secret");
        } else if is_name_key(key) && names_secret(text.trim()) {
            // Here a name that may mean a reference has its value beside it.
            let known = sensitivity(text.trim()).max(Sensitivity::Likely);
            self.named = self.named.max(Some(known));
        }
    }

    /// Returns the marks of two mappings that describe the same one.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            named: self.named.max(other.named),
            is_object: self.is_object || other.is_object,
            is_remote: self.is_remote || other.is_remote,
        }
    }

    /// Returns whether an entry of the mapping may be a secret although its key does not say so.
    pub(super) fn are_any(self) -> bool {
        self.named.is_some() || self.is_object
    }

    /// Returns whether the mapping is a Secret and a key of it holds its values.
    pub(crate) fn is_object_data(self, key: &str) -> bool {
        self.is_object && is_one_of(key, OBJECT_DATA)
    }

    /// Returns how likely the value of a key in the mapping is a secret.
    pub(crate) fn sensitivity(self, key: &str) -> Sensitivity {
        if self.is_remote && key == "secretKey" {
            return Sensitivity::Plain;
        }
        let beside = match self.named {
            Some(named) if is_value_key(key) => named,
            _ if self.is_object_data(key) => Sensitivity::Certain,
            _ => Sensitivity::Plain,
        };
        sensitivity(key).max(beside)
    }

    /// Returns whether the value of a key in the mapping is a secret; `above` says whether the
    /// mapping is one.
    pub(super) fn is_secret(self, key: &str, above: bool, is_mapping: bool) -> bool {
        if is_reference(key) {
            return false;
        }
        above
            || match self.sensitivity(key) {
                Sensitivity::Plain => false,
                // `secret: {secretName: x}` is a reference.
                Sensitivity::Ambiguous => !is_mapping,
                Sensitivity::Likely | Sensitivity::Certain => true,
            }
    }
}
