use policy_sdk::{BadValue, Failure, harness};
use serde_json::{Value, json};

use super::SiteSecrets;

mod settings;

fn decide(mut settings: Value) -> Result<Vec<Value>, Failure> {
    settings["store"] = json!({"name": "vault"});
    let request = json!({"site": "iad3", "environment": "dev", "settings": settings});
    let plan = harness::evaluate::<SiteSecrets>(request)?;
    assert!(plan.edits.is_empty() && plan.findings.is_empty());
    Ok(plan.manifests.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect())
}

fn one(settings: Value, name: &str) -> Value {
    let all = decide(settings).unwrap();
    let found = all.into_iter().find(|one| one["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn refused(settings: Value) -> BadValue {
    match decide(settings).unwrap_err() {
        Failure::BadSettings(mut values) => values.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_site_gets_six_secrets_of_one_store() {
    let all = decide(json!({})).unwrap();
    let names: Vec<_> = all.iter().map(|one| one["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "nautobot-django",
            "nautobot-db",
            "nautobot-worker-redis",
            "dockerconfigjson-github-com",
            "nautobot-custom-env",
            "nautobot-mtls-client",
        ]
    );
    for one in &all {
        assert_eq!(one["apiVersion"], "external-secrets.io/v1");
        assert_eq!(one["kind"], "ExternalSecret");
        assert_eq!(one["spec"]["refreshInterval"], "1h");
        let store = json!({"name": "vault", "kind": "ClusterSecretStore"});
        assert_eq!(one["spec"]["secretStoreRef"], store);
        assert_eq!(one["spec"]["target"]["name"], one["metadata"]["name"]);
    }
}

#[test]
fn a_secret_of_one_value_holds_it_under_the_key_that_the_worker_reads() {
    let django = one(json!({}), "nautobot-django");
    let remote = json!({"key": "dev/nautobot-django", "property": "NAUTOBOT_SECRET_KEY"});
    let data = json!([{"secretKey": "NAUTOBOT_SECRET_KEY", "remoteRef": remote}]);
    assert_eq!(django["spec"]["data"], data);
    let redis = one(json!({}), "nautobot-worker-redis");
    assert_eq!(redis["spec"]["data"][0]["secretKey"], "redis-password");
    let registry = one(json!({}), "dockerconfigjson-github-com");
    assert_eq!(
        registry["spec"]["target"]["template"],
        json!({
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": "{{ .config }}"},
        })
    );
    let env = one(json!({}), "nautobot-custom-env");
    let extract = json!([{"extract": {"key": "dev/iad3/nautobot-custom-env"}}]);
    assert_eq!(env["spec"]["dataFrom"], extract);
    assert!(env["spec"].get("data").is_none());
}

#[test]
fn the_database_secret_says_who_logs_in() {
    let fixed = one(json!({"database": {"username": "worker"}}), "nautobot-db");
    assert_eq!(
        fixed["spec"]["target"]["template"]["data"],
        json!({"username": "worker", "password": "{{ .password }}"})
    );
    let stored = one(json!({"database": {"usernameProperty": "user"}}), "nautobot-db");
    assert!(stored["spec"]["target"].get("template").is_none());
    let data = &stored["spec"]["data"];
    assert_eq!(data[0]["secretKey"], "username");
    assert_eq!(data[0]["remoteRef"], json!({"key": "dev/nautobot-db", "property": "user"}));
    assert_eq!(data[1]["secretKey"], "password");
    let both = refused(json!({"database": {"username": "a", "usernameProperty": "b"}}));
    assert_eq!(both.path, "/database/usernameProperty");
}

#[test]
fn the_client_certificate_is_three_files_and_the_authoritys_key_is_none_of_them() {
    let mtls = one(json!({}), "nautobot-mtls-client");
    assert_eq!(
        mtls["spec"]["target"]["template"],
        json!({
            "type": "kubernetes.io/tls",
            "data": {
                "tls.crt": "{{ .client_crt | filterPEM \"CERTIFICATE\" }}",
                "tls.key": "{{ .client_key | filterPEM \"EC PRIVATE KEY\" }}",
                "ca.crt": "{{ .ca_crt | filterPEM \"CERTIFICATE\" }}",
            },
        })
    );
    let remote = |property| json!({"key": "dev/iad3/nautobot-mtls-client", "property": property});
    assert_eq!(
        mtls["spec"]["data"],
        json!([
            {"secretKey": "client_crt", "remoteRef": remote("tls.crt")},
            {"secretKey": "client_key", "remoteRef": remote("tls.key")},
            {"secretKey": "ca_crt", "remoteRef": remote("ca.crt")},
        ])
    );
}

#[test]
fn the_filter_follows_from_how_the_key_is_encoded() {
    for (algorithm, encoding, block) in [
        ("ECDSA", "PKCS1", "EC PRIVATE KEY"),
        ("RSA", "PKCS1", "RSA PRIVATE KEY"),
        ("ECDSA", "PKCS8", "PRIVATE KEY"),
        ("RSA", "PKCS8", "PRIVATE KEY"),
    ] {
        let mtls = json!({"mtls": {"keyAlgorithm": algorithm, "keyEncoding": encoding}});
        let mtls = one(mtls, "nautobot-mtls-client");
        let expected = format!("{{{{ .client_key | filterPEM \"{block}\" }}}}");
        assert_eq!(mtls["spec"]["target"]["template"]["data"]["tls.key"], expected);
    }
}

#[test]
fn keys_and_properties_are_what_the_settings_say() {
    let mtls = json!({"mtls": {
        "remoteKey": "pairs/{{site}}", "certificate": "", "key": "",
        "authority": {"remoteKey": "{{environment}}/authority", "property": "public"},
    }});
    let data = one(mtls, "nautobot-mtls-client")["spec"]["data"].clone();
    assert_eq!(data[0]["remoteRef"], json!({"key": "pairs/iad3"}), "all properties");
    assert_eq!(data[1]["remoteRef"], json!({"key": "pairs/iad3"}));
    assert_eq!(data[2]["remoteRef"], json!({"key": "dev/authority", "property": "public"}));
    let moved = one(json!({"mtls": {"remoteKey": "x/{{site}}"}}), "nautobot-mtls-client");
    assert_eq!(moved["spec"]["data"][2]["remoteRef"]["key"], "x/iad3", "the authority goes along");
}

#[test]
fn a_secret_that_is_not_wanted_is_not_made() {
    let sections = ["django", "database", "redis", "registry", "mtls", "customEnv"];
    for section in sections {
        assert_eq!(decide(json!({section: {"enabled": false}})).unwrap().len(), 5, "{section}");
    }
    let off = sections.map(|section| (section.to_owned(), json!({"enabled": false})));
    assert!(decide(Value::Object(off.into_iter().collect())).unwrap().is_empty());
}

#[test]
fn an_unknown_placeholder_is_an_error_at_its_setting() {
    for (settings, path) in [
        (json!({"django": {"remoteKey": "{{cluster}}"}}), "/django/remoteKey"),
        (json!({"database": {"remoteKey": "{{ site }}"}}), "/database/remoteKey"),
        (json!({"mtls": {"remoteKey": "{{site"}}), "/mtls/remoteKey"),
        (json!({"mtls": {"authority": {"remoteKey": "{{.}}"}}}), "/mtls/authority/remoteKey"),
        (json!({"customEnv": {"remoteKey": "${site}"}}), "/customEnv/remoteKey"),
    ] {
        let bad = refused(settings);
        assert_eq!(bad.path, path);
        assert!(bad.message.contains("the only placeholders are {{site}} and {{environment}}"));
    }
}

#[test]
fn two_secrets_never_have_one_name() {
    let bad = refused(json!({"redis": {"name": "nautobot-db"}}));
    assert_eq!(bad.path, "/redis/name");
    assert_eq!(bad.message, "is nautobot-db, which is also the value of /database/name");
    let off = json!({"redis": {"name": "nautobot-db"}, "database": {"enabled": false}});
    assert_eq!(decide(off).unwrap().len(), 5);
}

#[test]
fn a_site_without_a_store_is_refused() {
    let failure = harness::evaluate::<SiteSecrets>(json!({})).unwrap_err();
    assert!(matches!(failure, Failure::BadSettings(values) if values[0].path == "/store/name"));
}
