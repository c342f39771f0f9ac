//! The translation of `tests/mtls/gateway.py` has the shape of Envoy Gateway's own.

use std::io::Write as _;
use std::process::{Command as Process, Stdio};

use serde_json::{Value, json};
use site_cmp_tests::{built, peer, read_yaml, repo};

/// Listeners that Envoy Gateway's tests expect; `None` where they are not at hand.
fn golden(name: &str) -> Option<Value> {
    let file = built("peers/crds/envoy-gateway").map(|folder| folder.join(name));
    let file = file.filter(|file| file.exists());
    let file = peer("Envoy Gateway's golden files", file, "build them with: tests/peers/build")?;
    Some(read_yaml(&file))
}

fn translated(objects: &Value) -> Value {
    let mut python = Process::new("python3")
        .arg(repo().join("tests/mtls/gateway.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!({"objects": objects, "address": "::", "services": {}}).to_string();
    python.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let config: Value = serde_json::from_slice(&output.stdout).unwrap();
    config["staticResources"]["listeners"].clone()
}

/// The same without names of clusters and chains: Envoy Gateway makes them up otherwise.
fn unnamed(mut listeners: Value) -> Value {
    for listener in listeners.as_array_mut().unwrap() {
        for chain in listener["filterChains"].as_array_mut().unwrap() {
            chain.as_object_mut().unwrap().remove("name");
            let proxy = &mut chain["filters"][0]["typedConfig"];
            proxy.as_object_mut().unwrap().remove("cluster");
        }
    }
    listeners
}

fn route(kind: &str, name: &str, hostnames: &Value) -> Value {
    json!({
        "kind": kind,
        "metadata": {"name": name, "namespace": "n"},
        "spec": {
            "parentRefs": [{"name": "g", "sectionName": name}],
            "hostnames": hostnames,
            "rules": [{"backendRefs": [{"name": "s", "port": 1}]}],
        },
    })
}

fn gateway(listeners: &Value) -> Value {
    let metadata = json!({"name": "g", "namespace": "n"});
    json!({"kind": "Gateway", "metadata": metadata, "spec": {"listeners": listeners}})
}

#[test]
fn a_passthrough_listener_is_envoy_gateways_own() {
    let Some(expected) = golden("tls-route-passthrough.listeners.yaml") else { return };
    let names =
        [("tls-passthrough-foo", "foo.com", 10080), ("tls-passthrough-bar", "bar.com", 10081)];
    let listeners = names.map(|(name, host, port)| {
        json!({"name": name, "port": port, "protocol": "TLS", "hostname": host})
    });
    let routes = names.map(|(name, host, _)| route("TLSRoute", name, &json!([host])));
    let objects = [&[gateway(&json!(listeners))][..], &routes].concat();
    assert_eq!(unnamed(translated(&json!(objects))), unnamed(expected));
}

#[test]
fn a_tcp_listener_is_envoy_gateways_own() {
    let Some(expected) = golden("tcp-route-simple.listeners.yaml") else { return };
    let name = "tcp-listener-simple";
    let listeners = json!([{"name": name, "port": 10080, "protocol": "TCP"}]);
    let objects = json!([gateway(&listeners), route("TCPRoute", name, &json!([]))]);
    assert_eq!(unnamed(translated(&objects)), unnamed(expected));
}

/// As the controller does it: by section, by hostname, by allowed namespace.
#[test]
fn a_route_that_the_controller_would_not_attach_leads_nowhere() {
    let section = json!([{"name": "a", "port": 1, "protocol": "TLS", "hostname": "a.example"}]);
    let chains = |route: Value| {
        let listeners = translated(&json!([gateway(&section), route]));
        listeners[0]["filterChains"].as_array().unwrap().len()
    };
    let good = route("TLSRoute", "a", &json!(["a.example"]));
    assert_eq!(chains(good.clone()), 1);
    assert_eq!(chains(route("TLSRoute", "a", &json!(["b.example"]))), 0);
    assert_eq!(chains(route("TLSRoute", "other", &json!(["a.example"]))), 0);
    let mut elsewhere = good;
    elsewhere["metadata"]["namespace"] = json!("other");
    elsewhere["spec"]["parentRefs"][0]["namespace"] = json!("n");
    assert_eq!(chains(elsewhere), 0);
}
