use policy_sdk::{Failure, Plan, harness};
use serde_json::{Value, json};

use super::MtlsClients;

mod lifetime;
mod servers;
mod sites;

fn decide(sites: &[&str], settings: Value) -> Result<Plan, Failure> {
    among(sites, &json!({}), settings)
}

/// The plan for open sites whose policies have these settings.
fn among(sites: &[&str], policies: &Value, settings: Value) -> Result<Plan, Failure> {
    let profile = json!({"site": {"nautobot_worker": {"policies": policies}}});
    let fleet: serde_json::Map<_, _> =
        sites.iter().map(|site| ((*site).to_owned(), profile.clone())).collect();
    harness::evaluate::<MtlsClients>(json!({
        "scope": "global", "environment": "dev", "fleet": fleet, "settings": settings,
    }))
}

fn objects(plan: &Plan) -> Vec<Value> {
    plan.manifests.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

#[test]
fn each_open_site_gets_a_certificate_of_its_own() {
    let plan = decide(&["a", "b"], json!({})).unwrap();
    let objects = objects(&plan);
    assert_eq!(objects.len(), 2);
    assert_eq!(
        objects[0],
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": "nautobot-mtls-client-a"},
            "spec": {
                "secretName": "nautobot-mtls-client-a",
                "commonName": "app",
                "duration": "26280h",
                "renewBefore": "720h",
                "usages": ["client auth"],
                "privateKey": {"algorithm": "ECDSA", "size": 256, "encoding": "PKCS1"},
                "issuerRef": {"name": "mtls-ca-issuer", "kind": "Issuer", "group": "cert-manager.io"},
            },
        })
    );
    assert_eq!(objects[1]["spec"]["secretName"], "nautobot-mtls-client-b");
}

#[test]
fn a_site_that_is_added_changes_nothing_of_the_others() {
    let before = objects(&decide(&["a", "c"], json!({})).unwrap());
    let mut after = objects(&decide(&["a", "b", "c"], json!({})).unwrap());
    after.remove(1);
    assert_eq!(before, after);
}

#[test]
fn two_sites_never_share_a_secret() {
    let plan = decide(&["a", "b"], json!({"name": "client-{{environment}}"})).unwrap();
    let found = harness::findings(&plan, "mtls/secret-shared");
    assert_eq!(found[0].message, "site b and site a would share Secret client-dev");
    assert_eq!(found[0].path.as_deref(), Some("/name"));
    let settings = json!({"name": "{{site}}", "authority": {"secretName": "b"}});
    let plan = decide(&["a", "b"], settings).unwrap();
    let found = harness::findings(&plan, "mtls/secret-shared");
    assert_eq!(found[0].message, "site b and the authority would share Secret b");
}

#[test]
fn the_chain_down_to_the_issuer_can_be_made_too() {
    let objects = objects(&decide(&["a"], json!({"authority": {}})).unwrap());
    let kinds: Vec<_> = objects
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["metadata"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("Issuer", "mtls-ca-selfsigned"),
            ("Certificate", "mtls-ca"),
            ("Issuer", "mtls-ca-issuer"),
            ("Certificate", "nautobot-mtls-client-a"),
        ]
    );
    assert_eq!(objects[1]["spec"]["isCA"], true);
    assert_eq!(objects[1]["spec"]["issuerRef"]["name"], "mtls-ca-selfsigned");
    let key = json!({"rotationPolicy": "Never", "algorithm": "ECDSA", "size": 256});
    assert_eq!(objects[1]["spec"]["privateKey"], key);
    assert_eq!(objects[2]["spec"], json!({"ca": {"secretName": "mtls-ca"}}));
}

/// As the guide replaces an authority: what a render shows beforehand is what is made later, and
/// the new issuer is all that changes of a site's certificate.
#[test]
fn another_authority_shares_no_object_with_the_first() {
    let first = objects(&decide(&["a"], json!({"authority": {}})).unwrap());
    let settings =
        json!({"authority": {"name": "mtls-2-ca"}, "issuer": {"name": "mtls-2-ca-issuer"}});
    let mut second = objects(&decide(&["a"], settings).unwrap());
    let names: Vec<_> =
        second.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect();
    let own = ["mtls-2-ca-selfsigned", "mtls-2-ca", "mtls-2-ca-issuer"];
    assert_eq!(names, [&own[..], &["nautobot-mtls-client-a"]].concat());
    assert!(first.iter().all(|one| !own.iter().any(|name| one["metadata"]["name"] == *name)));
    assert_eq!(second[1]["spec"]["secretName"], "mtls-2-ca");
    let issuer = &mut second[3]["spec"]["issuerRef"]["name"];
    assert_eq!(issuer.take(), "mtls-2-ca-issuer");
    *issuer = "mtls-ca-issuer".into();
    assert_eq!(second[3], first[3]);
}

