#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{Finding, Policy, Scope, Severity, harness};
use serde_json::{Value, json};

use super::SiteInvariants;

mod authority;
mod literal;
mod server_names;

fn check(scope: &str, settings: Value, objects: Value) -> Vec<Finding> {
    let request = json!({"scope": scope, "settings": settings, "cluster": {"objects": objects}});
    let plan = harness::evaluate::<SiteInvariants>(request).unwrap();
    assert!(plan.edits.is_empty() && plan.manifests.is_empty());
    let is_error = |one: &Finding| one.severity == Severity::Error || one.code == "mtls/rotation";
    assert!(plan.findings.iter().all(is_error));
    plan.findings
}

fn at_site(object: Value) -> Vec<Finding> {
    check("site", json!({}), json!([object]))
}

fn codes_and_places(found: &[Finding]) -> Vec<(&str, &str)> {
    found.iter().map(|one| (&*one.code, one.path.as_deref().unwrap_or("nowhere"))).collect()
}

fn object(version: &str, kind: &str) -> Value {
    named(kind, version, "one")
}

fn named(kind: &str, version: &str, name: &str) -> Value {
    let metadata = json!({"name": name, "namespace": "nautobot"});
    json!({"apiVersion": version, "kind": kind, "metadata": metadata})
}

#[test]
fn it_checks_sites_and_global_clusters() {
    assert_eq!(SiteInvariants::describe().scopes, [Scope::Site, Scope::Global]);
    for scope in ["site", "global"] {
        assert_eq!(check(scope, json!({}), json!([])), []);
        let fine = json!([object("v1", "ConfigMap"), object("apps/v1", "Deployment")]);
        assert_eq!(check(scope, json!({}), fine), []);
    }
}

#[test]
fn what_belongs_to_the_whole_cluster_is_not_a_sites() {
    for (version, kind) in [
        ("v1", "Namespace"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("external-secrets.io/v1", "ClusterSecretStore"),
        ("gateway.networking.k8s.io/v1", "GatewayClass"),
    ] {
        let found = at_site(object(version, kind));
        assert_eq!(
            codes_and_places(&found),
            [("object/cluster-scoped", "/objects/0/kind")],
            "{kind}"
        );
        assert_eq!(check("global", json!({}), json!([object(version, kind)])), [], "{kind}");
    }
    let found = at_site(object("v1", "Namespace"));
    assert_eq!(found[0].message, "Namespace one belongs to the whole cluster, not to a site");
    assert_eq!(at_site(object("example.net/v1", "Namespace")), [], "of another group");
}

#[test]
fn a_fleet_says_which_kinds_it_has_and_allows() {
    let role = object("rbac.authorization.k8s.io/v1", "ClusterRole");
    for allow in ["ClusterRole", "ClusterRole.rbac.authorization.k8s.io"] {
        assert_eq!(check("site", json!({"allow": [allow]}), json!([role.clone()])), [], "{allow}");
    }
    let other = json!({"allow": ["ClusterRole.example.net"]});
    assert_eq!(check("site", other, json!([role])).len(), 1);
    let mut zone = object("example.net/v1", "Zone");
    zone["metadata"] = json!({"name": "one"});
    assert_eq!(codes_and_places(&at_site(zone.clone())), [("object/namespace", "/objects/0")]);
    let settings = json!({"clusterScoped": ["Zone.example.net"]});
    let found = check("site", settings.clone(), json!([zone.clone()]));
    assert_eq!(codes_and_places(&found), [("object/cluster-scoped", "/objects/0/kind")]);
    assert_eq!(check("global", settings, json!([zone])), []);
}

#[test]
fn every_object_that_lives_in_a_namespace_has_one() {
    let mut map = object("v1", "ConfigMap");
    map["metadata"] = json!({"name": "one"});
    for scope in ["site", "global"] {
        let found = check(scope, json!({}), json!([map.clone()]));
        assert_eq!(codes_and_places(&found), [("object/namespace", "/objects/0")]);
        assert_eq!(found[0].message, "ConfigMap one has no namespace");
    }
    map["metadata"]["namespace"] = json!("Nautobot");
    assert_eq!(
        codes_and_places(&at_site(map)),
        [("object/namespace", "/objects/0/metadata/namespace")]
    );
}

#[test]
fn names_are_held_to_the_rules_of_their_kind() {
    for good in [
        named("ConfigMap", "v1", "a.b-c"),
        named("Service", "v1", "a-b"),
        named("Role", "rbac.authorization.k8s.io/v1", "system:Any_thing"),
        named("CronJob", "batch/v1", &"a".repeat(52)),
    ] {
        assert_eq!(at_site(good.clone()), [], "{good}");
    }
    for bad in [
        named("ConfigMap", "v1", "A"),
        named("ConfigMap", "v1", "a_b"),
        named("ConfigMap", "v1", &"a".repeat(254)),
        named("Service", "v1", "a.b"),
        named("Service", "v1", &"a".repeat(64)),
        named("Role", "rbac.authorization.k8s.io/v1", "a/b"),
        named("CronJob", "batch/v1", &"a".repeat(53)),
    ] {
        let found = at_site(bad.clone());
        assert_eq!(
            codes_and_places(&found),
            [("object/name", "/objects/0/metadata/name")],
            "{bad}"
        );
    }
    assert_eq!(
        codes_and_places(&at_site(named("Service", "v1", ""))),
        [("object/name", "/objects/0")]
    );
}

#[test]
fn documents_of_any_shape_are_only_asked() {
    for odd in [json!(null), json!([]), json!("x"), json!(7), json!({"metadata": []})] {
        assert_eq!(at_site(odd)[0].code, "object/name");
    }
    for kind in ["Secret", "ConfigMap"] {
        let mut odd = object("v1", kind);
        odd["data"] = json!(["a", {"b": "c"}]);
        odd["spec"] = json!({"containers": [7, {"env": [[], "x", {"name": 8}]}]});
        assert_eq!(at_site(odd), []);
    }
}

#[test]
fn the_schema_is_closed_and_its_defaults_are_those_of_the_code() {
    let schema: Value = serde_json::from_str(crate::settings::SCHEMA).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let read = crate::settings::Settings::read(&harness::request(json!({})).settings).unwrap();
    let properties = &schema["properties"];
    assert_eq!(properties["authorities"]["default"], json!(read.authorities));
    assert_eq!(properties["clusterScoped"]["default"], json!(read.cluster_scoped));
    assert_eq!(properties["allow"]["default"], json!(read.allow));
}
