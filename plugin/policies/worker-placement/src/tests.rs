use policy_sdk::{Failure, Plan, harness};
use serde_json::{Value, json};

use super::WorkerPlacement;

fn place(labels: &Value, settings: &Value) -> Result<Plan, Failure> {
    harness::evaluate::<WorkerPlacement>(json!({
        "profile": {"appLabels": labels}, "settings": settings,
    }))
}

fn iad3() -> Value {
    json!({"understack.rackspace.com/site": "iad3"})
}

#[test]
fn settings_land_under_the_sites_worker() {
    let settings = json!({
        "nodeSelector": {"example.org/workers": "yes"},
        "tolerations": [{"key": "workers", "operator": "Exists", "effect": "NoSchedule"}],
    });
    let plan = place(&iad3(), &settings).unwrap();
    assert_eq!(harness::overlay(&plan), json!({"workers": {"iad3": settings}}));
}

#[test]
fn empty_settings_change_nothing() {
    for settings in [json!({}), json!({"nodeSelector": {}, "tolerations": []})] {
        assert!(place(&iad3(), &settings).unwrap().edits.is_empty());
    }
}

#[test]
fn a_site_without_label_is_refused() {
    let failure = place(&json!({}), &json!({})).unwrap_err();
    assert_eq!(failure, Failure::bad_profile(super::SITE, "is missing"));
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema = <WorkerPlacement as policy_sdk::Policy>::describe().settings_schema;
    let schema: Value = serde_json::from_str(schema).unwrap();
    assert_eq!(schema["additionalProperties"], false);
}
