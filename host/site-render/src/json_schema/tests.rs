use serde_json::{Value as Json, json};

use super::builder::{Builder, Overrides};
use super::{of_file, settings};
use crate::keys::{self, Fallback, File, Kind, Table};

fn is_valid(schema: &Json, document: &Json) -> bool {
    jsonschema::options().build(schema).unwrap().is_valid(document)
}

/// Every example and default of a table is valid by its own schema.
fn check_values(file: &File, table: &'static Table) {
    let builder = Builder { file, overrides: Overrides::new() };
    for key in table.keys() {
        let schema = builder.key_schema(key);
        let shown = format!("{}: {}.{}", file.name, table.path, key.name);
        if !key.example.is_empty() {
            let example = &schema["examples"][0];
            assert!(!example.is_null(), "{shown} has an example that is not YAML");
            let is_complete = !matches!(key.kind, Kind::Mapping(_));
            assert!(!is_complete || is_valid(&schema, example), "{shown}: {example}");
        }
        if let Fallback::Value(_) = key.default {
            assert!(is_valid(&schema, &schema["default"]), "{shown}: {}", schema["default"]);
        }
        key.kind.table().into_iter().for_each(|below| check_values(file, below));
    }
}

#[test]
fn the_schemas_are_valid_and_so_are_their_examples() {
    for file in keys::FILES {
        assert!(jsonschema::meta::is_valid(&of_file(file)), "{}", file.name);
        check_values(file, file.table);
    }
}

#[test]
fn a_typo_is_not_valid() {
    let schema = of_file(&keys::CLUSTER);
    let good = json!({"kubeVersion": "1.33.4", "apiVersions": ["v1"]});
    assert!(is_valid(&schema, &good));
    for (key, value) in [
        ("kubeVersion", json!(1.33)),
        ("kubeVersion", Json::Null),
        ("kubVersion", json!("1.33.4")),
        ("kind", json!("Environment")),
        ("apiVersions", json!("v1")),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(!is_valid(&schema, &bad), "{bad}");
    }
}

#[test]
fn null_is_an_absent_key() {
    let schema = of_file(&keys::PROFILE);
    let document = json!({"environment": null, "site": {"enabled": null, "web": null}});
    assert!(is_valid(&schema, &document));
    let components = of_file(&keys::ENVIRONMENT)["properties"]["components"].clone();
    assert!(is_valid(&components, &json!({"web": null})));
}

#[test]
fn a_definition_of_settings_requires_nothing_but_of_items() {
    let own = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["required"],
        "additionalProperties": false,
        "properties": {
            "required": {"$ref": "#/$defs/name"},
            "queues": {"type": "array", "items": {"type": "object", "required": ["name"]}},
            "either": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        },
        "$defs": {"name": {"type": "string"}},
    });
    let document = json!({
        "$ref": "#/$defs/run",
        "$defs": {"run": settings::definition("run", &own)},
    });
    for good in [
        json!({}),
        json!(null),
        json!({"required": "a"}),
        json!({"queues": [{"name": "a"}]}),
        json!({"either": {"a": 1}}),
    ] {
        assert!(is_valid(&document, &good), "{good}");
    }
    for bad in [json!({"required": 1}), json!({"queues": [{}]}), json!({"other": 1})] {
        assert!(!is_valid(&document, &bad), "{bad}");
    }
}
