//! Documents that the host keeps and a policy asks.
//!
//! Each call crosses the border, so a policy asks for what it needs: reading a whole
//! document as JSON and parsing it here would cost twenty times the rest of a call.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use crate::{BadRead, DocumentName, Kind, Source};

/// A read-only document, or a part of one. A null reads as if the key were not there.
#[derive(Clone)]
pub struct Document {
    name: DocumentName,
    source: Rc<dyn Source>,
    /// Where the part begins; empty for the whole.
    base: String,
}

impl Document {
    /// A document of that name; the host and the harness make them.
    pub fn new(name: DocumentName, source: impl Source + 'static) -> Self {
        Self { name, source: Rc::new(source), base: String::new() }
    }

    /// The part at a pointer, whether or not something is there: what it is asked for begins
    /// there, and a complaint still says where in the whole it is.
    ///
    /// ```
    /// # use policy_sdk::harness;
    /// # use serde_json::json;
    /// let request = harness::request(json!({"settings": {"database": {"host": 7}}}));
    /// let database = request.settings.at("/database");
    /// let complaint = database.text("/host").unwrap_err();
    /// assert_eq!(complaint.path, "/database/host");
    /// ```
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self { name: self.name, source: Rc::clone(&self.source), base: self.path(path) }
    }

    /// Where in the whole document a pointer of this part leads.
    pub fn path(&self, path: &str) -> String {
        [&*self.base, path].concat()
    }

    /// What is made of the map at a pointer, where there is one.
    pub fn section<T, E>(
        &self,
        path: &str,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let is_there = self.kind(path) == Kind::Mapping;
        is_there.then(|| read(&self.at(path))).transpose()
    }

    /// What stands there.
    pub fn kind(&self, path: &str) -> Kind {
        self.source.kind(&self.whole(path))
    }

    /// The value as JSON text, to pass on with [`crate::Json::Raw`].
    pub fn raw(&self, path: &str) -> Option<String> {
        self.source.get(&self.whole(path))
    }

    /// The keys of a mapping, in the order of the file; none for anything else.
    pub fn keys(&self, path: &str) -> Vec<String> {
        self.source.keys(&self.whole(path))
    }

    /// The length of a sequence or mapping; 0 for anything else.
    pub fn size(&self, path: &str) -> u32 {
        self.source.size(&self.whole(path))
    }

    /// A string, a number's digits, `true` or `false`, whatever the kind.
    pub fn scalar(&self, path: &str) -> Option<String> {
        self.source.text(&self.whole(path))
    }

    /// Whether this is the boolean `true`.
    pub fn is_true(&self, path: &str) -> bool {
        self.is_boolean(path, "true")
    }

    /// Whether this is the boolean `false`.
    pub fn is_false(&self, path: &str) -> bool {
        self.is_boolean(path, "false")
    }

    /// A string that has to be there.
    pub fn text(&self, path: &str) -> Result<String, BadRead> {
        self.optional_text(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    /// A string, or this one.
    pub fn text_or(&self, path: &str, default: &str) -> Result<String, BadRead> {
        Ok(self.optional_text(path)?.unwrap_or_else(|| default.to_owned()))
    }

    /// A string, if there is one.
    pub fn optional_text(&self, path: &str) -> Result<Option<String>, BadRead> {
        self.typed(path, Kind::Text)
    }

    /// A boolean, or this one.
    pub fn bool_or(&self, path: &str, default: bool) -> Result<bool, BadRead> {
        Ok(self.typed(path, Kind::Boolean)?.map_or(default, |text| text == "true"))
    }

    /// A whole number that has to be there.
    pub fn u64(&self, path: &str) -> Result<u64, BadRead> {
        self.optional_u64(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    /// A whole number, or this one.
    pub fn u64_or(&self, path: &str, default: u64) -> Result<u64, BadRead> {
        Ok(self.optional_u64(path)?.unwrap_or(default))
    }

    /// A whole number, if there is one.
    pub fn optional_u64(&self, path: &str) -> Result<Option<u64>, BadRead> {
        self.typed(path, Kind::Number)?
            .map(|digits| {
                digits
                    .parse()
                    .map_err(|_| self.bad(path, format!("is {digits}, must be a whole number")))
            })
            .transpose()
    }

    /// A list of strings; an absent one is empty.
    pub fn texts(&self, path: &str) -> Result<Vec<String>, BadRead> {
        (0..self.length(path)?).map(|index| self.text(&item(path, index))).collect()
    }

    /// A list of strings, or these.
    pub fn texts_or(&self, path: &str, default: &[&str]) -> Result<Vec<String>, BadRead> {
        match self.kind(path) {
            Kind::Missing | Kind::Null => Ok(default.iter().map(|&text| text.to_owned()).collect()),
            _ => self.texts(path),
        }
    }

    /// The items of a list, each as a part of this document; none for anything else.
    pub fn items(&self, path: &str) -> Vec<Self> {
        let count = if self.kind(path) == Kind::Sequence { self.size(path) } else { 0 };
        (0..count).map(|index| self.at(&item(path, index))).collect()
    }

    /// The items of a list as JSON text; an absent list is empty.
    pub fn raw_items(&self, path: &str) -> Result<Vec<String>, BadRead> {
        Ok((0..self.length(path)?).filter_map(|index| self.raw(&item(path, index))).collect())
    }

    /// A complaint about a value of this document.
    pub fn bad(&self, path: &str, message: impl Into<String>) -> BadRead {
        BadRead { document: self.name, path: self.path(path), message: message.into() }
    }

    fn whole<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if self.base.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(self.path(path)) }
    }

    fn is_boolean(&self, path: &str, word: &str) -> bool {
        self.kind(path) == Kind::Boolean && self.scalar(path).is_some_and(|text| text == word)
    }

    fn length(&self, path: &str) -> Result<u32, BadRead> {
        match self.kind(path) {
            Kind::Sequence => Ok(self.size(path)),
            Kind::Missing | Kind::Null => Ok(0),
            other => Err(self.wrong_kind(path, other, Kind::Sequence)),
        }
    }

    fn typed(&self, path: &str, wanted: Kind) -> Result<Option<String>, BadRead> {
        match self.kind(path) {
            Kind::Missing | Kind::Null => Ok(None),
            kind if kind == wanted => Ok(self.scalar(path)),
            other => Err(self.wrong_kind(path, other, wanted)),
        }
    }

    fn wrong_kind(&self, path: &str, found: Kind, wanted: Kind) -> BadRead {
        self.bad(path, format!("is {}, must be {}", describe(found), describe(wanted)))
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Document({:?}{})", self.name, self.base)
    }
}

fn item(path: &str, index: u32) -> String {
    let mut item = String::with_capacity(path.len() + 4);
    item.push_str(path);
    item.push('/');
    item.push_str(&index.to_string());
    item
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => "missing",
        Kind::Null => "null",
        Kind::Boolean => "a boolean (unquoted yes, no, on and off are booleans too)",
        Kind::Number => "a number",
        Kind::Text => "a string",
        Kind::Sequence => "a list",
        Kind::Mapping => "a map",
    }
}

#[cfg(test)]
mod tests;
