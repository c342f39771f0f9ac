use policy_sdk::{Failure, harness};
use serde_json::{Value, json};

use super::{decide, objects, of_kind, only, request, with, workers};

/// The request, with PostgreSQL behind a TCP route.
fn tcp() -> Value {
    with("/settings/services/database/protocol", json!("TCP"))
}

#[test]
fn a_tcp_listener_has_no_name_and_its_route_no_hostnames() {
    let plan = decide(tcp()).unwrap();
    let objects = objects(&plan);
    assert_eq!(
        objects[0]["spec"]["listeners"][0],
        json!({
            "name": "nautobot-db", "port": 5432, "protocol": "TCP",
            "allowedRoutes": {"namespaces": {"from": "All"}},
        })
    );
    assert_eq!(objects[0]["spec"]["listeners"][1]["protocol"], "TLS");
    assert_eq!(
        objects[1],
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1alpha2",
            "kind": "TCPRoute",
            "metadata": {"name": "nautobot-db", "namespace": "nautobot"},
            "spec": {
                "parentRefs": [{
                    "name": "external-gateway", "namespace": "envoy-gateway",
                    "sectionName": "nautobot-db",
                }],
                "rules": [{"backendRefs": [
                    {"name": "nautobot-cluster-rw", "namespace": "nautobot", "port": 5432},
                ]}],
            },
        })
    );
    of_kind(&plan, "TLSRoute");
}

#[test]
fn each_kind_of_route_has_a_version_of_its_own() {
    let versions = |setting: &str| {
        let mut request = tcp();
        request["settings"][setting] = json!("v1");
        let plan = decide(request).unwrap();
        ["TCPRoute", "TLSRoute"]
            .map(|kind| of_kind(&plan, kind)["apiVersion"].as_str().unwrap().to_owned())
    };
    let group = |version: &str| format!("gateway.networking.k8s.io/{version}");
    assert_eq!(versions("tcpRouteVersion"), [group("v1"), group("v1alpha2")]);
    assert_eq!(versions("tlsRouteVersion"), [group("v1alpha2"), group("v1")]);
}

#[test]
fn a_tcp_listener_takes_the_namespaces_and_the_keepalive_that_it_is_told() {
    let mut request = tcp();
    let service = &mut request["settings"]["services"]["database"];
    service["selector"] = json!({"team": "dcim"});
    service["clientTrafficPolicy"] = json!({"tcpKeepalive": {"idleTime": "120s"}});
    let objects = objects(&decide(request).unwrap());
    assert_eq!(
        objects[0]["spec"]["listeners"][0]["allowedRoutes"]["namespaces"],
        json!({"from": "Selector", "selector": {"matchLabels": {"team": "dcim"}}})
    );
    assert_eq!(objects[2]["kind"], "ClientTrafficPolicy");
    assert_eq!(objects[2]["spec"]["targetRefs"][0]["sectionName"], "nautobot-db");
}

#[test]
fn the_values_for_the_chart_lack_a_tcp_route_and_say_so() {
    let plan = decide(tcp()).unwrap();
    let tls = &harness::overlay(&plan)["routes"]["tls"];
    assert_eq!(tls.as_array().unwrap().len(), 1);
    assert_eq!(tls[0]["name"], "nautobot-redis");
    assert_eq!(
        only(&plan, "gateway/protocol"),
        "the chart envoy-configs has no TCP routes, so its values lack route nautobot-db to service nautobot-cluster-rw (services.database.protocol: TCP)"
    );
    assert_eq!(plan.findings.len(), 1, "{:?}", plan.findings);
    assert_eq!(plan.findings[0].severity, policy_sdk::Severity::Note);
}

#[test]
fn a_tcp_route_that_only_the_chart_could_make_is_refused() {
    let mut request = tcp();
    request["settings"]["objects"] = json!(false);
    let plan = decide(request).unwrap();
    let message = only(&plan, "gateway/protocol");
    assert!(message.ends_with("and objects: false leaves the gateway to the chart"), "{message}");
    let finding = &plan.findings[0];
    assert_eq!(finding.severity, policy_sdk::Severity::Error);
    assert_eq!(finding.path.as_deref(), Some("/services/database/protocol"));
    assert!(finding.hint.as_deref().unwrap().starts_with("set objects: true"));
}

