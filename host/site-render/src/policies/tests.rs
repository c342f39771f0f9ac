use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::convert::convert_value;
use super::property::Property;
use crate::explain;
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::json::to_serde;
use crate::render;
use crate::rendered::Outcome;
use crate::request::Target;
use crate::setting::{RawValue, Settings};
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, named, request, text};

fn meant(schema: &Json, said: &RawValue) -> Result<Json, String> {
    convert_value(said, Property::top(schema))
}

fn list(items: &[&str]) -> RawValue {
    RawValue::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn map(entries: &[(&str, &str)]) -> RawValue {
    RawValue::Map(
        entries.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
    )
}

#[test]
fn a_text_is_what_the_schema_takes() {
    for (schema, said, wanted) in [
        (json!({"type": "integer"}), text("3"), json!(3)),
        (json!({"type": "integer"}), text("-9007199254740993"), json!(-9_007_199_254_740_993_i64)),
        (json!({"type": "number"}), text("0.5"), json!(0.5)),
        (json!({"type": "boolean"}), text("false"), json!(false)),
        (json!({"type": "string"}), text("3"), json!("3")),
        (json!({"type": "string"}), text(""), json!("")),
        (json!({"type": ["null", "integer"]}), text("null"), json!(null)),
        (json!({"type": ["string", "integer"]}), text("3"), json!("3")),
        (json!({"enum": [1, 2]}), text("2"), json!(2)),
        (json!({"const": true}), text("true"), json!(true)),
        (json!({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}), text("7"), json!(7)),
        (json!({}), text("[1]"), json!("[1]")),
        (json!({"type": "array"}), text(r#"[1, "a"]"#), json!([1, "a"])),
        (json!({"type": "object"}), text(r#"{"a": {"b": 1}}"#), json!({"a": {"b": 1}})),
        (json!({"type": "array", "items": {"type": "integer"}}), list(&["1", "2"]), json!([1, 2])),
        (json!({"type": "array"}), list(&[]), json!([])),
        (
            json!({"type": "object", "additionalProperties": {"type": "boolean"}}),
            map(&[("a", "true")]),
            json!({"a": true}),
        ),
        (
            json!({"properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}),
            map(&[("a", "1"), ("b", "1")]),
            json!({"a": 1, "b": "1"}),
        ),
        (
            json!({"$ref": "#/$defs/port", "$defs": {"port": {"type": "integer"}}}),
            text("5432"),
            json!(5432),
        ),
    ] {
        assert_eq!(meant(&schema, &said), Ok(wanted), "{schema} {said:?}");
    }
}

#[test]
fn what_the_schema_does_not_take_is_refused() {
    let flat = json!({"properties": {"name": {"type": "string"}}, "additionalProperties": false});
    for (schema, said, wanted) in [
        (json!({"type": "integer"}), text("many"), "an integer, not `many`"),
        (json!({"type": "integer"}), text("1.5"), "an integer, not `1.5`"),
        (json!({"type": "integer"}), text("1e9"), "an integer"),
        (json!({"type": "integer"}), text(" 1"), "an integer"),
        (json!({"type": "integer"}), text("0400"), "an integer"),
        (json!({"type": "integer"}), text(&"9".repeat(41)), "an integer"),
        (json!({"type": "number"}), text("1e999999999"), "a number"),
        (json!({"type": "number"}), text("NaN"), "a number"),
        (json!({"type": "boolean"}), text("yes"), "true or false, not `yes`"),
        (json!({"type": "array"}), text("{}"), "a list, not `{}`"),
        (json!({"type": "array"}), text("[1"), "a list, as JSON"),
        (json!({"type": "object"}), text("a=b"), "a map, as JSON"),
        (json!({"type": "array", "items": {"type": "integer"}}), list(&["1", "x"]), "item 2"),
        (json!({"type": "string"}), list(&["a"]), "a string, not a list"),
        (json!({"type": "array"}), map(&[]), "a list, not a map"),
        (flat, map(&[("nam", "x")]), "no `nam`; did you mean `name`"),
    ] {
        let wrong = meant(&schema, &said).unwrap_err();
        assert!(wrong.contains(wanted), "{schema} {said:?}: {wrong}");
        assert!(wrong.len() < 120, "{wrong}");
    }
    let deep = format!("{}{}", "[".repeat(9999), "]".repeat(9999));
    assert!(meant(&json!({"type": "array"}), &text(&deep)).is_err());
}

#[test]
fn a_schema_that_contains_itself_has_an_end() {
    let itself = json!({"$ref": "#"});
    assert!(Property::top(&itself).tree().is_empty());
    assert!(Property::top(&itself).get("a").is_none());
    let inside = json!({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}});
    let tree = Property::top(&inside).tree();
    assert!(tree.len() <= 1000 && tree.iter().all(|(path, _)| path.len() <= 8));
    let choice = json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]});
    assert!(Property::top(&choice).accepts("string"));
    // A hundred choices, each of a hundred choices, and so on, would never be counted.
    let mut many = json!({"type": "integer"});
    let mut defs = serde_json::Map::new();
    for level in 0..8 {
        defs.insert(format!("l{level}"), many);
        many = json!({"anyOf": vec![json!({"$ref": format!("#/$defs/l{level}")}); 30]});
    }
    many["$defs"] = Json::Object(defs);
    assert!(Property::top(&many).accepts("string"));
    let away = json!({"$ref": "https://example.net/schema"});
    assert!(Property::top(&away).accepts("array"));
}

/// A policy with settings of several types.
fn schema() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "replicas": {"type": "integer", "maximum": 10},
            "queues": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "apiToken": {"type": "integer"},
            "link": {"properties": {"hostName": {"type": "string"}, "port": {"type": "integer"}}},
            "tree": {"$ref": "#/$defs/tree"},
        },
        "$defs": {"tree": {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}},
    })
}

