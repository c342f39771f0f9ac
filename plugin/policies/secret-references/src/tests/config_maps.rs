//! ConfigMaps follow the same rules as Secrets.

use serde_json::{Value, json};

use super::{check, check_values, codes_and_places, external};

fn config_map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

/// Final values of a running worker that has this beside.
fn worker(more: Value) -> Value {
    let mut values = json!({
        "nautobot": {"superUser": {"enabled": false}},
        "workers": {"iad3": {"enabled": true}},
    });
    values["celery"] = more;
    values
}

#[test]
fn a_config_map_that_nothing_makes_is_an_error_as_a_secret_is() {
    let values = worker(json!({"extraEnvVarsCM": ["cluster-data", "nautobot-sso"]}));
    let made = json!([config_map("cluster-data", json!({"SITE": "iad3"}))]);
    let found = check_values(values.clone(), made.clone());
    assert_eq!(codes_and_places(&found), [("config-map/not-made", "/celery/extraEnvVarsCM/1")]);
    assert_eq!(
        found[0].message,
        "worker iad3 reads ConfigMap nautobot-sso, but no object creates it"
    );
    assert!(found[0].hint.as_ref().unwrap().contains("elsewhere"));
    let settings = json!({"elsewhere": ["nautobot-sso"]});
    let request = json!({"values": values, "settings": settings, "cluster": {"objects": made}});
    assert_eq!(check(request), []);
}

#[test]
fn every_shape_that_names_a_config_map_is_a_read() {
    let from = |reference: Value| json!({"name": "A", "valueFrom": reference});
    for (more, place) in [
        (
            json!({"extraEnvVars": [from(json!({"configMapKeyRef": {"name": "c", "key": "k"}}))]}),
            "/celery/extraEnvVars/0/valueFrom/configMapKeyRef/name",
        ),
        (
            json!({"extraVolumes": [{"name": "v", "configMap": {"name": "c"}}]}),
            "/celery/extraVolumes/0/configMap/name",
        ),
        (
            json!({"extraVolumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "c"}}]}}]}),
            "/celery/extraVolumes/0/projected/sources/0/configMap/name",
        ),
        (
            json!({"initContainers": [{"envFrom": [{"configMapRef": {"name": "c"}}]}]}),
            "/celery/initContainers/0/envFrom/0/configMapRef/name",
        ),
    ] {
        let found = check_values(worker(more.clone()), json!([]));
        assert_eq!(codes_and_places(&found), [("config-map/not-made", place)]);
        let made = json!([config_map("c", json!({"k": "v"}))]);
        assert_eq!(check_values(worker(more), made), []);
    }
}

#[test]
fn keys_are_compared_too() {
    let volume = json!({"name": "v", "configMap": {"name": "c", "items": [{"key": "k"}]}});
    let values = worker(json!({"extraVolumes": [volume]}));
    let found = check_values(values, json!([config_map("c", json!({"other": ""}))]));
    assert_eq!(
        codes_and_places(&found),
        [("config-map/no-key", "/celery/extraVolumes/0/configMap/name")]
    );
    let values = worker(json!({
        "extraEnvVars": [{"name": "CA", "value": "/m/ca.crt"}],
        "extraVolumes": [{"name": "v", "configMap": {"name": "c"}}],
        "extraVolumeMounts": [{"name": "v", "mountPath": "/m"}],
    }));
    let found = check_values(values, json!([config_map("c", json!({"other": ""}))]));
    assert!(found[0].message.contains("(CA) reads key ca.crt of ConfigMap c"), "{found:?}");
}

#[test]
fn an_optional_one_and_that_of_every_namespace_may_be_missing() {
    let source = |name: &str, optional: bool| json!({"name": name, "configMap": {"name": name, "optional": optional}});
    let volumes = json!({"extraVolumes": [source("c", true), source("kube-root-ca.crt", false)]});
    assert_eq!(check_values(worker(volumes), json!([])), []);
}

#[test]
fn a_config_by_config_map_is_read_by_every_pod_of_chart_3() {
    let values = json!({
        "nautobot": {"configCM": "shared", "superUser": {"enabled": false}},
        "workers": {"iad3": {"enabled": true}},
    });
    let found = check_values(values.clone(), json!([]));
    assert_eq!(codes_and_places(&found), [("config-map/not-made", "/nautobot/configCM")]);
    let mut inline = values.clone();
    inline["nautobot"]["config"] = json!("import os");
    assert_eq!(check_values(inline, json!([])), [], "the chart ignores configCM beside a config");
    let own = json!({"objects": [], "config": {"parameter": "nautobot.config"}});
    assert_eq!(check(json!({"values": values, "cluster": own})), [], "it beats configCM");
    let chart = json!({"name": "nautobot", "version": "2.5.9"});
    assert_eq!(check(json!({"values": values, "cluster": {"objects": [], "chart": chart}})), []);
}

#[test]
fn other_objects_make_config_maps_and_read_them() {
    let values = worker(json!({"extraEnvVarsCM": ["c"]}));
    let bundle = json!({
        "apiVersion": "trust.cert-manager.io/v1alpha1", "kind": "Bundle", "metadata": {"name": "c"},
        "spec": {"target": {"configMap": {"key": "ca.crt"}}},
    });
    assert_eq!(check_values(values.clone(), json!([bundle])), []);
    let mut written = external("c", &["k"]);
    written["spec"]["target"]["manifest"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    assert_eq!(check_values(values.clone(), json!([written])), []);
    let two = json!([config_map("c", json!({})), config_map("c", json!({}))]);
    assert_eq!(
        codes_and_places(&check_values(values, two)),
        [("config-map/made-twice", "/objects/1")]
    );

    let mut reader = external("s", &["k"]);
    let template = json!({"templateFrom": [{"configMap": {"name": "templates"}}]});
    reader["spec"]["target"]["template"] = template;
    let values = worker(json!({"extraEnvVarsSecret": ["s"]}));
    let place = "/objects/0/spec/target/template/templateFrom/0/configMap/name";
    assert_eq!(
        codes_and_places(&check_values(values, json!([reader]))),
        [("config-map/not-made", place)]
    );
}

#[test]
fn a_secret_and_a_config_map_of_one_name_are_two_objects() {
    let values = worker(json!({"extraEnvVarsCM": ["c"], "extraEnvVarsSecret": ["c"]}));
    let made = json!([config_map("c", json!({}))]);
    let found = check_values(values.clone(), made.clone());
    assert_eq!(codes_and_places(&found), [("secret/not-made", "/celery/extraEnvVarsSecret/0")]);
    let settings = json!({"elsewhere": ["c"]});
    let request = json!({"values": values, "settings": settings, "cluster": {"objects": made}});
    assert_eq!(check(request), [], "the setting can only mean the Secret");
}
