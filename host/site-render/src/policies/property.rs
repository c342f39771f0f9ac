//! A policy's settings schema as a tree of properties, with the keys and their types.
//!
//! This module reads names and types only; the validator decides whether a value is allowed.
//! A part of a schema that this module does not follow accepts anything.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// How many references in a row are followed.
const HOPS: usize = 8;

/// How deep properties of properties are listed, and how many at most: a policy's schema is
/// not trusted, and one that contains itself has no end.
const DEPTH: usize = 8;
const NAMES: usize = 1000;

/// How many choices are read, and how deep they may nest; beyond that anything is accepted.
const CHOICES: usize = 32;
const CHOICES_DEEP: usize = 2;

/// How many values of an `enum` are read; beyond that anything is accepted.
const VALUES: usize = 1000;

/// The schema that accepts any value.
static ANYTHING: Json = Json::Bool(true);

/// One property's schema, and the document that its references point into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property<'s> {
    whole: &'s Json,
    /// The schema as it is written: a title may be beside a reference.
    written: &'s Json,
    /// The schema that the reference names.
    schema: &'s Json,
}

impl<'s> Property<'s> {
    /// Returns the settings as a whole.
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

    /// Returns the property of that name, if the schema has one.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let listed = self.schema.get("properties").and_then(|listed| listed.get(key));
        let found = listed.or_else(|| match self.schema.get("additionalProperties") {
            Some(Json::Bool(false)) => None,
            // The validator matches keys with patterns.
            _ if self.schema.get("patternProperties").is_some() => Some(&ANYTHING),
            // A key that is allowed but not described would have no effect.
            None => (self.schema == &ANYTHING).then_some(&ANYTHING),
            Some(schema) => Some(schema),
        })?;
        Some(Self::of(self.whole, found))
    }

    /// Returns the properties that the schema lists, in its order.
    pub(crate) fn properties(self) -> impl Iterator<Item = (&'s str, Self)> {
        let listed = self.schema.get("properties").and_then(Json::as_object);
        listed
            .into_iter()
            .flat_map(Map::iter)
            .map(move |(key, schema)| (key.as_str(), Self::of(self.whole, schema)))
    }

    /// Returns the number of properties that the schema lists.
    pub(crate) fn property_count(self) -> usize {
        self.schema.get("properties").and_then(Json::as_object).map_or(0, Map::len)
    }

    /// Returns the schema of a list's items.
    pub(crate) fn items(self) -> Self {
        Self::of(self.whole, self.schema.get("items").unwrap_or(&ANYTHING))
    }

    /// Returns a keyword of the property's schema.
    pub(crate) fn keyword(self, key: &str) -> Option<&'s Json> {
        self.written.get(key).or_else(|| self.schema.get(key))
    }

    /// Returns whether the property accepts a type (`integer`, `string`).
    pub(crate) fn accepts(self, kind: &str) -> bool {
        self.kinds().is_none_or(|kinds| kinds.contains(kind))
    }

    /// Returns the types that the property accepts; nothing if it accepts any type.
    pub(crate) fn kinds(self) -> Option<BTreeSet<&'s str>> {
        schema_kinds(self.whole, self.schema, CHOICES_DEEP)
    }

    /// Returns every property below this one by its keys, each before its own properties.
    pub(crate) fn tree(self) -> Vec<(Vec<&'s str>, Self)> {
        let mut found = Vec::new();
        self.collect_below(&mut Vec::new(), &mut found);
        found
    }

    fn collect_below(self, path: &mut Vec<&'s str>, found: &mut Vec<(Vec<&'s str>, Self)>) {
        for (key, property) in self.properties() {
            // A key with a dot cannot be named by a dotted path.
            if found.len() >= NAMES || path.len() >= DEPTH {
                return;
            }
            if key.contains('.') {
                continue;
            }
            path.push(key);
            found.push((path.clone(), property));
            property.collect_below(path, found);
            path.pop();
        }
    }
}

fn schema_kinds<'s>(whole: &'s Json, schema: &'s Json, deep: usize) -> Option<BTreeSet<&'s str>> {
    let schema = Property::of(whole, schema).schema;
    match schema.get("type") {
        Some(Json::String(kind)) => return Some(BTreeSet::from([kind.as_str()])),
        Some(Json::Array(kinds)) => return Some(kinds.iter().filter_map(Json::as_str).collect()),
        _ => {}
    }
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return (values.len() <= VALUES).then(|| values.iter().map(kind_of).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([kind_of(value)]));
    }
    if schema.get("properties").is_some() {
        return Some(BTreeSet::from(["object"]));
    }
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"))?.as_array()?;
    let deep = deep.checked_sub(1).filter(|_| choices.len() <= CHOICES)?;
    let each = choices.iter().map(|choice| schema_kinds(whole, choice, deep));
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
