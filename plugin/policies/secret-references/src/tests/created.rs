//! Which objects make a Secret, and with which keys.

use serde_json::{Value, json};

use super::{check_values, codes_and_places, external};

/// Returns the codes of findings for a worker that reads key `k` of Secret `s`, and this object.
fn with(object: Value) -> Vec<String> {
    let reference = json!({"name": "s", "key": "k"});
    let values = json!({"workers": {"iad3": {
        "enabled": true, "extraEnvVars": [{"name": "A", "valueFrom": {"secretKeyRef": reference}}],
    }}});
    check_values(values, json!([object])).into_iter().map(|one| one.code).collect()
}

fn spec(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut object = external("s", &["k"]);
    change(&mut object["spec"]);
    with(object)
}

#[test]
fn an_external_secret_makes_what_its_target_says() {
    assert!(spec(|_| ()).is_empty());
    assert!(spec(|spec| spec["target"] = json!(null)).is_empty(), "its own name");
    let both = ["secret/not-made", "secret/not-read"];
    assert_eq!(spec(|spec| spec["target"]["name"] = json!("t")), both);
    for policy in ["None", "Merge"] {
        let found = spec(|spec| spec["target"]["creationPolicy"] = json!(policy));
        assert_eq!(found, ["secret/not-made"], "{policy}");
    }
    let other = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    let found = spec(|spec| spec["target"]["manifest"] = other);
    assert_eq!(found, ["secret/not-made", "config-map/not-read"]);
}

#[test]
fn its_keys_are_those_of_a_template_or_of_its_values() {
    let template = |key: &str| json!({"data": {key: "{{ .k }}"}});
    assert_eq!(spec(|spec| spec["target"]["template"] = template("x")), ["secret/no-key"]);
    assert!(spec(|spec| spec["target"]["template"] = template("k")).is_empty());
    let merged = json!({"data": {"x": "y"}, "mergePolicy": "Merge"});
    assert!(spec(|spec| spec["target"]["template"] = merged).is_empty());
    assert_eq!(spec(|spec| spec["data"] = json!([])), ["secret/no-key"]);
    let extract = json!([{"extract": {"key": "a"}}]);
    assert!(
        spec(|spec| {
            spec["data"] = json!([]);
            spec["dataFrom"] = extract;
        })
        .is_empty(),
        "only the store knows"
    );
    let from = json!({"templateFrom": [{"configMap": {"name": "c", "optional": true}}]});
    assert!(spec(|spec| spec["target"]["template"] = from).is_empty());
}

#[test]
fn other_objects_make_secrets_too() {
    let object = |version: &str, kind: &str, name: &str| json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    let mut plain = object("v1", "Secret", "s");
    assert_eq!(with(plain.clone()), ["secret/no-key"]);
    plain["stringData"] = json!({"k": ""});
    assert!(with(plain).is_empty());
    let mut sealed = object("bitnami.com/v1alpha1", "SealedSecret", "s");
    sealed["spec"] = json!({"encryptedData": {"k": "x"}});
    assert!(with(sealed).is_empty());
    let mut certificate = object("cert-manager.io/v1", "Certificate", "c");
    certificate["spec"] = json!({"secretName": "s"});
    assert_eq!(with(certificate), ["secret/no-key"], "tls.crt, tls.key and ca.crt");
    assert_eq!(with(object("v1", "ConfigMap", "s")), ["secret/not-made"]);
}

#[test]
fn a_secret_of_another_name_is_told_with_its_maker() {
    let mut object = external("one", &["k"]);
    object["spec"]["target"]["name"] = json!("t");
    let found = check_values(json!({}), json!([object]));
    assert_eq!(codes_and_places(&found), [("secret/not-read", "/objects/0")]);
    assert!(found[0].message.starts_with("ExternalSecret one (Secret t) is not used"));
}
