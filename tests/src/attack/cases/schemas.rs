//! JSON Schemas of a few kilobytes that take time or memory without end.
//!
//! A repo has two places for a schema that a server reads: the settings schema of a policy, and
//! the schema of an environment's global values.

use serde_json::{Map, Value, json};

use super::super::fleet::HostileFleet;
use super::super::guests;
use super::{Case, Owed, global_call, on_each_core, site_call};

const LIMIT: Owed = Owed::Error(&["error[", "schema"]);

pub(super) const CASES: &[Case] = &[
    Case::new(
        1,
        "a-schema-refers-twice-at-each-of-60-levels",
        |seed| on_each_core(environment(&fan_out("allOf", 60, &json!({})), "a: 1", seed)),
        LIMIT,
    ),
    Case::new(
        1,
        "a-settings-schema-refers-twice-at-each-of-60-levels",
        |seed| on_each_core(settings(&fan_out("allOf", 60, &json!({})), json!({"a": 1}), seed)),
        LIMIT,
    ),
    Case::new(
        1,
        "a-schema-offers-two-choices-at-each-of-60-levels",
        |seed| {
            on_each_core(environment(
                &fan_out("oneOf", 60, &json!({"type": "string"})),
                "a: 1",
                seed,
            ))
        },
        LIMIT,
    ),
    Case::new(
        1,
        "a-schema-denies-twice-at-each-of-60-levels",
        |seed| on_each_core(environment(&denials(60), "a: 1", seed)),
        LIMIT,
    ),
    Case::new(
        1,
        "a-schema-follows-values-that-aliases-double",
        |seed| on_each_core(environment(&through_properties(), &doubled(17), seed)),
        Owed::Any,
    ),
    Case::new(
        1,
        "a-schema-compares-100000-items-with-each-other",
        |seed| {
            let items: String = (0..100_000).map(|at| format!("- {{a: {at}}}\n")).collect();
            let schema = json!({"properties": {"list": {"uniqueItems": true}}});
            on_each_core(environment(&schema, &format!("list:\n{items}"), seed))
        },
        Owed::Any,
    ),
    Case::new(
        1,
        "a-pattern-backtracks",
        |seed| {
            let texts: Vec<Value> =
                (0..2000).map(|at| json!(format!("{}!{at}", "a".repeat(40)))).collect();
            let pattern = r"^(?=(a+)+$)\1$";
            let schema = json!({"properties": {"list": {"items": {"pattern": pattern}}}});
            on_each_core(environment(&schema, &json!({"list": texts}).to_string(), seed))
        },
        Owed::Any,
    ),
    Case::new(
        4,
        "200-large-patterns-of-a-schema",
        |seed| on_each_core(environment(&large_patterns(200), "a: 1", seed)),
        LIMIT,
    ),
    Case::new(
        4,
        "200-large-patterns-of-a-settings-schema",
        |seed| on_each_core(settings(&large_patterns(200), json!({"a": 1}), seed)),
        LIMIT,
    ),
    Case::new(
        4,
        "200-large-patterns-of-names",
        |seed| {
            let patterns: Vec<Value> = (0..200)
                .map(|at| json!({"propertyNames": {"pattern": format!("^\\pL{{100}}{at}")}}))
                .collect();
            on_each_core(environment(&json!({"anyOf": patterns}), "a: 1", seed))
        },
        LIMIT,
    ),
    Case::new(
        5,
        "a-schema-of-20-levels-fails-everywhere",
        |seed| {
            on_each_core(environment(
                &fan_out("allOf", 20, &json!({"type": "string"})),
                "a: 1",
                seed,
            ))
        },
        LIMIT,
    ),
    Case::new(
        5,
        "a-settings-schema-of-20-levels-fails-everywhere",
        |seed| {
            let schema = fan_out("allOf", 20, &json!({"type": "string"}));
            on_each_core(settings(&schema, json!({"a": 1}), seed))
        },
        LIMIT,
    ),
    Case::new(
        5,
        "no-choice-of-a-schema-of-20-levels-holds",
        |seed| {
            on_each_core(environment(
                &fan_out("anyOf", 20, &json!({"type": "string"})),
                "a: 1",
                seed,
            ))
        },
        LIMIT,
    ),
];

/// Returns schemas of a few kilobytes, one of each kind, with the name of their kind.
pub fn hostile_schemas() -> [(&'static str, Value); 3] {
    [
        ("two references at each level", fan_out("allOf", 60, &json!({}))),
        ("errors at each leaf", fan_out("allOf", 20, &json!({"type": "null"}))),
        ("large patterns", large_patterns(200)),
    ]
}

/// Returns the call of a repo whose global values have this schema.
fn environment(schema: &Value, values: &str, seed: u64) -> super::Call {
    global_call(&HostileFleet::new().global_schema(&titled(schema, seed), values), seed)
}

/// Returns the call of a repo whose policy has this schema for its settings.
fn settings(schema: &Value, settings: Value, seed: u64) -> super::Call {
    let policy = guests::idle("hostile", &titled(schema, seed));
    site_call(&HostileFleet::new().policy("hostile", policy, settings), seed)
}

/// Returns the schema under a title, so that it is another one for each seed.
fn titled(schema: &Value, seed: u64) -> Value {
    let mut schema = schema.clone();
    schema["title"] = json!(format!("schema {seed}"));
    schema
}

/// Returns a schema whose levels each refer twice to the next below this keyword.
fn fan_out(keyword: &str, levels: usize, leaf: &Value) -> Value {
    let twice = |next: Value| json!({keyword: [next, next]});
    chain(levels, leaf, twice)
}

/// Returns a schema whose levels each deny the next twice.
fn denials(levels: usize) -> Value {
    chain(levels, &json!({}), |next| json!({"not": {"not": {"allOf": [next, next]}}}))
}

/// Returns a schema of `$defs` in which each level is made from a reference to the next.
fn chain(levels: usize, leaf: &Value, level: impl Fn(Value) -> Value) -> Value {
    let reference = |at: usize| json!({"$ref": format!("#/$defs/d{at}")});
    let mut all: Map<String, Value> =
        (0..levels).map(|at| (format!("d{at}"), level(reference(at + 1)))).collect();
    all.insert(format!("d{levels}"), leaf.clone());
    json!({"$defs": all, "$ref": "#/$defs/d0"})
}

/// Returns a schema that applies itself to two properties, twice each.
fn through_properties() -> Value {
    let own = json!({"$ref": "#"});
    json!({"properties": {"a": {"allOf": [own, own]}, "b": {"allOf": [own, own]}}})
}

/// Returns values in which each level has the level below twice.
fn doubled(levels: usize) -> String {
    let level = |at: usize| format!("l{at}: &l{at} {{a: *l{0}, b: *l{0}}}\n", at - 1);
    let all: String = (1..levels).map(level).collect();
    let top = levels - 1;
    format!("l0: &l0 {{a: 1, b: 2}}\n{all}a: *l{top}\nb: *l{top}\n")
}

/// Returns a schema with patterns that each compile to megabytes.
fn large_patterns(count: usize) -> Value {
    let patterns: Map<String, Value> =
        (0..count).map(|at| (format!("^\\pL{{100}}{at}"), json!({}))).collect();
    json!({"patternProperties": patterns})
}
