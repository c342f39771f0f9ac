use policy_sdk::harness::findings;
use policy_sdk::{Plan, Severity};
use serde_json::{Value, json};

use crate::tests::{codes, connected, evaluate, plan, request, worker};

fn without_config(version: &str, values: Value, settings: Value) -> Plan {
    let mut input = request(version, values, settings);
    input["cluster"].as_object_mut().unwrap().remove("config");
    evaluate(input).unwrap()
}

fn severity(plan: &Plan, code: &str) -> Option<Severity> {
    let found = findings(plan, code);
    assert!(found.len() < 2, "{found:?}");
    found.first().map(|finding| finding.severity)
}

#[test]
fn a_config_map_that_nobody_checks_is_an_error_with_mutual_tls() {
    let values = json!({"nautobot": {"configCM": "shared"}});
    let settings = |mtls: Value| {
        let mut settings = connected();
        settings["connections"]["mtls"] = mtls;
        settings
    };
    let of = |mtls| without_config("3.1.1", values.clone(), settings(mtls));
    let plan = of(json!({}));
    assert_eq!(severity(&plan, "worker/config-map"), Some(Severity::Error));
    let error = findings(&plan, "worker/config-map")[0];
    assert_eq!(error.path.as_deref(), Some("/nautobot/configCM"));
    assert!(error.message.contains("ConfigMap shared"));
    let lenient = of(json!({"requireConfig": false}));
    assert_eq!(severity(&lenient, "worker/config-map"), Some(Severity::Note));
    assert_eq!(codes(&lenient), ["worker/config-unchecked"]);
    let off = of(json!({"enabled": false}));
    assert_eq!(severity(&off, "worker/config-map"), Some(Severity::Note));
}

#[test]
fn the_components_config_wins_over_a_config_map_and_2_x_reads_none() {
    let values = json!({"nautobot": {"configCM": "shared"}});
    let own = plan("3.1.1", values.clone(), connected());
    assert_eq!(codes(&own), ["worker/config-map"]);
    assert!(findings(&own, "worker/config-map")[0].message.contains("ignores"));
    let two = without_config("2.5.9", values, connected());
    assert_eq!(codes(&two), ["worker/config-map", "worker/no-config"]);
}

#[test]
fn a_component_without_any_config_runs_the_images() {
    assert_eq!(codes(&without_config("3.1.1", json!({}), connected())), ["worker/no-config"]);
    let text = json!({"nautobot": {"config": "import os"}});
    assert_eq!(codes(&without_config("3.1.1", text, connected())), [""; 0]);
    let off = json!({"connections": {"mtls": {"enabled": false}}});
    assert_eq!(severity(&without_config("3.1.1", json!({}), off), "worker/no-config"), None);
}

#[test]
fn a_config_at_another_place_is_an_error_with_mutual_tls() {
    let values = |path: &str| json!({"celery": {"extraEnvVars": [{"name": "NAUTOBOT_CONFIG", "value": path}]}});
    let plan = plan("3.1.1", values("/opt/other.py"), connected());
    assert_eq!(severity(&plan, "worker/config-elsewhere"), Some(Severity::Error));
    assert_eq!(worker(&plan)["extraEnvVars"][0]["value"], "/opt/other.py");
    let same = crate::tests::plan("3.1.1", values("/opt/nautobot/nautobot_config.py"), connected());
    assert_eq!(codes(&same), [""; 0]);
    let off = json!({"connections": {"mtls": {"enabled": false}}});
    let off = crate::tests::plan("3.1.1", values("/opt/other.py"), off);
    assert_eq!(severity(&off, "worker/config-elsewhere"), Some(Severity::Warning));
}

#[test]
fn a_config_that_the_base_values_mount_is_not_checked() {
    let mount =
        json!({"name": "c", "mountPath": "/opt/nautobot/nautobot_config.py", "subPath": "c"});
    let values = json!({"celery": {"extraVolumeMounts": [mount],
        "extraVolumes": [{"name": "c", "configMap": {"name": "c"}}]}});
    let plan = without_config("3.1.1", values, connected());
    assert_eq!(codes(&plan), ["worker/config-elsewhere"]);
}
