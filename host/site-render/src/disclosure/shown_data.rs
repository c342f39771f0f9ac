//! Hides secrets in data for programs, which may be or contain JSON Schemas.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::known_values::KnownSecrets;
use super::marks::Marks;
use super::shown_text::HIDDEN;
use super::shown_values::{shown_lines, shown_node};
use crate::json;
use crate::value::Node;

/// Keywords of JSON Schema that hold values.
const SCHEMA_VALUES: &[&str] = &["default", "const", "enum", "examples", "example"];

/// Keywords that hold a schema for each name.
const SCHEMAS: &[&str] =
    &["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// Keywords that hold words about a value.
const WORDS: &[&str] = &["title", "description", "$comment"];

/// How often definitions that are secrets are searched for references to other ones.
const REFERENCES: usize = 8;

/// Hides secrets in data for programs: in each text, and in what a schema says about the values of
/// a property that is a secret. Keys and structure remain.
pub fn shown_data(data: &mut Json) {
    let mut found = SchemaSecrets::default();
    let mut known = 0;
    for _ in 0..=REFERENCES {
        found.hide(data, false);
        if found.definitions.len() == known {
            break;
        }
        known = found.definitions.len();
    }
    let mut secrets = KnownSecrets::default();
    found.values.iter().for_each(|value| secrets.add(value));
    hide_words(data, &secrets);
}

/// The secrets of a schema.
#[derive(Default)]
struct SchemaSecrets {
    /// The texts that were hidden.
    values: BTreeSet<String>,
    /// The names of definitions that a secret property refers to.
    definitions: BTreeSet<String>,
}

impl SchemaSecrets {
    /// Hides the secrets in data; `secret` says whether it is the schema of a secret, or a part of
    /// it.
    fn hide(&mut self, data: &mut Json, secret: bool) {
        match data {
            Json::String(text) => {
                if let Cow::Owned(shown) = shown_lines(text) {
                    *text = shown;
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.hide(item, secret)),
            Json::Object(entries) => {
                for (key, child) in entries.iter_mut() {
                    self.hide_entry(key, child, secret);
                }
            }
            _ => {}
        }
    }

    fn hide_entry(&mut self, key: &str, child: &mut Json, secret: bool) {
        match (key, child) {
            (_, Json::Object(schemas)) if SCHEMAS.contains(&key) => {
                self.hide_schemas(schemas, secret);
            }
            ("$ref", Json::String(name)) if secret => {
                let name = name.rsplit(['/', '#']).next().unwrap_or_default();
                self.definitions.insert(name.to_owned());
            }
            (_, child) if SCHEMA_VALUES.contains(&key) && secret => self.hide_all(child),
            ("pattern", child @ Json::String(_)) if secret => self.hide_all(child),
            (_, child) if SCHEMA_VALUES.contains(&key) => hide_entries(child),
            (_, child) => {
                let secret = Marks::default().is_secret(key, secret, has_properties(child));
                self.hide(child, secret);
            }
        }
    }

    /// Hides the secrets in the schemas of properties, which may name each other's secrets.
    fn hide_schemas(&mut self, schemas: &mut Map<String, Json>, above: bool) {
        let mut marks = Marks::default();
        for (key, schema) in &*schemas {
            let choices = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
            let names = [schema.get("const"), schema.get("default")].into_iter().flatten();
            names.chain(choices).for_each(|name| marks.add(key, name.as_str()));
        }
        for (key, schema) in schemas {
            let secret = marks.is_secret(key, above, has_properties(schema));
            self.hide(schema, secret || self.definitions.contains(key));
        }
    }

    fn hide_all(&mut self, data: &mut Json) {
        match data {
            Json::Array(items) => items.iter_mut().for_each(|item| self.hide_all(item)),
            Json::Object(entries) => entries.values_mut().for_each(|child| self.hide_all(child)),
            Json::Null | Json::Bool(_) => {}
            other => {
                let value = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                if value != HIDDEN {
                    self.values.insert(value);
                }
                *other = HIDDEN.into();
            }
        }
    }
}

fn has_properties(schema: &Json) -> bool {
    schema.get("properties").is_some()
}

/// Hides the values of secret keys in a value that is itself no secret.
fn hide_entries(data: &mut Json) {
    let why = "a value of a schema";
    let node = Node::built(json::from_serde(data, &crate::origin::Origin::Built(why)), why);
    *data = json::to_serde(&shown_node(&node, false));
}

/// Hides values in the words about them.
fn hide_words(data: &mut Json, secrets: &KnownSecrets<'_>) {
    match data {
        Json::Array(items) => items.iter_mut().for_each(|item| hide_words(item, secrets)),
        Json::Object(entries) => {
            for (key, child) in entries.iter_mut() {
                match child {
                    Json::String(text) if WORDS.contains(&key.as_str()) => {
                        if let Cow::Owned(shown) = secrets.hide(text) {
                            *text = shown;
                        }
                    }
                    child => hide_words(child, secrets),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shown_data;

    #[test]
    fn what_a_schema_says_of_a_secret_is_hidden() {
        for mut schema in [
            json!({"password": {"default": "HIDE", "enum": ["HIDE"]}}),
            json!({"properties": {"token": {"anyOf": [{"const": "HIDE"}, {"enum": ["HIDE"]}]}}}),
            json!({"properties": {"tokens": {"items": {"default": "HIDE"}}}}),
            json!({"properties": {"credentials": {"properties": {"user": {"default": "HIDE"}}}}}),
            json!({"properties": {"db": {"default": {"token": "HIDE"}}}}),
            json!({"default": {"db": [{"Name": "DB_PASSWORD", "Value": "HIDE"}]}}),
            json!({"examples": [{"kind": "Secret", "data": {"a": "HIDE"}}]}),
            json!({"properties": {"pwd": {"pattern": "^HIDE$", "oneOf": [{"examples": [["HIDE"]]}]}}}),
            json!({"properties": {"pwd": {"const": "HIDE", "title": "it is HIDE", "not": {"description": "HIDE"}}}}),
            json!({"properties": {"apiKey": {"$ref": "#/$defs/a"}}, "$defs": {
                "a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"const": "HIDE"}}}),
            json!({"properties": {"name": {"const": "DB_PASSWORD"}, "value": {"const": "HIDE"}}}),
            json!({"properties": {"password": {"const": 918_273, "description": "918273"}}}),
        ] {
            let before = schema.to_string();
            shown_data(&mut schema);
            let shown = schema.to_string();
            assert!(!shown.contains("HIDE") && !shown.contains("918273"), "{before}\n{shown}");
        }
    }

    #[test]
    fn what_a_schema_says_of_other_values_is_shown() {
        let schema = json!({"properties": {
            "password": {"type": "string", "title": "Password", "minLength": 8},
            "existingSecret": {"default": "web-db", "pattern": "^[a-z]+$"},
            "secret": {"properties": {"name": {"default": "web-db", "$ref": "#/$defs/name"}}},
            "replicas": {"default": 2, "enum": [1, 2]},
        }, "$defs": {"name": {"const": "web-db"}}, "required": ["password"]});
        let mut shown = schema.clone();
        shown_data(&mut shown);
        assert_eq!(shown, schema);
    }
}
