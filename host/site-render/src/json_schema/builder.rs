//! Builds the schema of a file from its tables of keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::json;
use crate::keys::{Fallback, File, Key, Kind, Table};
use crate::origin::SourceFile;
use crate::yaml;

/// The dialect of all schemas.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Schemas of mappings that depend on a fleet, by the path of their table. They replace the
/// schemas of the tables.
pub(super) type Overrides = BTreeMap<&'static str, Json>;

/// Returns the schema of a file, without the parts that depend on a fleet.
pub fn of_file(file: &File) -> Json {
    Builder { file, overrides: Overrides::new() }.document(Map::new())
}

/// Builds the schema of one file.
pub(super) struct Builder<'f> {
    pub(super) file: &'f File,
    pub(super) overrides: Overrides,
}

impl Builder<'_> {
    /// Returns the schema of the document, with definitions that its parts refer to.
    pub(super) fn document(&self, definitions: Map<String, Json>) -> Json {
        let mut schema = Map::from_iter([
            ("$schema".to_owned(), json!(DRAFT)),
            ("title".to_owned(), json!(self.file.title)),
            ("description".to_owned(), json!(self.file.about)),
        ]);
        schema.extend(self.table_keywords(self.file.table));
        if !definitions.is_empty() {
            schema.insert("$defs".to_owned(), Json::Object(definitions));
        }
        Json::Object(schema)
    }

    /// Returns the keywords of a mapping.
    pub(super) fn table_keywords(&self, table: &Table) -> Map<String, Json> {
        if let Some(Json::Object(replaced)) = self.overrides.get(table.path) {
            return replaced.clone();
        }
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        let (patterns, fixed): (Vec<&Key>, Vec<&Key>) =
            table.keys().partition(|key| key.is_pattern());
        let required: Vec<&str> =
            fixed.iter().filter(|key| key.is_required()).map(|key| key.name).collect();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        let properties: Map<_, _> =
            fixed.into_iter().map(|key| (key.name.to_owned(), self.key_schema(key))).collect();
        if !properties.is_empty() {
            schema.insert("properties".to_owned(), Json::Object(properties));
        }
        let (any_name, ends): (Vec<&Key>, Vec<&Key>) =
            patterns.into_iter().partition(|key| key.suffix().is_empty());
        let ends: Map<_, _> = ends
            .into_iter()
            .map(|key| (format!(".{}$", key.suffix()), self.key_schema(key)))
            .collect();
        if !ends.is_empty() {
            schema.insert("patternProperties".to_owned(), Json::Object(ends));
        }
        // Other programs read keys of an open mapping too, so nothing is known of the others.
        if !table.open {
            let others = any_name.first().map_or(json!(false), |key| self.key_schema(key));
            schema.insert("additionalProperties".to_owned(), others);
        }
        schema
    }

    /// Returns the schema of a key's value.
    pub(super) fn key_schema(&self, key: &Key) -> Json {
        let mut schema = Map::new();
        schema.insert("description".to_owned(), json!(description(key)));
        schema.extend(self.kind_keywords(key.kind));
        // An entry under a name that the user chooses can always be left out.
        if self.file.null_is_absent && (key.is_pattern() || !key.is_required()) {
            allow_null(&mut schema);
        }
        match key.default {
            Fallback::Value(default) => {
                schema.insert("default".to_owned(), parse_yaml(default));
            }
            Fallback::Number(default) | Fallback::Tiers(default, _) => {
                schema.insert("default".to_owned(), json!(default));
            }
            _ => {}
        }
        if !key.example.is_empty() {
            schema.insert("examples".to_owned(), json!([parse_yaml(key.example)]));
        }
        Json::Object(schema)
    }

    fn kind_keywords(&self, kind: Kind) -> Map<String, Json> {
        let keywords = match kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Choice(words) => json!({ "enum": words }),
            Kind::Literal(value) => json!({ "enum": [parse_yaml(value)] }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Number => json!({ "type": "integer", "minimum": 0 }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::TextOrTexts => {
                json!({ "type": ["string", "array"], "items": { "type": "string" } })
            }
            Kind::Free => json!({ "type": "object" }),
            Kind::Any => json!({}),
            Kind::Mapping(table) => Json::Object(self.table_keywords(table)),
        };
        match keywords {
            Json::Object(keywords) => keywords,
            _ => Map::new(),
        }
    }
}

/// Returns the meaning of a key, with the rule that derives its default.
fn description(key: &Key) -> String {
    let meaning = one_line(key.meaning);
    match key.default {
        Fallback::Rule(rule) => format!("{meaning} Default: {rule}."),
        Fallback::Inherited => {
            format!("{meaning} Required in the profile or in the environment's defaults.")
        }
        Fallback::Tiers(lean, wide) if lean != wide => {
            format!("{meaning} The default of the tier `wide` is {wide}.")
        }
        _ => meaning,
    }
}

/// Returns a text that may come from several lines of a doc comment as one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lets a schema accept null, unless it does already.
pub(super) fn allow_null(schema: &mut Map<String, Json>) {
    if let Some(Json::Array(values)) = schema.get_mut("enum") {
        values.push(Json::Null);
    }
    let types = match schema.get("type") {
        Some(Json::String(one)) => json!([one, "null"]),
        Some(Json::Array(several)) if !several.contains(&json!("null")) => {
            several.iter().cloned().chain([json!("null")]).collect()
        }
        _ => return,
    };
    schema.insert("type".to_owned(), types);
}

/// Parses a value of a table, which is YAML. A test checks that all of them are valid.
fn parse_yaml(value: &str) -> Json {
    let file = SourceFile::new("a table", value);
    yaml::read(&Arc::new(file)).map_or(Json::Null, |parsed| json::to_serde(&parsed.root))
}
