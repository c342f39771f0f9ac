//! References of objects: pods of a rendered chart, and others.

use serde_json::{Value, json};

use super::{check_values, codes_and_places, external};

fn deployment(pod: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "w", "namespace": "nautobot"},
        "spec": {"template": {"spec": pod}},
    })
}

#[test]
fn a_rendered_pod_reads_what_its_containers_and_volumes_name() {
    let pod = json!({
        "imagePullSecrets": [{"name": "a"}],
        "containers": [{
            "name": "c",
            "env": [
                {"name": "K", "valueFrom": {"secretKeyRef": {"name": "b", "key": "k"}}},
                {"name": "F", "value": "/m/f"},
            ],
            "envFrom": [{"secretRef": {"name": "made"}}],
            "volumeMounts": [{"name": "v", "mountPath": "/m"}],
        }],
        "volumes": [{"name": "v", "secret": {"secretName": "d"}}],
    });
    let made = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "made", "namespace": "nautobot"},
    });
    let found = check_values(json!({}), json!([deployment(pod), made, external("d", &["e"])]));
    let pod = "/objects/0/spec/template/spec";
    assert_eq!(
        codes_and_places(&found),
        [
            ("secret/not-made", &*format!("{pod}/imagePullSecrets/0/name")),
            ("secret/not-made", &*format!("{pod}/containers/0/env/0/valueFrom/secretKeyRef/name")),
            ("secret/no-key", &*format!("{pod}/volumes/0/secret/secretName")),
        ]
    );
    assert!(found[0].message.starts_with("Deployment w reads Secret a, but no object creates it"));
    assert!(found[2].message.contains("Deployment w (F) reads key f of Secret d"));
}

#[test]
fn keys_that_a_volume_picks_are_read() {
    let pod = json!({
        "containers": [{"name": "c"}],
        "volumes": [{"name": "v", "secret": {
            "secretName": "s", "items": [{"key": "a", "path": "x"}, {"key": "b", "path": "y"}],
        }}],
    });
    let found = check_values(json!({}), json!([deployment(pod), external("s", &["a"])]));
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("key b of Secret s"), "{}", found[0].message);
}

#[test]
fn a_secret_of_another_namespace_serves_nobody_here() {
    let pod = json!({"containers": [{"envFrom": [{"secretRef": {"name": "s"}}]}]});
    let mut other = external("s", &["k"]);
    other["metadata"]["namespace"] = json!("other");
    let found = check_values(json!({}), json!([deployment(pod), other]));
    assert_eq!(
        codes_and_places(&found),
        [
            (
                "secret/not-made",
                "/objects/0/spec/template/spec/containers/0/envFrom/0/secretRef/name"
            ),
            ("secret/not-read", "/objects/1"),
        ]
    );
}

#[test]
fn other_objects_read_secrets_too() {
    let object = |kind: &str, spec: Value| json!({"apiVersion": "x/v1", "kind": kind, "metadata": {"name": "o"}, "spec": spec});
    let token = json!({"auth": {"tokenSecretRef": {"name": "s", "key": "t"}}});
    for read in [
        object("SecretStore", token),
        object("Ingress", json!({"tls": [{"secretName": "s"}]})),
        object("PushSecret", json!({"selector": {"secret": {"name": "s"}}})),
        object(
            "CronJob",
            json!({"jobTemplate": {"spec": {"template": {"spec": {
                "containers": [{"envFrom": [{"secretRef": {"name": "s"}}]}],
            }}}}}),
        ),
    ] {
        let found = check_values(json!({}), json!([read.clone(), external("s", &["t"])]));
        assert_eq!(found, [], "{read}");
        assert_eq!(check_values(json!({}), json!([read]))[0].code, "secret/not-made");
    }
}
