use policy_sdk::{Document, DocumentName, Failure};
use serde_json::{Value, json};

use super::{
    DEFAULT_DATABASE_PORT, DEFAULT_MODE, DEFAULT_MOUNT_PATH, DEFAULT_REDIS_PORT, DEFAULT_SECRET,
    DIRECT, SCHEMA, Settings,
};

fn read(settings: Value) -> Result<Settings, Failure> {
    Settings::read(&Document::new(DocumentName::Settings, settings))
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

#[test]
fn no_settings_leave_connections_alone() {
    let settings = read(json!({})).unwrap();
    assert!(settings.connections.is_none());
    assert!(settings.metrics && settings.extra_queues.is_empty());
    assert_eq!((settings.replicas, settings.concurrency), (None, None));
}

#[test]
fn the_defaults_of_the_code_are_those_of_the_schema() {
    let hosts = json!({"connections": {"database": {"host": "d"}, "redis": {"host": "r"}}});
    let settings = read(hosts).unwrap();
    let connections = settings.connections.unwrap();
    let mtls = connections.mtls.unwrap();
    assert!(mtls.secret_name.is_none() && mtls.ssl_mode.is_none());
    let schema = schema();
    let default = |path: &str| {
        let path = path.split('/').fold(String::new(), |all, key| all + "/properties/" + key);
        schema.pointer(&(path.clone() + "/default")).unwrap_or_else(|| panic!("{path}")).clone()
    };
    for (path, value) in [
        ("extraQueues", json!(settings.extra_queues)),
        ("metrics", json!(settings.metrics)),
        ("connections/database/port", json!(DEFAULT_DATABASE_PORT)),
        ("connections/redis/port", json!(DEFAULT_REDIS_PORT)),
        ("connections/mtls/enabled", json!(true)),
        ("connections/mtls/secretName", json!(DEFAULT_SECRET)),
        ("connections/mtls/mountPath", json!(DEFAULT_MOUNT_PATH)),
        ("connections/mtls/sslMode", json!(DEFAULT_MODE)),
        ("connections/mtls/sslNegotiation", json!(DIRECT)),
        ("connections/mtls/requireConfig", json!(mtls.require_config)),
        ("connections/envConfigMaps", json!(connections.env_config_maps)),
        ("connections/envSecrets", json!(connections.env_secrets)),
    ] {
        assert_eq!(default(path), value, "{path}");
    }
}

#[test]
fn every_map_of_the_schema_is_closed_and_every_setting_explained() {
    fn walk(schema: &Value, path: &str) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        assert_eq!(schema["additionalProperties"], false, "{path}");
        for (key, property) in properties {
            assert!(property["title"].is_string(), "title of {path}/{key}");
            assert!(property["description"].is_string(), "description of {path}/{key}");
            walk(property, &format!("{path}/{key}"));
        }
    }
    walk(&schema(), "");
}

#[test]
fn mtls_can_be_off_but_then_nothing_is_negotiated_directly() {
    let off = |more: Value| {
        let mut mtls = json!({"enabled": false});
        if let Some(more) = more.as_object() {
            mtls.as_object_mut().unwrap().extend(more.clone());
        }
        read(json!({"connections": {"mtls": mtls}}))
    };
    assert!(off(json!({})).unwrap().connections.unwrap().mtls.is_none());
    assert!(off(json!({"sslNegotiation": "postgres"})).is_ok());
    let Err(Failure::BadSettings(bad)) = off(json!({"sslNegotiation": "direct"})) else {
        panic!("direct without mTLS");
    };
    assert_eq!(bad[0].path, "/connections/mtls/sslNegotiation");
    assert!(bad[0].message.contains("require or stronger"));
}

#[test]
fn direct_is_fine_with_every_mode_on_offer_and_others_are_refused() {
    for mode in ["verify-ca", "verify-full", "require"] {
        let mtls = json!({"sslMode": mode, "sslNegotiation": "direct"});
        assert!(read(json!({"connections": {"mtls": mtls}})).is_ok(), "{mode}");
    }
    for mode in ["prefer", "disable", ""] {
        let mtls = json!({"sslMode": mode, "sslNegotiation": "direct"});
        let failure = read(json!({"connections": {"mtls": mtls}})).unwrap_err();
        assert!(matches!(failure, Failure::BadSettings(_)), "{mode}");
    }
}
