use policy_sdk::harness::findings;
use policy_sdk::{Plan, Severity};
use serde_json::{Value, json};

use crate::tests::{MAJORS, connected, plan, worker};

fn env(version: &str, list: &Value, settings: Value) -> Plan {
    plan(version, json!({"celery": {"extraEnvVars": list}}), settings)
}

fn one(name: &str, value: &str) -> Value {
    json!([{"name": name, "value": value}])
}

/// Returns the codes of errors on a variable.
fn errors(plan: &Plan) -> Vec<&str> {
    plan.findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| &*finding.code)
        .collect()
}

#[test]
fn a_variable_that_beats_a_setting_is_an_error_at_its_line() {
    let settings = json!({"connections": {
        "database": {"host": "db.gw", "port": 6432, "name": "n", "user": "u"},
        "redis": {"host": "r.gw", "port": 6380},
    }});
    for (name, value) in [
        ("NAUTOBOT_DB_HOST", "other"),
        ("NAUTOBOT_DB_PORT", "5432"),
        ("NAUTOBOT_DB_NAME", "other"),
        ("NAUTOBOT_REDIS_HOST", "other"),
        ("NAUTOBOT_REDIS_PORT", "6379"),
        ("NAUTOBOT_REDIS_SSL", "False"),
        ("NAUTOBOT_REDIS_SCHEME", "redis"),
        ("NAUTOBOT_METRICS_ENABLED", "False"),
    ] {
        for version in MAJORS {
            let plan = env(version, &one(name, value), settings.clone());
            let error = findings(&plan, "worker/variable")[0];
            assert_eq!(error.path.as_deref(), Some("/celery/extraEnvVars/0"), "{name}");
            assert!(error.message.contains(value) && error.message.contains(name));
            let chart = json!({"nautobot": {"extraVars": one(name, value)}});
            let plan = crate::tests::plan(version, chart, settings.clone());
            let error = findings(&plan, "worker/variable")[0];
            assert_eq!(error.path.as_deref(), Some("/nautobot/extraVars/0"), "{name}");
        }
    }
    let user = one("NAUTOBOT_DB_USER", "other");
    assert_eq!(errors(&env("2.5.9", &user, settings.clone())), ["worker/variable"]);
    assert_eq!(errors(&env("3.1.1", &user, settings.clone())), ["worker/duplicate-variable"]);
    let reference = json!([{"name": "NAUTOBOT_DB_HOST", "valueFrom": {"configMapKeyRef": {}}}]);
    assert_eq!(errors(&env("3.1.1", &reference, settings)), ["worker/variable"]);
}

#[test]
fn a_variable_that_says_the_same_or_that_no_setting_decides_is_fine() {
    for (name, value) in [
        ("NAUTOBOT_DB_HOST", "db.gw.example"),
        ("NAUTOBOT_DB_PORT", "6432"),
        ("NAUTOBOT_DB_NAME", "n"),
        ("NAUTOBOT_REDIS_SSL", "yes"),
        ("NAUTOBOT_REDIS_SCHEME", "rediss"),
        ("NAUTOBOT_DB_TIMEOUT", "9"),
    ] {
        assert_eq!(errors(&env("3.1.1", &one(name, value), connected())), [""; 0], "{name}");
    }
    let alone = env("3.1.1", &one("NAUTOBOT_DB_HOST", "x"), json!({}));
    assert!(findings(&alone, "worker/no-database-host").is_empty());
    assert_eq!(errors(&alone), [""; 0]);
}

#[test]
fn a_name_that_is_there_twice_is_an_error_at_the_second() {
    let list = json!([{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "1"}]);
    let plan = env("3.1.1", &list, json!({}));
    let error = findings(&plan, "worker/duplicate-variable")[0];
    assert_eq!(error.path.as_deref(), Some("/celery/extraEnvVars/2/name"));
    for (name, version) in [
        ("NAUTOBOT_K8S_COMPONENT", "2.5.9"),
        ("NAUTOBOT_DB_PASSWORD", "2.5.9"),
        ("NAUTOBOT_REDIS_PASSWORD", "3.1.1"),
        ("NAUTOBOT_DB_USER", "3.1.1"),
        ("NAUTOBOT_CELERY_WORKER_PREFETCH_MULTIPLIER", "3.1.1"),
        ("NAUTOBOT_CELERY_WORKER_PROMETHEUS_PORTS", "3.1.1"),
    ] {
        let plan = env(version, &one(name, "other"), json!({}));
        assert_eq!(errors(&plan), ["worker/duplicate-variable"], "{name}");
    }
}

