use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{connected, plan, worker};

fn value(worker: &Value, name: &str) -> Value {
    let list = worker["extraEnvVars"].as_array().unwrap();
    let found: Vec<_> = list.iter().filter(|item| item["name"] == name).collect();
    assert!(found.len() < 2, "{name}: {found:?}");
    found.first().map_or(Value::Null, |item| item["value"].clone())
}

fn with(mtls: Value) -> Value {
    let mut settings = connected();
    settings["connections"]["mtls"] = mtls;
    settings
}

#[test]
fn a_base_value_wins_over_a_default_and_a_setting_over_both() {
    let name = "NAUTOBOT_DB_SSLMODE";
    let values = json!({"celery": {"extraEnvVars": [{"name": name, "value": "verify-full"}]}});
    let base = plan("3.1.1", values.clone(), connected());
    assert_eq!(value(&worker(&base), name), "verify-full");
    assert!(findings(&base, "worker/replaced").is_empty());
    let same = plan("3.1.1", values.clone(), with(json!({"sslMode": "verify-full"})));
    assert!(findings(&same, "worker/replaced").is_empty());
    let replaced = plan("3.1.1", values, with(json!({"sslMode": "require"})));
    assert_eq!(value(&worker(&replaced), name), "require");
    let note = findings(&replaced, "worker/replaced")[0];
    assert_eq!(
        note.message,
        "the setting connections.mtls.sslMode (require) replaces NAUTOBOT_DB_SSLMODE (\"verify-full\") of the base values"
    );
    assert_eq!(note.path.as_deref(), Some("/celery/extraEnvVars/0"));
}

#[test]
fn a_variable_of_the_charts_config_map_is_a_base_value_that_env_wins_over() {
    let name = "NAUTOBOT_DB_SSLMODE";
    let extra = json!([{"name": name, "value": "verify-full"}]);
    let values = json!({"nautobot": {"extraVars": extra}});
    let base = plan("3.1.1", values.clone(), connected());
    assert_eq!(value(&worker(&base), name), Value::Null);
    assert!(base.config.unwrap().must_read.contains(&name.to_owned()));
    let set = plan("3.1.1", values, with(json!({"sslMode": "verify-ca"})));
    assert_eq!(value(&worker(&set), name), "verify-ca");
    assert_eq!(findings(&set, "worker/replaced")[0].path.as_deref(), Some("/nautobot/extraVars/0"));
    let both = json!({"nautobot": {"extraVars": extra},
        "celery": {"extraEnvVars": [{"name": name, "value": "disable"}]}});
    let plan = plan("3.1.1", both, connected());
    let error = findings(&plan, "worker/ssl-mode")[0];
    assert_eq!(error.path.as_deref(), Some("/celery/extraEnvVars/0"));
}

#[test]
fn a_reference_or_template_that_decides_is_a_warning() {
    for item in [
        json!({"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}),
        json!({"value": "{{ .Values.mode }}"}),
        json!({"value": "$(MODE)"}),
    ] {
        let mut entry = item;
        entry["name"] = json!("NAUTOBOT_DB_SSLMODE");
        let plan = plan("3.1.1", json!({"celery": {"extraEnvVars": [entry]}}), connected());
        let warning = findings(&plan, "worker/variable-unread")[0];
        assert_eq!(warning.path.as_deref(), Some("/celery/extraEnvVars/0"));
        assert!(warning.message.contains("NAUTOBOT_DB_SSLMODE"));
    }
}
