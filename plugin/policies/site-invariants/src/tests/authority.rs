use serde_json::{Value, json};

use super::{at_site, check, codes_and_places, named, object};

const CODE: &str = "mtls/ca-key-on-site";

/// How an object brings the authority to a site, and where in it.
fn brought(object: Value) -> (String, String) {
    let found = at_site(object.clone());
    let mut found = found.into_iter().filter(|one| one.code == CODE);
    let one = found.next().unwrap_or_else(|| panic!("{object}"));
    assert!(found.next().is_none(), "reported once: {object}");
    let global = check("global", json!({}), json!([object]));
    assert!(global.iter().all(|one| one.code != CODE), "the authority is there");
    (one.message, one.path.unwrap())
}

fn external(spec: Value) -> Value {
    let mut object = object("external-secrets.io/v1", "ExternalSecret");
    object["spec"] = spec;
    object
}

fn value(secret_key: &str, key: &str, property: Option<&str>) -> Value {
    let mut remote = json!({"key": key});
    if let Some(property) = property {
        remote["property"] = json!(property);
    }
    external(json!({"data": [{"secretKey": secret_key, "remoteRef": remote}]}))
}

#[test]
fn nothing_at_a_site_signs() {
    for kind in ["Issuer", "ClusterIssuer"] {
        let (message, path) = brought(object("cert-manager.io/v1", kind));
        assert_eq!(message, format!("{kind} one would sign certificates at a site"));
        assert_eq!(path, "/objects/0");
    }
    let issuer = json!([object("cert-manager.io/v1", "ClusterIssuer")]);
    let found = check("site", json!({"allow": ["ClusterIssuer"]}), issuer);
    assert_eq!(
        codes_and_places(&found),
        [(CODE, "/objects/0")],
        "never allowed, and reported once"
    );
    let mut certificate = object("cert-manager.io/v1", "Certificate");
    assert_eq!(at_site(certificate.clone()), []);
    certificate["spec"] = json!({"isCA": true});
    assert_eq!(brought(certificate).1, "/objects/0/spec/isCA");
}

#[test]
fn a_secret_with_an_authoritys_key_is_refused() {
    for key in ["ca.key", "ca_tls.key", "mtls-ca-key.pem", "CA.KEY"] {
        let mut secret = object("v1", "Secret");
        secret["data"] = json!({key: ""});
        let (message, path) = brought(secret);
        assert_eq!(message, format!("Secret one contains the authority's key ({key})"));
        assert_eq!(path, format!("/objects/0/data/{key}"));
    }
    for name in ["mtls-ca", "ca", "other-ca"] {
        let mut secret = named("Secret", "v1", name);
        secret["stringData"] = json!({"tls.crt": "", "tls.key": ""});
        assert_eq!(brought(secret).1, "/objects/0/stringData/tls.key");
    }
    let mut sealed = object("bitnami.com/v1alpha1", "SealedSecret");
    sealed["spec"] = json!({"encryptedData": {"ca.key": "x"}});
    assert_eq!(brought(sealed).1, "/objects/0/spec/encryptedData/ca.key");
}

#[test]
fn an_external_secret_that_would_fetch_it_is_refused() {
    let (message, path) = brought(value("key", "dev/mtls-ca", Some("tls.key")));
    assert_eq!(
        message,
        "ExternalSecret one fetches the authority's key: property tls.key of dev/mtls-ca"
    );
    assert_eq!(path, "/objects/0/spec/data/0");
    let (message, _) = brought(value("x", "dev/mtls-ca", None));
    assert!(message.ends_with("all of dev/mtls-ca"), "{message}");
    assert_eq!(brought(value("ca.key", "dev/x", Some("a"))).1, "/objects/0/spec/data/0");
    assert_eq!(brought(value("x", "dev/x", Some("ca-tls.key"))).1, "/objects/0/spec/data/0");
    let whole = external(json!({"dataFrom": [{"extract": {"key": "dev/mtls-ca"}}]}));
    assert_eq!(brought(whole).1, "/objects/0/spec/dataFrom/0");
    let template = json!({"target": {"template": {"data": {"ca.key": "{{ .x }}"}}}});
    assert_eq!(brought(external(template)).1, "/objects/0/spec/target/template/data/ca.key");
}

#[test]
fn its_public_certificate_and_a_sites_own_pair_are_fine() {
    for fine in [
        value("ca_crt", "dev/mtls-ca", Some("tls.crt")),
        value("ca_crt", "dev/iad3/nautobot-mtls-client", Some("ca.crt")),
        value("client_key", "dev/iad3/nautobot-mtls-client", Some("tls.key")),
        external(json!({"dataFrom": [{"extract": {"key": "dev/iad3/nautobot-custom-env"}}]})),
        external(json!({"dataFrom": [{"find": {"name": {"regexp": "x"}}}]})),
    ] {
        assert_eq!(at_site(fine.clone()), [], "{fine}");
    }
}

#[test]
fn a_fleet_says_what_its_authorities_are_called() {
    let fetched = value("x", "dev/root-of-trust", Some("tls.key"));
    assert_eq!(at_site(fetched.clone()), []);
    let found = check("site", json!({"authorities": ["root-of-trust"]}), json!([fetched]));
    assert_eq!(codes_and_places(&found), [(CODE, "/objects/0/spec/data/0")]);
}

#[test]
fn an_authority_of_the_global_cluster_keeps_its_key() {
    let mut authority = named("Certificate", "cert-manager.io/v1", "mtls-ca");
    authority["spec"] = json!({"isCA": true});
    for (policy, count) in [(json!(null), 1), (json!("Always"), 1), (json!("Never"), 0)] {
        authority["spec"]["privateKey"] = json!({"rotationPolicy": policy});
        let found = check("global", json!({}), json!([authority]));
        assert_eq!(
            codes_and_places(&found),
            vec![("mtls/rotation", "/objects/0/spec"); count],
            "{policy}"
        );
    }
}