fn ours(policies: &[(&str, Json)]) -> Fleet {
    let each = policies
        .iter()
        .map(|(name, _)| format!("      {name}: {{replicas: 1, labels: {{from: environment}}}}\n"));
    let environment = format!("{ENVIRONMENT}    policies:\n{}", each.collect::<String>());
    let profile = format!("{PROFILE}    policies: {{run: {{queues: [a], link: {{port: 1}}}}}}\n");
    fleet(&environment, &profile, policies)
}

/// What the policies of a fleet mirror.
fn seen(settings: Settings) -> Json {
    let fleet = ours(&[("run", schema())]);
    let rendered = render(&fleet, &request(Target::Values, settings)).unwrap();
    to_serde(&rendered.documents[0])
}

fn refused(fleet: &Fleet, settings: Settings) -> Vec<Finding> {
    let Problems(findings) = render(fleet, &request(Target::Values, settings)).unwrap_err();
    findings
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, said)| ((*name).to_owned(), (*said).to_owned())).collect()
}

#[test]
fn the_nearer_wins_and_maps_merge() {
    let environment = json!({"replicas": 1, "labels": {"from": "environment"}, "queues": ["a"], "link": {"port": 1}});
    assert_eq!(seen(Settings::default()), json!({ "run": environment }));
    let mut settings = named(&[
        ("run.replicas", text("4")),
        ("run.link.hostName", text("h")),
        ("run.labels", map(&[("also", "x")])),
        ("run.tree", text(r#"{"a": {}}"#)),
    ]);
    settings.variables = variables(&[
        ("RUN_REPLICAS", "3"),
        ("RUN_QUEUES", r#"["b"]"#),
        ("RUN_LINK_HOSTNAME", "weaker"),
        ("RUNAWAY", "somebody else's"),
        ("PATH", "the same"),
    ]);
    assert_eq!(
        seen(settings),
        json!({"run": {
            "replicas": 4,
            "labels": {"from": "environment", "also": "x"},
            "queues": ["b"],
            "link": {"port": 1, "hostName": "h"},
            "tree": {"a": {}},
        }})
    );
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_name() {
    let fleet = ours(&[("run", schema())]);
    let mut settings = named(&[
        ("run.replica", text("1")),
        ("runn.replicas", text("1")),
        ("run.replicas", text("many")),
        ("run.link.hostname", text("x")),
        ("run.", text("x")),
        ("run.link.port.x", text("x")),
        ("other.x", text("x")),
    ]);
    settings.variables = variables(&[("RUN_REPLICA", "1"), ("RUN_LINK_PORT", "x")]);
    let told: Vec<String> = refused(&fleet, settings)
        .iter()
        .map(|f| format!("{} {}; {}", f.code, f.message, f.hint.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(told.len(), 9, "{told:#?}");
    for wanted in [
        "setting/unknown parameter run.replica: policy `run` has no setting `replica`; did you mean `replicas`?",
        "setting/policy parameter runn.replicas: site `one` does not use policy `runn`; did you mean `run`?",
        "setting/type parameter run.replicas: `replicas` of policy `run`: it takes an integer, not `many`; ",
        "setting/unknown parameter run.link.hostname: policy `run` has no setting `link.hostname`; did you mean `link.hostName`?",
        "setting/unknown parameter run.: policy `run` has no setting ``; it has replicas, queues, labels, apiToken, link, tree",
        "setting/unknown parameter run.link.port.x: policy `run` has no setting `link.port.x`; it has no settings at this path",
        "setting/policy parameter other.x: site `one` does not use policy `other`; it uses run",
        "setting/unknown variable ARGOCD_ENV_RUN_REPLICA: policy `run` has no such setting; did you mean `RUN_REPLICAS`?",
        "setting/type variable ARGOCD_ENV_RUN_LINK_PORT: `link.port` of policy `run`: it takes an integer, not `x`; ",
    ] {
        assert!(told.iter().any(|line| line == wanted), "{wanted}\nis not in {told:#?}");
    }
}

#[test]
fn the_schema_has_the_last_word_and_names_who_asked() {
    let fleet = ours(&[("run", schema())]);
    let found = refused(&fleet, named(&[("run.replicas", text("11"))]));
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!(finding.code, "policy/settings");
    assert!(finding.message.ends_with("(parameter run.replicas)"), "{}", finding.message);
}

#[test]
fn a_value_under_the_name_of_a_secret_is_not_told() {
    let fleet = ours(&[("run", schema())]);
    let found = refused(&fleet, named(&[("run.apiToken", text("hunter2"))]));
    assert!(!found[0].message.contains("hunter2"), "{}", found[0].message);
}

#[test]
fn a_variable_that_could_mean_two_settings_means_none() {
    let flat =
        |key: &str| json!({"properties": {key: {"type": "string"}, "replicas": {}, "labels": {}}});
    let fleet = fleet(
        &format!("{ENVIRONMENT}    policies: {{a: {{}}, a-b: {{}}}}\n"),
        PROFILE,
        &[("a", flat("b-c")), ("a-b", flat("c")), ("unused", flat("c"))],
    );
    let settings = |pairs| Settings { variables: variables(pairs), ..Settings::default() };
    let found = refused(&fleet, settings(&[("A_B_C", "x")]));
    assert_eq!(found[0].message, "variable ARGOCD_ENV_A_B_C could be a.b-c or a-b.c");
    let found = refused(&fleet, settings(&[("UNUSED_C", "x")]));
    assert_eq!(found[0].code, "setting/policy");
}

#[test]
fn a_path_without_end_is_refused() {
    let fleet = ours(&[("run", schema())]);
    let path = format!("run.tree{}", ".a".repeat(200_000));
    let found = refused(&fleet, named(&[(&path, text("{}"))]));
    assert_eq!(found[0].code, "setting/unknown");
    assert!(found[0].message.len() < 2 * path.len());
}

#[test]
fn explain_tells_who_set_what_a_policy_read() {
    let fleet = ours(&[("run", schema())]);
    let asked = request(Target::Values, named(&[("run.replicas", text("4"))]));
    let rendered = render(&fleet, &asked).unwrap();
    assert!(matches!(rendered.outcome, Outcome::Open(_)));
    let explained = explain::explain(&rendered, Some("run.replicas")).unwrap();
    let from = |path: &str| {
        let found = explained[0].reads.iter().find(|found| found.read.path == path);
        found.and_then(|found| found.from.clone()).unwrap_or_default()
    };
    assert_eq!(from("/replicas"), "parameter run.replicas");
    assert_eq!(from("/queues"), "sites/one/profile.yaml:8:30");
}
