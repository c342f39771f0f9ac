//! References of the chart's final values, and their readers.

use serde_json::{Value, json};

use super::{check_values, codes_and_places, external};

/// Places in these values that read a Secret which nothing makes.
fn places(values: Value) -> Vec<String> {
    let found = check_values(values, json!([]));
    assert!(found.iter().all(|one| one.code == "secret/not-made"), "{found:?}");
    found.into_iter().map(|one| one.path.unwrap()).collect()
}

#[test]
fn every_shape_in_which_a_worker_names_a_secret_counts() {
    let worker = json!({
        "enabled": true,
        "extraEnvVars": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}],
        "extraEnvVarsSecret": ["b"],
        "extraVolumes": [
            {"name": "c", "secret": {"secretName": "c"}},
            {"name": "d", "projected": {"sources": [{"secret": {"name": "d"}}]}},
            {"name": "t", "secret": {"secretName": "{{ .Release.Name }}-t"}},
        ],
        "extraContainers": [{"envFrom": [{"secretRef": {"name": "e"}}]}],
        "image": {"pullSecrets": ["f"]},
    });
    let values = json!({"workers": {"iad3": worker}});
    assert_eq!(
        places(values),
        [
            "/workers/iad3/extraEnvVars/0/valueFrom/secretKeyRef/name",
            "/workers/iad3/extraEnvVarsSecret/0",
            "/workers/iad3/extraVolumes/0/secret/secretName",
            "/workers/iad3/extraVolumes/1/projected/sources/0/secret/name",
            "/workers/iad3/extraContainers/0/envFrom/0/secretRef/name",
            "/workers/iad3/image/pullSecrets/0",
        ]
    );
}

#[test]
fn only_what_is_switched_on_reads() {
    let reads = |enabled: Value| json!({"enabled": enabled, "extraEnvVarsSecret": ["a"]});
    for off in [
        json!({"workers": {"other": reads(json!(false))}}),
        json!({"workers": {"other": {"extraEnvVarsSecret": ["a"]}}, "celery": {"enabled": false}}),
        json!({"nautobots": {"default": reads(json!(false))}}),
        json!({"redis": {"enabled": false, "auth": {"existingSecret": "a"}}}),
        json!({"celery": {"extraEnvVarsSecret": ["a"]}}),
        json!({"metrics": {"exporter": {"enabled": false, "existingSecret": "a"}}}),
    ] {
        assert!(places(off.clone()).is_empty(), "{off}");
    }
    for on in [
        json!({"workers": {"other": reads(json!(true))}}),
        json!({"workers": {"other": {"extraEnvVarsSecret": ["a"]}}}),
        json!({"nautobots": {"default": reads(json!(true))}}),
        json!({"redis": {"enabled": true, "auth": {"existingSecret": "a"}}}),
        json!({"global": {"imagePullSecrets": ["a"]}}),
        json!({"nautobot": {"superUser": {"existingSecret": "a"}}}),
    ] {
        assert_eq!(places(on.clone()).len(), 1, "{on}");
    }
}

#[test]
fn a_list_of_the_workers_own_hides_that_of_all_workers() {
    let values =
        |own: Value| json!({"celery": {"extraEnvVarsSecret": ["all"]}, "workers": {"iad3": own}});
    let own = json!({"enabled": true, "extraEnvVarsSecret": []});
    assert!(places(values(own)).is_empty());
    let inherited = places(values(json!({"enabled": true})));
    assert_eq!(inherited, ["/celery/extraEnvVarsSecret/0"]);
}

#[test]
fn connections_of_all_pods_are_read_whatever_nautobot_enabled_says() {
    let values = json!({"nautobot": {
        "enabled": false,
        "db": {"existingSecret": "a"}, "redis": {"existingSecret": "b"},
        "django": {"existingSecret": "c"}, "image": {"pullSecrets": [{"name": "d"}]},
    }});
    assert_eq!(
        places(values),
        [
            "/nautobot/db/existingSecret",
            "/nautobot/redis/existingSecret",
            "/nautobot/django/existingSecret",
            "/nautobot/image/pullSecrets/0/name",
        ]
    );
}

#[test]
fn a_file_that_a_variable_names_is_a_key() {
    let values = json!({"workers": {"iad3": {
        "enabled": true,
        "extraEnvVars": [
            {"name": "CA", "value": "/mtls/ca.crt"},
            {"name": "OTHER", "value": "/mtlsx/no"},
            {"name": "DEEP", "value": "/mtls/a/b"},
        ],
        "extraVolumes": [{"name": "m", "secret": {"secretName": "pair"}}],
        "extraVolumeMounts": [{"name": "m", "mountPath": "/mtls/"}],
    }}});
    let found = check_values(values, json!([external("pair", &["tls.crt", "tls.key"])]));
    assert_eq!(
        codes_and_places(&found),
        [("secret/no-key", "/workers/iad3/extraVolumes/0/secret/secretName")]
    );
    assert_eq!(
        found[0].message,
        "worker iad3 (CA) reads key ca.crt of Secret pair, but ExternalSecret pair creates it with \
         only tls.crt, tls.key"
    );
}

#[test]
fn keys_of_another_name_are_those_that_the_values_say() {
    let values = json!({"nautobot": {"redis": {
        "existingSecret": "r", "existingSecretPasswordKey": "pw",
    }}});
    assert_eq!(check_values(values.clone(), json!([external("r", &["pw"])])), []);
    let found = check_values(values, json!([external("r", &["redis-password"])]));
    assert!(found[0].message.contains("key pw"), "{}", found[0].message);
    let pull = json!({"nautobot": {"image": {"pullSecrets": ["r"]}}});
    let found = check_values(pull, json!([external("r", &["config"])]));
    assert!(found[0].message.contains("key .dockerconfigjson"), "{}", found[0].message);
}

#[test]
fn what_is_optional_may_be_missing_and_still_counts_as_read() {
    let reference = json!({"name": "a", "key": "k", "optional": true});
    let values = json!({"workers": {"iad3": {
        "enabled": true, "extraEnvVars": [{"name": "A", "valueFrom": {"secretKeyRef": reference}}],
    }}});
    assert!(places(values.clone()).is_empty());
    assert_eq!(check_values(values, json!([external("a", &["k"])])), []);
}
