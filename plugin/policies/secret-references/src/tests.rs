#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{Finding, Severity, harness};
use serde_json::{Value, json};

use super::SecretReferences;

mod config_maps;
mod created;
mod objects;
mod values;

/// Returns the findings for these final values and objects.
fn check_values(values: Value, objects: Value) -> Vec<Finding> {
    check(json!({"values": values, "cluster": {"objects": objects}}))
}

fn check(request: Value) -> Vec<Finding> {
    let plan = harness::evaluate::<SecretReferences>(request).unwrap();
    assert!(plan.edits.is_empty() && plan.manifests.is_empty());
    plan.findings
}

fn codes_and_places(found: &[Finding]) -> Vec<(&str, &str)> {
    found.iter().map(|one| (&*one.code, one.path.as_deref().unwrap_or("nowhere"))).collect()
}

/// An `ExternalSecret` of these keys.
fn external(name: &str, keys: &[&str]) -> Value {
    let data: Vec<Value> = keys.iter().map(|key| json!({"secretKey": key})).collect();
    json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": "nautobot"},
        "spec": {"target": {"name": name}, "data": data},
    })
}

/// A worker that is on and reads nothing, and a database Secret.
fn database(name: &str) -> Value {
    json!({
        "nautobot": {"db": {"existingSecret": name}, "superUser": {"enabled": false}},
        "workers": {"iad3": {"enabled": true}},
    })
}

#[test]
fn what_is_read_and_made_is_nothing_to_tell() {
    let made = json!([external("nautobot-db", &["username", "password"])]);
    assert_eq!(check_values(database("nautobot-db"), made), []);
    assert_eq!(check_values(json!({}), json!([])), []);
}

#[test]
fn a_secret_under_two_names_is_an_error_at_both_ends() {
    let made = json!([external("nautobot-db2", &["username", "password"])]);
    let found = check_values(database("nautobot-db"), made);
    assert_eq!(
        codes_and_places(&found),
        [("secret/not-made", "/nautobot/db/existingSecret"), ("secret/not-read", "/objects/0"),]
    );
    assert_eq!(
        found[0].message,
        "nautobot.db reads Secret nautobot-db, but no object creates it; created but not read: \
         ExternalSecret nautobot-db2"
    );
    assert_eq!(
        found[1].message,
        "ExternalSecret nautobot-db2 is not used: nothing reads its Secret; read but not created: \
         nautobot-db (nautobot.db)"
    );
    assert!(found.iter().all(|one| one.severity == Severity::Error && one.hint.is_some()));
}

#[test]
fn a_key_that_is_not_made_is_an_error() {
    let found = check_values(database("db"), json!([external("db", &["password"])]));
    assert_eq!(codes_and_places(&found), [("secret/no-key", "/nautobot/db/existingSecret")]);
    assert_eq!(
        found[0].message,
        "nautobot.db reads key username of Secret db, but ExternalSecret db creates it with only \
         password"
    );
    let two = json!({
        "values": database("db"),
        "cluster": {
            "objects": [external("db", &["password"])],
            "chart": {"name": "nautobot", "version": "2.5.9"},
        },
    });
    assert_eq!(check(two), [], "a chart 2.x reads the password alone");
}

#[test]
fn a_secret_that_two_make_is_an_error() {
    let keys = ["username", "password"];
    let found = check_values(database("db"), json!([external("db", &keys), external("db", &keys)]));
    assert_eq!(codes_and_places(&found), [("secret/made-twice", "/objects/1")]);
    assert_eq!(
        found[0].message,
        "ExternalSecret db creates Secret db, but ExternalSecret db creates it too"
    );
    let mut other = external("db", &keys);
    other["metadata"]["namespace"] = json!("other");
    let found = check_values(database("db"), json!([external("db", &keys), other]));
    assert_eq!(found, [], "another namespace's is another Secret");
}

#[test]
fn what_comes_from_another_place_is_said_in_the_settings() {
    let request = |objects: Value| {
        json!({
            "values": database("db"),
            "settings": {"elsewhere": ["db"]},
            "cluster": {"objects": objects},
        })
    };
    assert_eq!(check(request(json!([]))), []);
    let found = check(request(json!([external("db", &["username", "password"])])));
    assert_eq!(codes_and_places(&found), [("secret/made-twice", "/objects/0")]);
    assert!(found[0].message.contains("elsewhere"), "{}", found[0].message);
}

#[test]
fn what_values_that_nobody_could_read_may_name_is_a_warning() {
    let found = check(json!({"cluster": {
        "objects": [external("db", &["password"])], "unread": ["$understack/values.yaml"],
    }}));
    assert_eq!(codes_and_places(&found), [("secret/not-read", "/objects/0")]);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].hint.as_ref().unwrap().contains("$understack/values.yaml"));
}

#[test]
fn documents_of_any_shape_are_only_asked() {
    for odd in [json!(null), json!([]), json!("x"), json!({"metadata": 7, "spec": [[1]]})] {
        let objects = json!([odd, {"kind": "ExternalSecret", "apiVersion": 7}]);
        check_values(
            json!({"workers": odd, "celery": odd, "nautobot": odd, "redis": odd}),
            objects,
        );
    }
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema: Value = serde_json::from_str(crate::settings::SCHEMA).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["elsewhere"]["default"], json!([]));
}
