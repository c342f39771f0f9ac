use serde_json::{Map, Value as Json, json};

use super::{MAX_MESSAGE, MAX_VALUES, Schema, Validation};

/// Returns a schema of some definitions, each of which is twice the next one; `leaf` is the last.
fn doubled(keyword: &str, levels: usize, leaf: Json) -> Json {
    let mut definitions = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        let mut definition = Map::new();
        definition.insert(keyword.to_owned(), json!([next, next]));
        definitions.insert(format!("d{level}"), Json::Object(definition));
    }
    definitions.insert(format!("d{levels}"), leaf);
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

fn validate(schema: &Json, value: &Json) -> Validation {
    Schema::compile(schema).unwrap().validate(value, 20)
}

fn messages(verdict: Validation) -> Vec<String> {
    match verdict {
        Validation::Valid => Vec::new(),
        Validation::Invalid(errors) => {
            errors.into_iter().map(|error| format!("{}: {}", error.path, error.message)).collect()
        }
        Validation::TooExpensive => vec!["too expensive".to_owned()],
    }
}

#[test]
fn a_schema_that_doubles_itself_is_refused_before_it_runs() {
    for (keyword, leaf) in [("allOf", json!(true)), ("anyOf", json!(false)), ("oneOf", json!({}))] {
        let verdict = validate(&doubled(keyword, 60, leaf), &json!({"a": 1}));
        assert!(matches!(verdict, Validation::TooExpensive), "{keyword}");
    }
    for schema in [
        json!({"$ref": "#"}),
        json!({"$anchor": "a", "not": {"$ref": "#a"}}),
        json!({"$dynamicAnchor": "a", "allOf": [{"$dynamicRef": "#a"}]}),
    ] {
        let Ok(schema) = Schema::compile(&schema) else { continue };
        assert!(matches!(schema.validate(&json!(1), 20), Validation::TooExpensive));
    }
}

#[test]
fn schemas_of_children_multiply_too() {
    let twice = json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]});
    for schema in [
        json!({"properties": {"a": twice}}),
        json!({"patternProperties": {"^a$": twice}}),
        json!({"additionalProperties": twice}),
        json!({"unevaluatedProperties": twice}),
        json!({"if": {"required": ["a"]}, "then": {"properties": {"a": twice}}}),
    ] {
        let value = |depth| (0..depth).fold(json!({}), |below, _| json!({"a": below}));
        assert!(matches!(validate(&schema, &value(3)), Validation::Valid), "{schema}");
        assert!(matches!(validate(&schema, &value(60)), Validation::TooExpensive), "{schema}");
    }
}

#[test]
fn errors_are_not_collected_without_bound() {
    // Below the limit of steps, and far above that of errors.
    let schema = doubled("allOf", 16, json!({"type": "string"}));
    let found = messages(validate(&schema, &json!(1)));
    assert_eq!(found, [": 1 is not of type \"string\""]);
    // Each branch of a choice owns a copy of the list.
    let branch = json!({"type": "array", "minItems": 90_000});
    let schema = json!({"anyOf": [branch, branch, branch]});
    let found = messages(validate(&schema, &json!(vec![1; 80_000])));
    assert_eq!(found, [": it is not valid; the schema has too many choices to say where"]);
}

#[test]
fn honest_errors_name_their_place() {
    let item = json!({"type": "integer", "title": "A port", "description": "Its number."});
    let schema = json!({"type": "array", "items": item});
    let list = json!(vec!["x"; 20_000]);
    let found = messages(validate(&schema, &list));
    assert_eq!(found.len(), 20);
    assert_eq!(found[19], "/19: \"x\" is not of type \"integer\"");
}

#[test]
fn a_message_does_not_copy_a_long_value() {
    let long = "x".repeat(100_000);
    let found = messages(validate(&json!({"type": "integer"}), &json!(long)));
    assert_eq!(found, [": this text is not of type \"integer\""]);
    let options: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
    let found = messages(validate(&json!({"enum": options}), &json!("none")));
    assert!(found[0].len() < 2 * MAX_MESSAGE, "{}", found[0].len());
}

#[test]
fn a_regular_expression_has_a_size() {
    let large: Map<String, Json> =
        (0..200).map(|n| (format!(r"^\pL{{100}}{n}"), json!(true))).collect();
    let error = Schema::compile(&json!({"patternProperties": large})).err().unwrap();
    assert!(error.contains("regex"), "{error}");
    let honest: Map<String, Json> =
        (0..200).map(|n| (format!("^[a-z0-9]([-a-z0-9]*[a-z0-9])?{n}$"), json!(true))).collect();
    let schema = json!({"patternProperties": honest});
    assert!(messages(validate(&schema, &json!({"a-b7": 1}))).is_empty());
}