#[test]
fn a_tcp_listener_shares_its_port_with_no_other() {
    let route = json!({
        "fqdn": "other.example.com", "gatewayPort": 5432, "service": {"name": "x", "port": 1},
    });
    let mut request = tcp();
    request["values"]["routes"]["tls"] = json!([route]);
    assert_eq!(
        only(&decide(request).unwrap(), "gateway/collision"),
        "two listeners of Gateway external-gateway have port 5432, which a TCP listener cannot share: values /routes/tls/0 and settings /services/database"
    );
    let mut request = tcp();
    request["settings"]["services"]["redis"]["protocol"] = json!("TCP");
    assert!(harness::findings(&decide(request.clone()).unwrap(), "gateway/collision").is_empty());
    for whose in ["/profile", "/fleet/a"] {
        let policies = "/site/nautobot_worker/policies/nautobot-worker/connections/redis";
        request.pointer_mut(&[whose, policies].concat()).unwrap()["port"] = json!(5432);
    }
    let message = only(&decide(request).unwrap(), "gateway/collision");
    assert!(
        message.ends_with("settings /services/database and settings /services/redis"),
        "{message}"
    );
}

#[test]
fn tls_listeners_still_share_a_port() {
    let route = json!({
        "fqdn": "other.example.com", "gatewayPort": 5432, "service": {"name": "x", "port": 1},
    });
    let plan = decide(with("/values/routes/tls", json!([route]))).unwrap();
    assert!(harness::findings(&plan, "gateway/collision").is_empty(), "{:?}", plan.findings);
}

#[test]
fn a_tcp_route_serves_every_host_on_its_port() {
    let mut request = tcp();
    request["fleet"]["b"] = workers("db.elsewhere.example.com");
    request["fleet"]["c"] = workers("10.0.0.10");
    let plan = decide(request).unwrap();
    assert_eq!(plan.findings.len(), 1, "the note alone: {:?}", plan.findings);
}

#[test]
fn a_tcp_route_serves_no_other_port_and_no_other_connection() {
    let on_port = |connection: &str, port: u64| {
        let mut request = tcp();
        let place = "/fleet/a/site/nautobot_worker/policies/nautobot-worker/connections";
        request.pointer_mut(place).unwrap()[connection]["port"] = json!(port);
        let plan = decide(request).unwrap();
        let finding = harness::findings(&plan, "gateway/not-served")[0];
        (only(&plan, "gateway/not-served"), finding.hint.clone().unwrap())
    };
    let (message, hint) = on_port("database", 5433);
    let start = "site a connects to nautobot-db.dev.example.com:5433";
    assert!(message.starts_with(start), "{message}");
    assert!(hint.contains("its routes serve TCP port 5432, nautobot-redis."), "{hint}");
    let (message, _) = on_port("redis", 5432);
    let start = "site a connects to nautobot-redis.dev.example.com:5432";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn one_host_on_two_ports_is_two_connections() {
    let mut request = tcp();
    for whose in ["/profile", "/fleet/a"] {
        let redis = "/site/nautobot_worker/policies/nautobot-worker/connections/redis";
        request.pointer_mut(&[whose, redis].concat()).unwrap()["host"] =
            json!("nautobot-db.dev.example.com");
    }
    request["settings"]["services"]["redis"]["route"] = json!("nautobot-redis");
    let plan = decide(request).unwrap();
    assert_eq!(plan.findings.len(), 1, "the note alone: {:?}", plan.findings);
    let listeners = &of_kind(&plan, "Gateway")["spec"]["listeners"];
    assert_eq!(listeners[1]["hostname"], "nautobot-db.dev.example.com");
    of_kind(&plan, "TLSRoute");
}

#[test]
fn a_tcp_route_that_no_site_dials_is_told_by_its_port() {
    let mut request = tcp();
    request["fleet"] = json!({});
    let plan = decide(request).unwrap();
    let message: Vec<_> = harness::findings(&plan, "gateway/not-dialled");
    assert!(message[0].message.starts_with("no site connects to TCP port 5432"), "{message:?}");
}

#[test]
fn a_protocol_that_is_neither_is_refused() {
    let mut request = request();
    request["settings"]["services"]["database"]["protocol"] = json!("UDP");
    let Failure::BadSettings(values) = decide(request).unwrap_err() else {
        panic!("not the settings")
    };
    assert_eq!(values[0].path, "/services/database/protocol");
    assert_eq!(values[0].message, "is UDP, must be TLS or TCP");
}
