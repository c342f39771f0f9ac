use policy_sdk::harness::findings;
use policy_sdk::{Document, DocumentName, Failure};
use serde_json::{Value, json};

use super::{full_name, plain_release};
use crate::tests::{MAJORS, SITE, codes, evaluate, request};

/// Returns the plan for this label and release.
fn named(label: &str, release: &str, values: &Value, metrics: bool) -> Result<Vec<String>, String> {
    let mut input = request("3.1.1", values.clone(), json!({"metrics": metrics}));
    input["profile"]["appLabels"]["understack.rackspace.com/site"] = json!(label);
    input["cluster"]["release"]["name"] = json!(release);
    match evaluate(input) {
        Ok(plan) => Ok(findings(&plan, "worker/object-name")
            .iter()
            .map(|finding| format!("{:?} {}", finding.path, finding.message))
            .collect()),
        Err(Failure::BadProfile(bad)) => {
            assert!(bad.iter().all(|bad| bad.path == SITE));
            Err(bad.into_iter().map(|bad| bad.message).collect::<Vec<_>>().join("; "))
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn full(values: Value, release: &str) -> String {
    full_name(&Document::new(DocumentName::Values, values), release)
}

#[test]
fn names_begin_as_the_chart_has_it() {
    // Each rendered with the charts 2.5.9 and 3.1.1.
    assert_eq!(full(json!({}), "nautobot-worker"), "nautobot-worker");
    assert_eq!(full(json!({}), "worker"), "worker-nautobot");
    assert_eq!(full(json!({}), "my.rel9"), "my-rel9-nautobot");
    assert_eq!(full(json!({"nameOverride": "aa"}), "xaa"), "xaa");
    assert_eq!(full(json!({"nameOverride": ""}), "x"), "x-nautobot");
    assert_eq!(
        full(json!({"fullnameOverride": "Foo_bar-", "nameOverride": "aa"}), "9x"),
        "Foo_bar"
    );
    let long = "a".repeat(62);
    assert_eq!(full(json!({"fullnameOverride": format!("{long}-b")}), "x"), long);
}

#[test]
fn a_dot_of_a_release_becomes_a_dash() {
    for (release, plain) in
        [("a.b", "a-b"), ("a-.-b", "a-b"), ("a..b", "a-b"), ("a-b", "a-b"), ("a--.b.", "a--b-")]
    {
        assert_eq!(plain_release(release), plain, "{release}");
    }
}

#[test]
fn the_longest_label_depends_on_the_release_and_on_metrics() {
    let of = |length: usize| "a".repeat(length);
    for (length, metrics, values) in [
        (31, true, json!({})),
        (47, false, json!({})),
        (47, true, json!({"metrics": {"serviceMonitor": {"enabled": false}}})),
        (44, true, json!({"fullnameOverride": "nb"})),
    ] {
        let fits = named(&of(length), "nautobot-worker", &values, metrics);
        assert_eq!(fits, Ok(Vec::new()), "{length} {values}");
        named(&of(length + 1), "nautobot-worker", &values, metrics).unwrap_err();
    }
    // The longest label depends on the length of the release, not on the label itself.
    assert!(named(&of(29), "w", &json!({}), true).is_ok());
    assert!(named(&of(37), "w", &json!({}), true).is_err());
}

#[test]
fn a_service_that_is_too_long_is_named_with_what_to_shorten() {
    let release = "nautobot-celery-workers-production";
    let label = "rax-dev-iad3-building-b-hall-1";
    let message = named(label, release, &json!({}), true).unwrap_err();
    assert_eq!(
        message,
        "makes the Service nautobot-celery-workers-production-celery-rax-dev-iad3-building-b-hall-1-headless 81 characters long, but Kubernetes allows 63; shorten the label or the release's name, nautobot-celery-workers-production"
    );
    assert_eq!(named(label, release, &json!({}), false), Ok(Vec::new()));
    let values = json!({"fullnameOverride": release});
    let message = named(label, "w", &values, true).unwrap_err();
    assert!(message.ends_with("shorten the label or the value fullnameOverride"), "{message}");
    let message = named(&"a".repeat(48), "w", &json!({}), false).unwrap_err();
    assert!(message.starts_with("makes the label app.kubernetes.io/component nautobot-celery-a"));
    assert!(message.ends_with("64 characters long, but Kubernetes allows 63; shorten the label"));
}

#[test]
fn a_name_that_kubernetes_refuses_is_an_error_where_it_is_chosen() {
    let reports = |values: Value, release| named("iad3", release, &values, true).unwrap();
    let found = reports(json!({"fullnameOverride": "My_App"}), "w");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("Some(\"/fullnameOverride\")"), "{found:?}");
    // A Service begins with a letter (RFC 1035), other objects need not.
    let found = reports(json!({}), "9-nautobot");
    assert!(found[0].contains("Service \"9-nautobot-celery-iad3-headless\""), "{found:?}");
    assert_eq!(named("iad3", "9-nautobot", &json!({}), false), Ok(Vec::new()));
    let found = reports(json!({"serviceAccount": {"name": "a_b"}}), "w");
    assert!(found[0].starts_with("Some(\"/serviceAccount/name\")"), "{found:?}");
    let off = json!({"serviceAccount": {"name": "a_b", "create": false}});
    assert_eq!(reports(off, "w"), [""; 0]);
    assert_eq!(reports(json!({"nameOverride": "é"}), "w").len(), 1);
}

#[test]
fn a_host_that_names_no_release_is_served() {
    for version in MAJORS {
        let mut input = request(version, json!({}), json!({}));
        input["cluster"]["release"] = json!({});
        let plan = evaluate(input).unwrap();
        assert!(!codes(&plan).contains(&"worker/object-name"));
    }
}
