use policy_sdk::{Severity, harness};
use serde_json::{Value, json};

use super::{decide, only, request, with};

const CODE: &str = "gateway/not-allowed";

/// The request with a TLS route of the values that no site dials.
fn with_route(more: &Value) -> Value {
    let mut route =
        json!({"fqdn": "a.example.com", "from": "Same", "service": {"name": "x", "port": 1}});
    route.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    with("/values/routes/tls", json!([route]))
}

fn is_allowed(request: Value) -> bool {
    harness::findings(&decide(request).unwrap(), CODE).is_empty()
}

#[test]
fn same_keeps_out_a_route_of_another_namespace() {
    let request = with("/settings/services/database/from", json!("Same"));
    let plan = decide(request).unwrap();
    assert_eq!(
        only(&plan, CODE),
        "listener nautobot-db (settings /services/database) accepts only routes of its own namespace (from: Same): Gateway external-gateway is in envoy-gateway, but TLSRoute nautobot-db is in nautobot"
    );
    let finding = harness::findings(&plan, CODE)[0];
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.path.as_deref(), Some("/services/database/from"));
    assert!(finding.hint.as_deref().unwrap().starts_with("set from: All"));
}

#[test]
fn a_tcp_route_is_kept_out_too() {
    let mut request = with("/settings/services/database/from", json!("Same"));
    request["settings"]["services"]["database"]["protocol"] = json!("TCP");
    assert!(only(&decide(request).unwrap(), CODE).ends_with("TCPRoute nautobot-db is in nautobot"));
}

#[test]
fn a_route_of_the_values_is_refused_where_it_stands() {
    let plan = decide(with_route(&json!({"namespace": "openstack"}))).unwrap();
    assert!(only(&plan, CODE).starts_with("listener a (values /routes/tls/0) accepts"));
    assert_eq!(harness::findings(&plan, CODE)[0].path.as_deref(), Some("/routes/tls/0/from"));
}

#[test]
fn a_route_of_the_gateways_namespace_is_taken() {
    assert!(is_allowed(with_route(&json!({"namespace": "envoy-gateway"}))));
    assert!(is_allowed(with_route(&json!({}))));
    let mut request = request();
    for service in ["database", "redis"] {
        let service = &mut request["settings"]["services"][service];
        service["from"] = json!("Same");
        service.as_object_mut().unwrap().remove("namespace");
    }
    assert!(is_allowed(request));
}

#[test]
fn a_route_without_a_namespace_is_where_its_maker_puts_it() {
    let mut request = with_route(&json!({}));
    request["values"]["gateways"]["external"]["namespace"] = json!("gateways");
    assert!(is_allowed(request.clone()));
    request["settings"]["objects"] = json!(false);
    let message = only(&decide(request).unwrap(), CODE);
    assert!(message.ends_with("is in gateways, but TLSRoute a is in envoy-gateway"), "{message}");
}

#[test]
fn all_namespaces_and_those_of_a_selector_are_not_judged() {
    for more in [
        json!({"from": null, "namespace": "openstack"}),
        json!({"from": "All", "namespace": "openstack"}),
        json!({"from": "Selector", "selector": {"team": "a"}, "namespace": "openstack"}),
        json!({"from": "Same", "selector": {"team": "a"}, "namespace": "openstack"}),
    ] {
        assert!(is_allowed(with_route(&more)), "{more}");
    }
}
