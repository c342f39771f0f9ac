//! A policy's settings schema as a tree of properties: which keys there are, and of what
//! type each is.
//!
//! Only what names and types need is read here. Whether a value is allowed is the
//! validator's to say; a part of a schema that this module does not follow takes anything.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// How many references in a row are followed.
const HOPS: usize = 8;

/// How deep properties of properties are named, and how many at most: a policy's schema is
/// a stranger's, and one that contains itself has no end.
const DEPTH: usize = 8;
const NAMES: usize = 1000;

/// How many choices are looked at, and how many choices deep: more of them may be anything.
const CHOICES: usize = 32;
const CHOICES_DEEP: usize = 2;

/// The schema of a value that may be anything.
static ANYTHING: Json = Json::Bool(true);

/// One property's schema, and the document that its references point into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property<'s> {
    whole: &'s Json,
    /// As it is written: title and description may stand beside a reference.
    written: &'s Json,
    /// What the reference leads to.
    schema: &'s Json,
}

impl<'s> Property<'s> {
    /// The settings as a whole.
    pub(crate) fn top(whole: &'s Json) -> Self {
        Self::of(whole, whole)
    }

    fn of(whole: &'s Json, written: &'s Json) -> Self {
        let mut schema = written;
        for _ in 0..HOPS {
            let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { break };
            let target = reference.strip_prefix('#').and_then(|path| whole.pointer(path));
            schema = target.unwrap_or(&ANYTHING);
        }
        Self { whole, written, schema }
    }

    /// The property of that name, if the schema tells of one.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let listed = self.schema.get("properties").and_then(|listed| listed.get(key));
        let found = listed.or_else(|| match self.schema.get("additionalProperties") {
            Some(Json::Bool(false)) => None,
            // Which pattern a key matches, the validator knows.
            _ if self.schema.get("patternProperties").is_some() => Some(&ANYTHING),
            // A key that is merely not forbidden is read by nobody.
            None => (self.schema == &ANYTHING).then_some(&ANYTHING),
            Some(schema) => Some(schema),
        })?;
        Some(Self::of(self.whole, found))
    }

    /// The properties that the schema lists, in its order.
    pub(crate) fn listed(self) -> impl Iterator<Item = (&'s str, Self)> {
        let listed = self.schema.get("properties").and_then(Json::as_object);
        listed
            .into_iter()
            .flat_map(Map::iter)
            .map(move |(key, schema)| (key.as_str(), Self::of(self.whole, schema)))
    }

    /// The schema of a list's items.
    pub(crate) fn items(self) -> Self {
        Self::of(self.whole, self.schema.get("items").unwrap_or(&ANYTHING))
    }

    /// Something that the schema says about the property.
    pub(crate) fn says(self, key: &str) -> Option<&'s Json> {
        self.written.get(key).or_else(|| self.schema.get(key))
    }

    /// Whether a value of a type (`integer`, `string`) may stand there.
    pub(crate) fn takes(self, kind: &str) -> bool {
        self.kinds().is_none_or(|kinds| kinds.contains(kind))
    }

    /// The types that may stand there; none if any may.
    pub(crate) fn kinds(self) -> Option<BTreeSet<&'s str>> {
        kinds(self.whole, self.schema, CHOICES_DEEP)
    }

    /// Every property below this one, by its keys, each before its own properties.
    pub(crate) fn tree(self) -> Vec<(Vec<&'s str>, Self)> {
        let mut found = Vec::new();
        self.walk(&mut Vec::new(), &mut found);
        found
    }

    fn walk(self, path: &mut Vec<&'s str>, found: &mut Vec<(Vec<&'s str>, Self)>) {
        for (key, property) in self.listed() {
            // A key with a dot cannot be named by a dotted path.
            if found.len() >= NAMES || path.len() >= DEPTH || key.contains('.') {
                continue;
            }
            path.push(key);
            found.push((path.clone(), property));
            property.walk(path, found);
            path.pop();
        }
    }
}

fn kinds<'s>(whole: &'s Json, schema: &'s Json, deep: usize) -> Option<BTreeSet<&'s str>> {
    let schema = Property::of(whole, schema).schema;
    match schema.get("type") {
        Some(Json::String(kind)) => return Some(BTreeSet::from([kind.as_str()])),
        Some(Json::Array(kinds)) => return Some(kinds.iter().filter_map(Json::as_str).collect()),
        _ => {}
    }
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().map(kind_of).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([kind_of(value)]));
    }
    if schema.get("properties").is_some() {
        return Some(BTreeSet::from(["object"]));
    }
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"))?.as_array()?;
    let deep = deep.checked_sub(1).filter(|_| choices.len() <= CHOICES)?;
    let each = choices.iter().map(|choice| kinds(whole, choice, deep));
    each.collect::<Option<Vec<_>>>().map(|each| each.into_iter().flatten().collect())
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}