#[test]
fn what_the_chart_writes_follows_from_its_values() {
    let prefetch = "NAUTOBOT_CELERY_WORKER_PREFETCH_MULTIPLIER";
    assert_eq!(errors(&env("2.5.9", &one(prefetch, "3"), json!({}))), [""; 0]);
    let values = json!({"celery": {
        "worker_prefetch_multiplier": 4, "extraEnvVars": one(prefetch, "3"),
    }});
    assert_eq!(errors(&plan("3.1.1", values, json!({}))), [""; 0]);
    let acks = json!({"celery": {
        "task_acks_late": true, "extraEnvVars": one("CELERY_TASK_ACKS_LATE", "False"),
    }});
    assert_eq!(errors(&plan("3.1.1", acks, json!({}))), ["worker/duplicate-variable"]);
    let ports = one("NAUTOBOT_CELERY_WORKER_PROMETHEUS_PORTS", "9");
    assert_eq!(errors(&env("3.1.1", &ports, json!({"metrics": false}))), [""; 0]);
    // The chart's ConfigMap may have the same name, because `env` wins.
    let chart = json!({"nautobot": {"extraVars": one("CELERY_TASK_QUEUES", "default")}});
    assert_eq!(errors(&plan("3.1.1", chart, json!({}))), [""; 0]);
}

#[test]
fn another_queue_by_variable_is_an_error_and_the_same_is_left_out() {
    let name = "CELERY_TASK_QUEUES";
    let settings = json!({"extraQueues": ["bulk"], "metrics": false});
    let other = env("3.1.1", &one(name, "default"), settings.clone());
    let error = findings(&other, "worker/queue")[0];
    assert_eq!(error.path.as_deref(), Some("/celery/extraEnvVars/0"));
    assert_eq!(
        error.message,
        "the base values set CELERY_TASK_QUEUES to \"default\", but this site's worker has to serve \"iad3,bulk\""
    );
    let reference = json!([{"name": name, "valueFrom": {"fieldRef": {}}}]);
    assert_eq!(errors(&env("3.1.1", &reference, settings.clone())), ["worker/queue"]);
    let same = env("3.1.1", &one(name, "iad3,bulk"), settings);
    assert_eq!(errors(&same), [""; 0]);
    assert_eq!(findings(&same, "worker/redundant-variable").len(), 1);
    assert_eq!(worker(&same)["extraEnvVars"], json!([]));
}

#[test]
fn a_brokers_url_is_reported_without_its_text() {
    let list = one("NAUTOBOT_CELERY_BROKER_URL", "redis://:password@elsewhere/0");
    let plan = env("3.1.1", &list, connected());
    let warning = findings(&plan, "worker/broker-url")[0];
    assert!(!warning.message.contains("password"), "{}", warning.message);
}

#[test]
fn a_broker_of_celerys_own_variables_is_an_error() {
    for name in
        ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "BROKER_URL"]
    {
        let list = one(name, "rediss://:password@elsewhere:6379/0");
        for (values, place) in [
            (json!({"celery": {"extraEnvVars": list}}), "/celery/extraEnvVars/0"),
            (json!({"nautobot": {"extraVars": list}}), "/nautobot/extraVars/0"),
        ] {
            let plan = plan("3.1.1", values, connected());
            assert_eq!(errors(&plan), ["worker/variable"], "{name}");
            let error = findings(&plan, "worker/variable")[0];
            assert_eq!(error.path.as_deref(), Some(place));
            assert!(error.message.contains(name) && !error.message.contains("password"));
        }
        let reference = json!([{"name": name, "valueFrom": {"secretKeyRef": {"name": "a"}}}]);
        assert_eq!(errors(&env("3.1.1", &reference, connected())), ["worker/variable"]);
        assert_eq!(errors(&env("3.1.1", &one(name, ""), connected())), [""; 0]);
        let same = env("3.1.1", &one(name, "rediss://:p@redis.gw.example:6379/0"), connected());
        assert_eq!(crate::tests::codes(&same), ["worker/broker-url"]);
    }
}

#[test]
fn ten_thousand_variables_are_judged_and_few_of_them_reported() {
    let list: Vec<Value> =
        (0..10_000).map(|index| json!({"name": format!("N{}", index / 2), "value": "x"})).collect();
    let plan = env("3.1.1", &json!(list), connected());
    let found = findings(&plan, "worker/duplicate-variable");
    assert_eq!(found.len(), 21);
    assert!(found[20].message.contains("4980 more names"), "{}", found[20].message);
}
