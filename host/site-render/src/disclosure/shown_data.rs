//! Hides secrets in data for programs, which may be or contain JSON Schemas.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::known_values::KnownSecrets;
use super::marks::Marks;
use super::secret_nodes::is_unusual;
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

/// Keywords that hold names or a number of parts, which a schema may say of a secret too.
const NAMES: &[&str] = &["type", "format", "required", "$schema"];
const LENGTHS: &[&str] =
    &["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// Keywords that hold a name of the schema itself.
const ANCHORS: &[&str] = &["$anchor", "$dynamicAnchor"];

/// How often definitions that are secrets are searched for references to other ones.
const REFERENCES: usize = 8;

/// Hides secrets in data for programs: in each text, and in what a schema says about the values of
/// a property that is a secret. Keys and structure remain.
pub fn shown_data(data: &mut Json) {
    let found = hide_values(data);
    hide_words(data, &found.known());
}

/// Returns a text about a schema without what the schema says of secrets.
pub(crate) fn shown_of_schema(text: &str, schema: &Json) -> String {
    let found = hide_values(&mut schema.clone());
    let text = found.known().hide(text).into_owned();
    shown_lines(&text).into_owned()
}

/// Hides the secrets in data, and returns those of schemas.
fn hide_values(data: &mut Json) -> SchemaSecrets {
    let mut found = SchemaSecrets::default();
    let mut known = 0;
    for _ in 0..=REFERENCES {
        found.hide(data, false);
        if found.definitions.len() == known {
            break;
        }
        known = found.definitions.len();
    }
    found
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
    fn known(&self) -> KnownSecrets<'_> {
        let mut secrets = KnownSecrets::default();
        self.values.iter().for_each(|value| secrets.add(value));
        secrets
    }

    /// Hides the secrets in data; `secret` says whether it is the schema of a secret, or a part of
    /// it.
    fn hide(&mut self, data: &mut Json, secret: bool) {
        match data {
            Json::String(text) if !secret => {
                if let Cow::Owned(shown) = shown_lines(text) {
                    *text = shown;
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.hide(item, secret)),
            Json::Object(entries) => self.hide_entries(entries, secret),
            scalar if secret => self.hide_all(scalar),
            _ => {}
        }
    }

    /// Hides the secrets in the entries of a schema, or of other data.
    fn hide_entries(&mut self, entries: &mut Map<String, Json>, secret: bool) {
        let mut anchors = ANCHORS.iter().filter_map(|key| entries.get(*key)?.as_str());
        let secret = secret || anchors.any(|anchor| self.definitions.contains(anchor));
        // `if` may say that a name is that of a secret, and `then` what its value is.
        let condition = entries.get("if").and_then(|one| one.get("properties")?.as_object());
        let named = condition.map(Self::names).unwrap_or_default();
        for (key, child) in entries.iter_mut() {
            let then = matches!(&**key, "then" | "else").then(|| child.get_mut("properties"));
            if let Some(Some(Json::Object(schemas))) = then {
                self.hide_schemas(schemas, secret, named);
            }
            self.hide_entry(key, child, secret);
        }
    }

    fn hide_entry(&mut self, key: &str, child: &mut Json, secret: bool) {
        match (key, child) {
            (_, Json::Object(schemas)) if SCHEMAS.contains(&key) => {
                self.hide_schemas(schemas, secret, Marks::default());
            }
            ("$ref" | "$dynamicRef", child @ Json::String(_)) if secret => {
                let name = child.as_str().unwrap_or_default().rsplit(['/', '#']).next();
                self.definitions.extend(name.map(str::to_owned));
                self.hide(child, false);
            }
            (_, child) if secret && is_shown_of_secret(key, child) => self.hide(child, false),
            (_, child) if SCHEMA_VALUES.contains(&key) && secret => self.hide_all(child),
            (_, child) if SCHEMA_VALUES.contains(&key) || key.starts_with("x-") && !secret => {
                hide_in_value(child);
            }
            (_, child) => {
                // Only a mapping can be the schema of a key that names a secret.
                let below = (secret || child.is_object())
                    && Marks::default().is_secret(key, secret, has_properties(child));
                self.hide(child, secret || below);
            }
        }
    }

    /// Returns the marks of properties that have a value.
    fn names(schemas: &Map<String, Json>) -> Marks {
        let mut marks = Marks::default();
        for (key, schema) in schemas {
            let choices = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
            let names = [schema.get("const"), schema.get("default")].into_iter().flatten();
            names.chain(choices).for_each(|name| marks.add(key, name.as_str()));
        }
        marks
    }

    /// Hides the secrets in the schemas of properties, which may name each other's secrets.
    fn hide_schemas(&mut self, schemas: &mut Map<String, Json>, above: bool, named: Marks) {
        let marks = Self::names(schemas).or(named);
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

/// Returns whether a schema of a secret may say this: words about it, its type and its length.
fn is_shown_of_secret(key: &str, value: &Json) -> bool {
    let is_name = |text: &str| !text.is_empty() && !is_unusual(text);
    match value {
        Json::String(text) => WORDS.contains(&key) || NAMES.contains(&key) && is_name(text),
        Json::Number(_) => LENGTHS.contains(&key),
        Json::Array(names) if matches!(key, "type" | "required") => {
            names.iter().all(|name| name.as_str().is_some_and(is_name))
        }
        _ => false,
    }
}

fn has_properties(schema: &Json) -> bool {
    schema.get("properties").is_some()
}

/// Hides the values of secret keys in a value that is itself no secret.
fn hide_in_value(data: &mut Json) {
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
            json!({"properties": {"password": {"minimum": 918_273, "exclusiveMaximum": 918_273}}}),
            json!({"properties": {"password": {"x-default": "HIDE", "type": "HIDE12", "format": ["HIDE"]}}}),
            json!({"properties": {"password": {"enumDescriptions": ["HIDE"], "minLength": "HIDE"}}}),
            json!({"properties": {"password": {"defaultSnippets": [{"body": {"a": "HIDE"}}]}}}),
            json!({"properties": {"tokens": {"required": ["HIDE12"], "propertyNames": {"pattern": "HIDE"}}}}),
            json!({"properties": {"password": {"$ref": "#pw"}}, "$defs": {
                "a": {"$anchor": "pw", "const": "HIDE"}}}),
            json!({"if": {"properties": {"name": {"const": "DB_PASSWORD"}}},
                "then": {"properties": {"value": {"const": "HIDE"}}}}),
            json!({"x-config": [{"name": "DB_PASSWORD", "value": "HIDE"}], "x-a": {"password": "HIDE"}}),
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
            "password": {"type": "string", "format": "password", "title": "Password", "minLength": 8},
            "credentials": {"type": ["object", "null"], "required": ["user"], "maxProperties": 2},
            "existingSecret": {"default": "web-db", "pattern": "^[a-z]+$"},
            "secret": {"properties": {"name": {"default": "web-db", "$ref": "#/$defs/name"}}},
            "replicas": {"default": 2, "enum": [1, 2]},
        }, "$defs": {"name": {"const": "web-db"}}, "required": ["password"]});
        let mut shown = schema.clone();
        shown_data(&mut shown);
        assert_eq!(shown, schema);
    }
}