#[test]
fn a_regular_expression_that_goes_back_in_its_text_counts_more() {
    let text = json!(vec!["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"; 20_000]);
    let schema = json!({"items": {"pattern": r"^(?=(a+)+$)(a+)\1"}});
    assert!(matches!(validate(&schema, &text), Validation::TooExpensive));
    let schema = json!({"items": {"pattern": "^(?:a|b)+"}});
    assert!(matches!(validate(&schema, &text), Validation::Valid));
}

#[test]
fn a_schema_has_a_size() {
    let names: Map<String, Json> = (0..MAX_VALUES).map(|n| (n.to_string(), json!(true))).collect();
    let error = Schema::compile(&json!({"properties": names})).err().unwrap();
    assert!(error.contains("keys and values"), "{error}");
}

#[test]
fn a_long_chain_of_references_does_not_end_the_process() {
    let definitions: Map<String, Json> = (0..5_000)
        .map(|n| (format!("d{n}"), json!({"allOf": [{"$ref": format!("#/$defs/d{}", n + 1)}]})))
        .chain([("d5000".to_owned(), json!(true))])
        .collect();
    let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
    match Schema::compile(&schema) {
        Ok(schema) => assert!(matches!(schema.validate(&json!(1), 20), Validation::TooExpensive)),
        Err(error) => assert!(error.contains("nest"), "{error}"),
    }
}

#[test]
fn what_is_compiled_is_remembered_also_if_it_is_not_valid() {
    let one = json!({"title": "remembered", "type": "integer"});
    let first = Schema::compile(&one).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &Schema::compile(&one.clone()).unwrap()));
    let bad = json!({"title": "remembered", "type": 1});
    assert_eq!(Schema::compile(&bad).err(), Schema::compile(&bad).err());
    assert!(Schema::compile(&bad).is_err());
}

#[test]
fn an_invalid_schema_is_reported_without_what_it_says_of_a_secret() {
    let of_secret = |below: Json| json!({"properties": {"token": below}});
    for schema in [
        of_secret(json!({"pattern": "^HIDE(["})),
        of_secret(json!({"minLength": "HIDE"})),
        of_secret(json!({"type": "HIDE12"})),
        of_secret(json!({"items": {"required": {"a": "HIDE"}}})),
        json!({"$defs": {"a": {"pattern": "^HIDE(["}}, "properties": {"pwd": {"$ref": "#/$defs/a"}}}),
    ] {
        let error = Schema::compile(&schema).err().unwrap();
        assert!(!error.contains("HIDE") && error.contains("(at `/"), "{error}");
    }
    let error = Schema::compile(&json!({"properties": {"a": {"pattern": "(["}}})).err().unwrap();
    assert_eq!(error, "\"([\" is not a \"regex\" (at `/properties/a/pattern`)");
}

#[test]
fn ids_of_any_draft_do_not_move_references() {
    let plain = "http://json-schema.org/draft-04/schema#";
    let schema = json!({
        "$schema": plain,
        "definitions": {"a": {"type": "string"}},
        "properties": {"id": {"id": "http://other/", "$ref": "#/definitions/a"}},
    });
    assert_eq!(messages(validate(&schema, &json!({"id": 1}))).len(), 1);
}

#[test]
fn a_message_does_not_quote_what_a_schema_says_of_a_secret() {
    let secret = |below: Json| json!({"properties": {"token": below}});
    let pair = json!({"properties": {"db": {"properties": {"value": {"type": "integer"}}}}});
    for (schema, value) in [
        (secret(json!({"const": "HIDE"})), json!({"token": "x"})),
        (secret(json!({"enum": ["HIDE", 1]})), json!({"token": "x"})),
        (secret(json!({"pattern": "^HIDE$"})), json!({"token": "x"})),
        (secret(json!({"allOf": [{"const": "HIDE"}]})), json!({"token": "x"})),
        (secret(json!({"items": {"enum": ["HIDE"]}})), json!({"token": ["x"]})),
        (secret(json!({"not": {"const": "HIDE"}})), json!({"token": "HIDE"})),
        (json!({"const": {"token": "HIDE"}}), json!({})),
        (json!({"not": {"properties": {"pwd": {"const": "HIDE"}}}}), json!({"pwd": "HIDE"})),
        (pair, json!({"db": {"name": "DB_PASSWORD", "value": "HIDE"}})),
    ] {
        let messages = messages(validate(&schema, &value));
        assert!(!messages.is_empty() && !messages.concat().contains("HIDE"), "{messages:?}");
    }
    let lines = json!({"a": "user: u\npassword:\n  HIDE\n", "args": ["--password", "HIDE"]});
    let types = json!({"properties": {"a": {"type": "null"}, "args": {"items": {"const": 1}}}});
    let messages_of_lines = messages(validate(&types, &lines)).concat();
    assert!(!messages_of_lines.contains("HIDE"), "{messages_of_lines}");
    let verdict = validate(&json!({"properties": {"a": {"enum": ["x", "y"]}}}), &json!({"a": 1}));
    assert_eq!(messages(verdict), ["/a: 1 is not one of \"x\" or \"y\""]);
}
