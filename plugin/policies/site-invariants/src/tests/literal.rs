use serde_json::{Value, json};

use super::{at_site, check, object};

const PEM: &str = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n";

/// Returns the places of secrets in plain text; they are the same at a site and on a global cluster.
fn found(object: Value) -> Vec<String> {
    let found = at_site(object.clone());
    assert_eq!(found, check("global", json!({}), json!([object])));
    let place = |one: policy_sdk::Finding| {
        assert_eq!(one.code, "secret/literal");
        assert!(!one.message.contains("hunter2") && !one.message.contains("MHcC"));
        one.path.unwrap()
    };
    found.into_iter().map(place).collect()
}

fn pod(variables: Value) -> Value {
    let mut deployment = object("apps/v1", "Deployment");
    let containers = json!([{"name": "c", "env": variables}]);
    deployment["spec"] = json!({"template": {"spec": {"containers": containers}}});
    deployment
}

#[test]
fn a_secret_with_a_value_is_refused_and_one_without_is_fine() {
    let mut secret = object("v1", "Secret");
    assert!(found(secret.clone()).is_empty());
    secret["data"] = json!({"a": "", "b": null, "c": "<path:kv/x#y>"});
    secret["stringData"] = json!({});
    assert!(found(secret.clone()).is_empty());
    secret["data"]["a"] = json!("aHVudGVyMg==");
    secret["stringData"] = json!({"d/e": "hunter2"});
    assert_eq!(found(secret), ["/objects/0/data/a", "/objects/0/stringData/d~1e"]);
}

#[test]
fn a_private_key_is_found_wherever_it_stands() {
    for data in [
        json!({"config.py": format!("KEY = \"\"\"{PEM}\"\"\"")}),
        json!({"x": "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0MK"}),
        json!({"x": "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1IY0MK"}),
    ] {
        let mut map = object("v1", "ConfigMap");
        map["data"] = data;
        assert_eq!(found(map), ["/objects/0"]);
    }
    let mut other = object("example.net/v1", "Thing");
    other["spec"] = json!({"deep": [{"down": PEM}]});
    assert_eq!(found(other), ["/objects/0"]);
}

#[test]
fn the_filter_for_a_key_is_none() {
    let mut external = object("external-secrets.io/v1", "ExternalSecret");
    let template = json!({"data": {"tls.key": "{{ .k | filterPEM \"EC PRIVATE KEY\" }}"}});
    external["spec"] = json!({"target": {"template": template}});
    assert!(found(external.clone()).is_empty());
    external["spec"]["target"]["template"]["data"] =
        json!({"password": "{{ .p }}", "url": "x", "api-token": "hunter2"});
    assert_eq!(found(external), ["/objects/0/spec/target/template/data/api-token"]);
}

#[test]
fn variables_that_are_named_as_secrets_refer_to_one() {
    let fine = json!([
        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "DB_PASSWORD", "value": "$(OTHER)"},
        {"name": "DB_PASSWORD", "value": ""},
        {"name": "DB_HOST", "value": "hunter2"},
    ]);
    assert!(found(pod(fine)).is_empty());
    let bad = json!([{"name": "A", "value": "x"}, {"name": "DB_PASSWORD", "value": "hunter2"}]);
    assert_eq!(found(pod(bad)), ["/objects/0/spec/template/spec/containers/0/env/1/value"]);
    let mut map = object("v1", "ConfigMap");
    map["data"] = json!({"NAUTOBOT_DB_PASSWORD": "hunter2", "NAUTOBOT_DB_HOST": "x"});
    assert_eq!(found(map), ["/objects/0/data/NAUTOBOT_DB_PASSWORD"]);
}
