//! Read-only documents: the profile, values and settings that the host holds for a policy.
//!
//! Each read is a call into the host, so a policy reads only the values that it needs. Copying a
//! whole document as JSON and parsing it here costs twenty times the rest of a call.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use crate::{BadRead, DocumentName, Kind, Source};

/// A read-only document, or a part of one.
///
/// Every function takes a JSON Pointer (RFC 6901). A null reads as if the key were missing.
#[derive(Clone)]
pub struct Document {
    name: DocumentName,
    source: Rc<dyn Source>,
    /// The pointer to the part; empty for the whole document.
    base: String,
}

impl Document {
    /// Builds a document. The host and the harness call this; a policy gets its documents from
    /// the [`Request`](crate::Request).
    pub fn new(name: DocumentName, source: impl Source + 'static) -> Self {
        Self { name, source: Rc::new(source), base: String::new() }
    }

    /// Returns the part at a pointer, even if nothing is there. Reads are relative to the part,
    /// and an error still names the place in the whole document.
    ///
    /// ```
    /// # use policy_sdk::harness;
    /// # use serde_json::json;
    /// let request = harness::request(json!({"settings": {"database": {"host": 7}}}));
    /// let database = request.settings.at("/database");
    /// let bad = database.text("/host").unwrap_err();
    /// assert_eq!(bad.path, "/database/host");
    /// ```
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self { name: self.name, source: Rc::clone(&self.source), base: self.path(path) }
    }

    /// Returns the pointer into the whole document for a pointer into this part.
    pub fn path(&self, path: &str) -> String {
        [&*self.base, path].concat()
    }

    /// Reads the map at a pointer with a function. Returns nothing if there is no map.
    pub fn section<T, E>(
        &self,
        path: &str,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let is_there = self.kind(path) == Kind::Mapping;
        is_there.then(|| read(&self.at(path))).transpose()
    }

    /// Returns the kind of the value.
    pub fn kind(&self, path: &str) -> Kind {
        self.source.kind(&self.whole_path(path))
    }

    /// Returns the value as JSON text, to pass on with [`crate::Json::Raw`].
    pub fn raw(&self, path: &str) -> Option<String> {
        self.source.get(&self.whole_path(path))
    }

    /// Returns the keys of a map, in the order of the file; empty for any other kind.
    pub fn keys(&self, path: &str) -> Vec<String> {
        self.source.keys(&self.whole_path(path))
    }

    /// Returns the length of a list or map; 0 for any other kind.
    pub fn size(&self, path: &str) -> u32 {
        self.source.size(&self.whole_path(path))
    }

    /// Returns a scalar of any kind as text: a string, a number's digits, `true` or `false`.
    pub fn scalar(&self, path: &str) -> Option<String> {
        self.source.text(&self.whole_path(path))
    }

    /// Returns whether the value is the boolean `true`; the string `"true"` is not.
    pub fn is_true(&self, path: &str) -> bool {
        self.is_boolean(path, "true")
    }

    /// Returns whether the value is the boolean `false`; a missing value is not.
    pub fn is_false(&self, path: &str) -> bool {
        self.is_boolean(path, "false")
    }

    /// Returns a required string.
    pub fn text(&self, path: &str) -> Result<String, BadRead> {
        self.optional_text(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    /// Returns a string, or the default.
    pub fn text_or(&self, path: &str, default: &str) -> Result<String, BadRead> {
        Ok(self.optional_text(path)?.unwrap_or_else(|| default.to_owned()))
    }

    /// Returns a string, if there is one.
    pub fn optional_text(&self, path: &str) -> Result<Option<String>, BadRead> {
        self.read_scalar(path, Kind::Text)
    }

    /// Returns a boolean, or the default.
    pub fn bool_or(&self, path: &str, default: bool) -> Result<bool, BadRead> {
        Ok(self.read_scalar(path, Kind::Boolean)?.map_or(default, |text| text == "true"))
    }

    /// Returns a required whole number.
    pub fn u64(&self, path: &str) -> Result<u64, BadRead> {
        self.optional_u64(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    /// Returns a whole number, or the default.
    pub fn u64_or(&self, path: &str, default: u64) -> Result<u64, BadRead> {
        Ok(self.optional_u64(path)?.unwrap_or(default))
    }

    /// Returns a whole number, if there is one.
    pub fn optional_u64(&self, path: &str) -> Result<Option<u64>, BadRead> {
        self.read_scalar(path, Kind::Number)?
            .map(|digits| {
                digits
                    .parse()
                    .map_err(|_| self.bad(path, format!("is {digits}, must be a whole number")))
            })
            .transpose()
    }

    /// Returns a list of strings; a missing list is empty.
    pub fn texts(&self, path: &str) -> Result<Vec<String>, BadRead> {
        (0..self.list_length(path)?).map(|index| self.text(&item_path(path, index))).collect()
    }

    /// Returns a list of strings, or the default if the list is missing.
    pub fn texts_or(&self, path: &str, default: &[&str]) -> Result<Vec<String>, BadRead> {
        match self.kind(path) {
            Kind::Missing | Kind::Null => Ok(default.iter().map(|&text| text.to_owned()).collect()),
            _ => self.texts(path),
        }
    }

    /// Returns the items of a list, each as a part of this document; empty for any other kind.
    pub fn items(&self, path: &str) -> Vec<Self> {
        let count = if self.kind(path) == Kind::Sequence { self.size(path) } else { 0 };
        (0..count).map(|index| self.at(&item_path(path, index))).collect()
    }

    /// Returns the items of a list as JSON text; a missing list is empty.
    pub fn raw_items(&self, path: &str) -> Result<Vec<String>, BadRead> {
        Ok((0..self.list_length(path)?)
            .filter_map(|index| self.raw(&item_path(path, index)))
            .collect())
    }

    /// Returns an error about a value of this document.
    pub fn bad(&self, path: &str, message: impl Into<String>) -> BadRead {
        BadRead { document: self.name, path: self.path(path), message: message.into() }
    }

    fn whole_path<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if self.base.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(self.path(path)) }
    }

    fn is_boolean(&self, path: &str, word: &str) -> bool {
        self.kind(path) == Kind::Boolean && self.scalar(path).is_some_and(|text| text == word)
    }

    fn list_length(&self, path: &str) -> Result<u32, BadRead> {
        match self.kind(path) {
            Kind::Sequence => Ok(self.size(path)),
            Kind::Missing | Kind::Null => Ok(0),
            other => Err(self.kind_error(path, other, Kind::Sequence)),
        }
    }

    fn read_scalar(&self, path: &str, expected: Kind) -> Result<Option<String>, BadRead> {
        match self.kind(path) {
            Kind::Missing | Kind::Null => Ok(None),
            kind if kind == expected => Ok(self.scalar(path)),
            other => Err(self.kind_error(path, other, expected)),
        }
    }

    fn kind_error(&self, path: &str, found: Kind, expected: Kind) -> BadRead {
        self.bad(path, format!("is {}, must be {}", kind_label(found), kind_label(expected)))
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Document({:?}{})", self.name, self.base)
    }
}

fn item_path(path: &str, index: u32) -> String {
    let mut item = String::with_capacity(path.len() + 4);
    item.push_str(path);
    item.push('/');
    item.push_str(&index.to_string());
    item
}

fn kind_label(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => "missing",
        Kind::Null => "null",
        // Helm reads YAML 1.1, where an unquoted `on` is a boolean, which surprises its author.
        Kind::Boolean => "a boolean (unquoted yes, no, on and off are booleans too)",
        Kind::Number => "a number",
        Kind::Text => "a string",
        Kind::Sequence => "a list",
        Kind::Mapping => "a map",
    }
}

#[cfg(test)]
mod tests;
