use policy_sdk::harness::{edited, overlay};
use serde_json::json;

use crate::tests::{MAJORS, plan, worker};

#[test]
fn metrics_are_on_by_default_and_really_served() {
    for version in MAJORS {
        let plan = plan(version, json!({}), json!({}));
        assert_eq!(edited(&plan, "/metrics/enabled"), Some(json!(true)));
        assert_eq!(edited(&plan, "/nautobot/metrics"), Some(json!(true)));
        let worker = worker(&plan);
        let directory = &worker["extraEnvVars"][0];
        assert_eq!(directory["name"], "prometheus_multiproc_dir");
        let mount = &worker["extraVolumeMounts"][0];
        assert_eq!(mount["mountPath"], directory["value"]);
        assert_eq!(mount["name"], worker["extraVolumes"][0]["name"]);
        assert_eq!(worker["extraVolumes"][0]["emptyDir"], json!({}));
        assert!(mount.get("readOnly").is_none());
    }
}

#[test]
fn a_directory_of_the_base_values_is_left_to_them() {
    let variable = json!({"name": "prometheus_multiproc_dir", "value": "/mine"});
    let values = json!({"celery": {"extraEnvVars": [variable]}});
    assert!(worker(&plan("3.1.1", values, json!({}))).get("extraVolumes").is_none());
}

#[test]
fn metrics_off_is_off_for_all() {
    let plan = plan("3.1.1", json!({}), json!({"metrics": false}));
    let overlay = overlay(&plan);
    assert_eq!(overlay["metrics"]["enabled"], false);
    assert_eq!(overlay["nautobot"]["metrics"], false);
    assert!(overlay["workers"]["iad3"].get("extraEnvVars").is_none());
}
