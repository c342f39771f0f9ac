use policy_sdk::harness;
use serde_json::{Value, json};

use super::{decide, only, request};

/// The request without a service for the database, and with these TLS routes in the values.
fn with_routes(routes: Value) -> Value {
    let mut request = request();
    request["settings"]["services"].as_object_mut().unwrap().remove("database");
    request["values"]["routes"]["tls"] = routes;
    request
}

fn route(name: &str, fqdn: &str) -> Value {
    let service = json!({"name": name, "port": 5432});
    json!({"name": name, "fqdn": fqdn, "gatewayPort": 5432, "service": service})
}

fn message(request: Value, code: &str) -> Vec<String> {
    let plan = decide(request).unwrap();
    harness::findings(&plan, code).iter().map(|one| one.message.clone()).collect()
}

#[test]
fn a_wildcard_serves_what_it_stands_for() {
    for fqdn in ["*.dev.example.com", "*.example.com", "*.com"] {
        let plan = decide(with_routes(json!([route("any", fqdn)]))).unwrap();
        assert!(plan.findings.is_empty(), "{fqdn}: {:?}", plan.findings);
    }
}

#[test]
fn a_wildcard_stands_for_whole_labels_and_at_least_one() {
    for fqdn in ["*.nautobot-db.dev.example.com", "*.db.dev.example.com", "*.dev.example.net"] {
        let message = message(with_routes(json!([route("any", fqdn)])), "gateway/not-served");
        assert_eq!(message.len(), 1, "{fqdn}");
    }
    let mut other_port = with_routes(json!([route("any", "*.dev.example.com")]));
    other_port["values"]["routes"]["tls"][0]["gatewayPort"] = json!(5433);
    assert_eq!(message(other_port, "gateway/not-served").len(), 1);
}

#[test]
fn the_closest_listener_takes_a_connection() {
    let routes = json!([
        route("far", "*.example.com"),
        route("near", "*.dev.example.com"),
        route("exact", "nautobot-db.dev.example.com"),
    ]);
    let without = |gone: &[usize]| {
        let mut routes = routes.clone();
        for index in gone {
            routes.as_array_mut().unwrap().remove(*index);
        }
        message(with_routes(routes), "gateway/not-dialled")
    };
    let exact = without(&[]);
    assert_eq!(exact.len(), 2, "{exact:?}");
    assert!(exact[0].contains("route far") && exact[1].contains("route near"), "{exact:?}");
    let near = without(&[2]);
    assert!(near.len() == 1 && near[0].contains("route far"), "{near:?}");
    assert!(without(&[2, 1]).is_empty());
}

#[test]
fn a_wildcard_is_held_to_the_negotiation_too() {
    let mut request = with_routes(json!([route("any", "*.dev.example.com")]));
    let mtls = "/fleet/a/site/nautobot_worker/policies/nautobot-worker/connections";
    request.pointer_mut(mtls).unwrap()["mtls"] = json!({"sslNegotiation": "postgres"});
    let message = only(&decide(request).unwrap(), "gateway/negotiation");
    let start = "site a connects to nautobot-db.dev.example.com:5432 ";
    assert!(message.starts_with(start), "{message}");
    assert!(message.contains("route any to service any (values /routes/tls/0)"), "{message}");
}

#[test]
fn a_wildcard_and_a_host_that_it_matches_do_not_collide() {
    let mut request = request();
    request["values"]["routes"]["tls"] = json!([route("any", "*.dev.example.com")]);
    assert!(message(request, "gateway/collision").is_empty());
}
