use policy_sdk::Severity;
use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{MAJORS, plan};

fn unknown(version: &str, values: Value) -> Vec<String> {
    findings(&plan(version, values, json!({})), "worker/unknown-switch")
        .into_iter()
        .filter_map(|finding| finding.path.clone())
        .collect()
}

#[test]
fn extra_objects_are_counted() {
    let values = json!({"extraObjects": [{}, "a: b"]});
    let plan = plan("3.1.1", values, json!({}));
    let found = findings(&plan, "worker/extra-objects");
    assert!(found[0].message.contains("2 objects"));
    assert_eq!(found[0].severity, Severity::Warning);
}

#[test]
fn what_the_policy_does_not_know_is_reported_when_it_is_on() {
    for version in MAJORS {
        let values = json!({
            "flower": {"enabled": true},
            "idle": {"enabled": false},
            "odd": {"enabled": "true"},
            "text": "enabled",
            "side/car": {"create": true},
            "metrics": {"newExporter": {"enabled": true}, "serviceMonitor": {"enabled": true}},
        });
        assert_eq!(
            unknown(version, values),
            ["/flower/enabled", "/side~1car/create", "/metrics/newExporter/enabled"]
        );
    }
}

#[test]
fn a_key_of_the_other_major_is_unknown() {
    let values = json!({"mariadb": {"enabled": true}, "route": {"enabled": true}});
    assert_eq!(unknown("2.5.9", values.clone()), ["/route/enabled"]);
    assert_eq!(unknown("3.1.1", values), ["/mariadb/enabled"]);
}

#[test]
fn a_secret_in_the_clear_is_an_error() {
    let values = json!({"nautobot": {
        "db": {"password": "x"}, "redis": {"password": ""}, "superUser": {"apitoken": "y"},
    }});
    let plan = plan("3.1.1", values, json!({}));
    let found = findings(&plan, "worker/literal-secret");
    let paths: Vec<_> = found.iter().filter_map(|finding| finding.path.as_deref()).collect();
    assert_eq!(paths, ["/nautobot/db/password", "/nautobot/superUser/apitoken"]);
    assert!(found.iter().all(|finding| finding.severity == Severity::Error));
    assert!(found.iter().all(|finding| !finding.message.contains('x')));
}
