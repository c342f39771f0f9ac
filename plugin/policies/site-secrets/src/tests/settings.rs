use serde_json::{Value, json};

use super::{decide, one};
use crate::settings::SCHEMA;

#[test]
fn the_schema_is_closed_at_every_level() {
    fn open(schema: &Value) -> bool {
        schema["type"] == "object" && schema["additionalProperties"] != false
            || schema["properties"].as_object().is_some_and(|all| all.values().any(open))
    }
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(!open(&schema));
}

/// Each default that the schema tells, as settings of its own.
fn defaults_of(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().unwrap();
    let entries = properties.iter().filter_map(|(name, property)| {
        let default = property.get("default").cloned();
        let below = || property.get("properties").is_some().then(|| defaults_of(property));
        Some((name.clone(), default.or_else(below)?))
    });
    Value::Object(entries.collect())
}

#[test]
fn the_defaults_of_the_code_are_those_of_the_schema() {
    let defaults = defaults_of(&serde_json::from_str(SCHEMA).unwrap());
    assert_eq!(defaults["mtls"]["keyEncoding"], "PKCS1");
    assert_eq!(decide(defaults).unwrap(), decide(json!({})).unwrap());
}

#[test]
fn names_are_those_that_nautobot_worker_reads() {
    let worker = json!({
        "profile": {"appLabels": {"understack.rackspace.com/site": "iad3"}},
        "cluster": {"chart": {"name": "nautobot", "version": "3.1.1"}},
        "settings": {"connections": {"database": {"host": "d"}, "redis": {"host": "r"}}},
    });
    let plan = policy_sdk::harness::evaluate::<nautobot_worker::NautobotWorker>(worker).unwrap();
    let overlay = policy_sdk::harness::overlay(&plan);
    let worker = &overlay["workers"]["iad3"];
    let mount = worker["extraVolumes"].as_array().unwrap().iter();
    let mount = mount.filter_map(|volume| volume["secret"]["secretName"].as_str());
    let env = worker["extraEnvVarsSecret"].as_array().unwrap().iter();
    let mut read: Vec<&str> = mount.chain(env.filter_map(Value::as_str)).collect();
    read.extend(
        ["db", "redis", "django"]
            .map(|part| overlay["nautobot"][part]["existingSecret"].as_str().unwrap()),
    );
    read.sort_unstable();
    read.dedup();
    assert_eq!(read.len(), 5);
    for name in read {
        one(json!({}), name);
    }
}