#[test]
fn a_pair_is_pushed_where_the_settings_say() {
    let settings = json!({
        "push": {"store": {"name": "vault"}, "remoteKey": "{{environment}}/{{site}}/mtls"},
    });
    let push = objects(&decide(&["a"], settings).unwrap()).remove(1);
    assert_eq!(push["kind"], "PushSecret");
    assert_eq!(push["spec"]["selector"]["secret"]["name"], "nautobot-mtls-client-a");
    assert_eq!(
        push["spec"]["secretStoreRefs"],
        json!([{"name": "vault", "kind": "ClusterSecretStore"}])
    );
    let data = &push["spec"]["data"][1]["match"];
    assert_eq!(data["secretKey"], "tls.key");
    assert_eq!(data["remoteRef"], json!({"remoteKey": "dev/a/mtls", "property": "tls.key"}));
    assert_eq!(push["spec"]["data"].as_array().unwrap().len(), 3);
}

#[test]
fn what_the_schema_cannot_refuse_is_refused_here() {
    for (settings, path) in [
        (json!({"name": "{{cluster}}"}), "/name"),
        (json!({"commonName": "app-{{ site }}"}), "/commonName"),
        (json!({"commonName": "app-{{cluster}}"}), "/commonName"),
        (json!({"authority": {"commonName": "ca-{{cluster}}"}}), "/authority/commonName"),
        (json!({"authority": {"commonName": "ca-{{site}}"}}), "/authority/commonName"),
        (json!({"duration": "720h"}), "/renewBefore"),
        (json!({"duration": "a year"}), "/duration"),
        (
            json!({"authority": {"duration": "720h", "renewBefore": "720h"}}),
            "/authority/renewBefore",
        ),
        (json!({"privateKey": {"size": 2048}}), "/privateKey/size"),
        (json!({"privateKey": {"algorithm": "RSA", "size": 256}}), "/privateKey/size"),
        (json!({"push": {"store": {"name": "s"}, "remoteKey": "mtls"}}), "/push/remoteKey"),
        (json!({"authority": {}, "issuer": {"kind": "ClusterIssuer"}}), "/issuer/kind"),
    ] {
        let Failure::BadSettings(values) = decide(&["a"], settings).unwrap_err() else {
            panic!("not the settings")
        };
        assert_eq!(values[0].path, path);
    }
}

#[test]
fn a_name_that_kubernetes_refuses_is_refused() {
    let plan = decide(&["A_b", "good"], json!({})).unwrap();
    assert_eq!(harness::findings(&plan, "mtls/name").len(), 1);
    assert_eq!(plan.manifests.len(), 1);
}

#[test]
fn a_common_name_is_filled_in() {
    let settings = json!({
        "commonName": "{{environment}}-{{site}}", "authority": {"commonName": "ca {{environment}}"},
    });
    let objects = objects(&decide(&["a", "b"], settings).unwrap());
    let names: Vec<_> =
        objects.iter().filter_map(|one| one["spec"]["commonName"].as_str()).collect();
    assert_eq!(names, ["ca dev", "dev-a", "dev-b"]);
}

#[test]
fn a_common_name_that_is_too_long_is_an_error_of_its_site() {
    let long = "a".repeat(61);
    let plan = decide(&[&long, "b"], json!({"commonName": "app-{{site}}"})).unwrap();
    let found = harness::findings(&plan, "mtls/name");
    assert_eq!(found[0].path.as_deref(), Some(&*format!("/{long}")));
    assert_eq!(plan.manifests.len(), 1);
    let just = "a".repeat(60);
    assert!(decide(&[&just], json!({"commonName": "app-{{site}}"})).unwrap().findings.is_empty());
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema: Value = serde_json::from_str(crate::settings::SCHEMA).unwrap();
    assert_eq!(schema["additionalProperties"], false);
}
