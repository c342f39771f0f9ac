//! Both ends of a certificate's way: what is pushed here and what a site reads.

use policy_sdk::{Failure, Finding, Severity, harness};
use serde_json::{Value, json};
use site_secrets::SiteSecrets;

use super::{among, objects};

/// Returns the findings with this code for a site with these settings of site-secrets.
fn findings_of(theirs: Value, ours: Value, code: &str) -> Vec<Finding> {
    let plan = among(&["iad3"], &json!({"site-secrets": theirs}), ours).unwrap();
    harness::findings(&plan, code).into_iter().cloned().collect()
}

fn pushing() -> Value {
    json!({"push": {"store": {"name": "vault"}}})
}

#[test]
fn what_a_site_reads_by_default_is_what_is_pushed_for_it_by_default() {
    let pushed = objects(&among(&["iad3"], &json!({}), pushing()).unwrap()).remove(1);
    let request = json!({
        "site": "iad3", "environment": "dev", "settings": {"store": {"name": "vault"}},
    });
    let plan = harness::evaluate::<SiteSecrets>(request).unwrap();
    let read = objects(&plan);
    let read = read.iter().find(|one| one["metadata"]["name"] == "nautobot-mtls-client").unwrap();
    let pushed: Vec<&Value> = pushed["spec"]["data"].as_array().unwrap().iter().collect();
    let reads = read["spec"]["data"].as_array().unwrap();
    assert_eq!(reads.len(), 3);
    for one in reads {
        let (key, property) = (&one["remoteRef"]["key"], &one["remoteRef"]["property"]);
        let remote = json!({"remoteKey": key, "property": property});
        assert!(pushed.iter().any(|data| data["match"]["remoteRef"] == remote), "{remote}");
    }
    let plan = among(&["iad3"], &json!({"site-secrets": {}}), pushing()).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
}

#[test]
fn a_site_that_reads_elsewhere_is_an_error_that_names_both_ends() {
    let theirs = json!({"mtls": {"remoteKey": "certs/{{site}}"}});
    let found = findings_of(theirs, pushing(), "mtls/remote-key");
    assert_eq!(
        found[0].message,
        "site iad3 reads its certificate at certs/iad3 (setting mtls.remoteKey of site-secrets), \
         but mtls-clients pushes it to an-environment/iad3/nautobot-mtls-client (setting \
         push.remoteKey)"
            .replace("an-environment", "dev")
    );
    let place = "/iad3/site/nautobot_worker/policies/site-secrets";
    assert_eq!(found[0].path.as_deref(), Some(&*format!("{place}/mtls/remoteKey")));

    let mut ours = pushing();
    ours["push"]["remoteKey"] = json!("certs/{{site}}");
    assert_eq!(findings_of(json!({}), ours, "mtls/remote-key")[0].path.as_deref(), Some(place));
}

#[test]
fn a_site_that_reads_a_property_that_is_not_pushed_is_an_error() {
    for (theirs, words) in [
        (
            json!({"key": "client.key"}),
            "property `client.key` of dev/iad3/nautobot-mtls-client (setting mtls.key",
        ),
        (json!({"certificate": ""}), "property `` of"),
        (json!({"authority": {"property": "ca"}}), "(setting mtls.authority.property"),
    ] {
        let found = findings_of(json!({"mtls": theirs}), pushing(), "mtls/remote-key");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains(words), "{}", found[0].message);
    }
    let elsewhere =
        json!({"mtls": {"authority": {"remoteKey": "dev/authority", "property": "ca"}}});
    assert!(findings_of(elsewhere, pushing(), "mtls/remote-key").is_empty());
}

#[test]
fn a_site_that_looks_for_another_encoding_is_an_error() {
    let pkcs8 = json!({"mtls": {"keyEncoding": "PKCS8"}});
    let found = findings_of(pkcs8.clone(), json!({}), "mtls/encoding");
    assert!(
        found[0].message.contains("ECDSA key in PKCS8")
            && found[0].message.contains("ECDSA key in PKCS1")
    );
    let rsa = json!({"privateKey": {"algorithm": "RSA"}});
    assert_eq!(findings_of(json!({}), rsa, "mtls/encoding").len(), 1);
    let fits = json!({"privateKey": {"algorithm": "RSA", "encoding": "PKCS8"}});
    assert!(findings_of(pkcs8, fits, "mtls/encoding").is_empty());
}

#[test]
fn a_site_that_logs_in_as_another_is_a_warning() {
    let found = findings_of(json!({"database": {"username": "other"}}), json!({}), "mtls/user");
    assert_eq!(found[0].severity, Severity::Warning);
    let own = json!({"database": {"username": "app-iad3"}});
    let template = json!({"commonName": "app-{{site}}"});
    assert!(findings_of(own, template.clone(), "mtls/user").is_empty());
    assert!(
        findings_of(json!({}), template, "mtls/user")[0]
            .message
            .contains("certificate names app-iad3")
    );
    for theirs in [json!({"usernameProperty": "username"}), json!({"enabled": false})] {
        let theirs = json!({"database": theirs});
        assert!(findings_of(theirs, json!({"commonName": "x"}), "mtls/user").is_empty());
    }
}

#[test]
fn a_site_that_takes_its_certificate_in_another_way_is_left_alone() {
    for policies in
        [json!({}), json!({"site-secrets": {"mtls": {"enabled": false, "remoteKey": "x"}}})]
    {
        let plan = among(&["iad3"], &policies, pushing()).unwrap();
        assert!(plan.findings.is_empty(), "{policies}");
    }
    let elsewhere = json!({"mtls": {"remoteKey": "certs/iad3"}});
    assert!(findings_of(elsewhere, json!({}), "mtls/remote-key").is_empty(), "nothing is pushed");
}

#[test]
fn settings_of_a_site_that_cannot_be_read_name_the_site() {
    for theirs in [json!({"mtls": {"remoteKey": "{{cluster}}"}}), json!({"mtls": {"key": 7}})] {
        let policies = json!({"site-secrets": theirs});
        let failure = among(&["iad3"], &policies, pushing()).unwrap_err();
        let Failure::Unsupported(message) = failure else { panic!("{failure:?}") };
        assert!(message.starts_with("fleet /iad3/site/"), "{message}");
    }
}
