//! Tests of settings that the schema accepts and the policy refuses.

use policy_sdk::Failure;
use serde_json::{Value, json};

use super::{decide, fleet};

#[test]
fn what_the_schema_cannot_refuse_is_refused_here() {
    for (settings, path, words) in [
        (json!({"queues": [{"name": "x"}, {"name": "x"}]}), "/queues/1/name", "a second time"),
        (json!({"queues": [{"name": "default"}]}), "/queues/0/name", "every Nautobot has"),
        (json!({"queues": [{"name": "a..b"}]}), "/queues/0/name", "contains `..`"),
        (
            json!({"queues": [{"name": "x"}], "elsewhere": ["y", "x"]}),
            "/elsewhere/1",
            "the setting queues lists",
        ),
        (json!({"elsewhere": ["a,b"]}), "/elsewhere/0", "comma"),
    ] {
        let failure = decide(fleet(&[("a", json!([]))]), settings).unwrap_err();
        let Failure::BadSettings(values) = failure else { panic!("{failure:?}") };
        assert_eq!(values[0].path, path);
        assert!(values[0].message.contains(words), "{}", values[0].message);
    }
}

#[test]
fn default_among_what_is_elsewhere_says_nothing_new() {
    let plan = decide(fleet(&[("a", json!([]))]), json!({"elsewhere": ["default"]})).unwrap();
    assert!(plan.findings.is_empty());
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema: Value = serde_json::from_str(crate::settings::SCHEMA).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["queues"]["items"]["additionalProperties"], false);
}
