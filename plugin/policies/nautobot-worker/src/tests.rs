//! Requests for the tests of this crate, and the whole plan for both major versions.

#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{BadValue, Failure, Plan, Severity, harness};
use serde_json::{Value, json};

use crate::NautobotWorker;

pub(crate) const MAJORS: [&str; 2] = ["2.5.9", "3.1.1"];
pub(crate) const SITE: &str = "/appLabels/understack.rackspace.com~1site";

/// Returns the plan for the site `iad3` with these base values and settings.
pub(crate) fn plan(version: &str, values: Value, settings: Value) -> Plan {
    try_plan(version, values, settings).unwrap()
}

pub(crate) fn try_plan(version: &str, values: Value, settings: Value) -> Result<Plan, Failure> {
    evaluate(request(version, values, settings))
}

pub(crate) fn request(version: &str, values: Value, settings: Value) -> Value {
    json!({
        "profile": {"appLabels": {
            "understack.rackspace.com/site": "iad3",
            "understack.rackspace.com/partition": "prod",
        }},
        "values": values,
        "settings": settings,
        "cluster": {
            "chart": {"name": "nautobot", "version": version},
            "release": {"name": "nautobot-worker", "namespace": "nautobot"},
            "config": {"parameter": "nautobot.config"},
        },
    })
}

pub(crate) fn evaluate(request: Value) -> Result<Plan, Failure> {
    harness::evaluate::<NautobotWorker>(request)
}

/// Returns the overlay of the site's own worker.
pub(crate) fn worker(plan: &Plan) -> Value {
    harness::overlay(plan)["workers"]["iad3"].clone()
}

/// Returns the codes of errors and warnings, in order.
pub(crate) fn codes(plan: &Plan) -> Vec<&str> {
    plan.findings
        .iter()
        .filter(|finding| finding.severity != Severity::Note)
        .map(|finding| finding.code.as_str())
        .collect()
}

/// Returns settings that name both hosts.
pub(crate) fn connected() -> Value {
    json!({"connections": {
        "database": {"host": "db.gw.example"},
        "redis": {"host": "redis.gw.example"},
    }})
}

pub(crate) fn one(path: &str, message: &str) -> Vec<BadValue> {
    vec![BadValue { path: path.to_owned(), message: message.to_owned() }]
}

#[test]
fn an_overlay_without_any_base_value_is_whole_and_the_same_each_time() {
    for version in MAJORS {
        let first = plan(version, json!({}), connected());
        assert_eq!(first, plan(version, json!({}), connected()));
        let overlay = harness::overlay(&first);
        assert_eq!(overlay["nautobots"]["default"]["enabled"], false, "{version}");
        assert_eq!(overlay["workers"]["default"]["enabled"], false, "{version}");
        assert_eq!(overlay["workers"]["beat"]["enabled"], false, "{version}");
        assert_eq!(overlay["workers"]["iad3"]["enabled"], true, "{version}");
        assert_eq!(codes(&first), [""; 0], "{version}");
    }
}

#[test]
fn off_is_never_a_null_and_never_a_removal() {
    fn holds_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(holds_null),
            Value::Object(map) => map.values().any(holds_null),
            _ => false,
        }
    }
    for version in MAJORS {
        let values = json!({"workers": {"bulk": null}, "nautobots": {"api": null}});
        let overlay = harness::overlay(&plan(version, values, connected()));
        assert!(!holds_null(&overlay), "{version}: {overlay}");
    }
}

#[test]
fn every_reason_is_a_sentence_part_that_names_no_path() {
    for edit in plan("3.1.1", json!({}), connected()).edits {
        assert!(edit.reason.len() > 15, "{edit:?}");
        assert!(!edit.reason.ends_with('.') && !edit.reason.contains(".yaml"), "{edit:?}");
    }
}

#[test]
fn the_global_scope_is_refused() {
    let failure = evaluate(json!({"scope": "global"})).unwrap_err();
    assert!(matches!(failure, Failure::Unsupported(message) if message.contains("global")));
}

#[test]
fn a_key_of_the_other_major_is_never_written() {
    let two = harness::overlay(&plan("2.5.9", json!({}), connected()));
    let three = harness::overlay(&plan("3.1.1", json!({}), connected()));
    for key in ["route", "serviceAccount", "kubernetesJobs"] {
        assert!(two.get(key).is_none(), "{key} in 2.x");
    }
    for key in ["mariadb", "postgresqlha", "rabbitmq"] {
        assert_eq!(two[key]["enabled"], false, "{key} in 2.x");
        assert!(three.get(key).is_none(), "{key} in 3.x");
    }
    assert_eq!(three["route"]["enabled"], false);
    assert_eq!(three["serviceAccount"]["roles"]["jobCreator"]["create"], false);
}
