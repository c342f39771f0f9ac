//! What differs from the chart on purpose: each taken away on both sides, by itself.
//!
//! Where a difference says what the chart or we do, that is asserted and not only removed.

use serde_json::{Value, json};

use super::Objects;

/// Takes one difference away.
type Level = fn(&mut Objects, &mut Objects);

/// The differences, by the words of docs/understack.md.
pub(super) const DIFFERENCES: [(&str, Level); 11] = [
    ("helm's metadata", helms_metadata),
    ("another gateway", another_gateway),
    ("HTTP routes", http_routes),
    ("service annotations", service_annotations),
    ("route version", route_version),
    ("route namespace", route_namespace),
    ("backend namespace", backend_namespace),
    ("section name", section_name),
    ("match labels", match_labels),
    ("idle timeout", idle_timeout),
    ("connection limit", connection_limit),
];

fn of_kind<'a>(objects: &'a mut Objects, kind: &str) -> impl Iterator<Item = &'a mut Value> {
    let kind = format!("{kind} ");
    objects.iter_mut().filter(move |(name, _)| name.starts_with(&kind)).map(|(_, object)| object)
}

fn remove(value: &mut Value, key: &str) -> Option<Value> {
    value.as_object_mut()?.remove(key)
}

fn listeners(gateway: &mut Value) -> &mut Vec<Value> {
    gateway["spec"]["listeners"].as_array_mut().unwrap()
}

fn helms_metadata(chart: &mut Objects, ours: &mut Objects) {
    for object in chart.values_mut() {
        remove(&mut object["metadata"], "labels");
        remove(&mut object["metadata"], "annotations");
    }
    for object in ours.values() {
        assert_eq!(object["metadata"].as_object().unwrap().len(), 2, "name and namespace");
    }
}

/// The chart makes both gateways, the policy the one of its setting.
fn another_gateway(chart: &mut Objects, ours: &mut Objects) {
    chart.retain(|name, _| !name.starts_with("Gateway ") || ours.contains_key(name));
}

fn http_routes(chart: &mut Objects, ours: &mut Objects) {
    chart.retain(|name, _| !name.starts_with("HTTPRoute ") && !name.starts_with("Backend "));
    for gateway in of_kind(chart, "Gateway") {
        listeners(gateway).retain(|listener| listener["protocol"] != "HTTPS");
    }
    for gateway in of_kind(ours, "Gateway") {
        assert!(listeners(gateway).iter().all(|listener| listener["protocol"] == "TLS"));
    }
}

/// The chart's `EnvoyProxy` carries what the Gateway API has a field for.
fn service_annotations(chart: &mut Objects, ours: &mut Objects) {
    let told = of_kind(chart, "EnvoyProxy")
        .map(|proxy| &proxy["spec"]["provider"]["kubernetes"]["envoyService"]["annotations"])
        .next()
        .cloned();
    chart.retain(|name, _| !name.starts_with("EnvoyProxy "));
    for gateway in of_kind(chart, "Gateway") {
        remove(&mut gateway["spec"], "infrastructure");
    }
    for gateway in of_kind(ours, "Gateway") {
        let own = remove(&mut gateway["spec"], "infrastructure");
        assert_eq!(own, told.clone().map(|told| json!({"annotations": told})));
    }
}

fn route_version(chart: &mut Objects, ours: &mut Objects) {
    for route in of_kind(chart, "TLSRoute") {
        assert_eq!(route["apiVersion"], "gateway.networking.k8s.io/v1alpha2");
    }
    for route in of_kind(ours, "TLSRoute") {
        route["apiVersion"] = json!("gateway.networking.k8s.io/v1alpha2");
    }
}

/// A route that names no namespace: the chart's is `envoy-gateway`, ours its gateway's.
fn route_namespace(chart: &mut Objects, ours: &mut Objects) {
    let names: Vec<String> =
        chart.keys().filter(|name| !ours.contains_key(*name)).cloned().collect();
    for name in names {
        let Some(route) = name.strip_prefix("TLSRoute envoy-gateway/") else { continue };
        let mut object = chart.remove(&name).unwrap();
        let gateway = object["spec"]["parentRefs"][0]["namespace"].clone();
        let name = format!("TLSRoute {}/{route}", gateway.as_str().unwrap());
        object["metadata"]["namespace"] = gateway;
        chart.insert(name, object);
    }
}

fn backend_namespace(chart: &mut Objects, _: &mut Objects) {
    for route in of_kind(chart, "TLSRoute") {
        let namespace = route["metadata"]["namespace"].clone();
        let backend = &mut route["spec"]["rules"][0]["backendRefs"][0];
        backend.as_object_mut().unwrap().entry("namespace").or_insert(namespace);
    }
}

fn section_name(chart: &mut Objects, ours: &mut Objects) {
    for route in of_kind(chart, "TLSRoute") {
        assert!(remove(&mut route["spec"]["parentRefs"][0], "sectionName").is_none());
    }
    for route in of_kind(ours, "TLSRoute") {
        let section = remove(&mut route["spec"]["parentRefs"][0], "sectionName");
        assert_eq!(section.as_ref(), Some(&route["metadata"]["name"]));
    }
}

fn match_labels(_: &mut Objects, ours: &mut Objects) {
    for gateway in of_kind(ours, "Gateway") {
        for listener in listeners(gateway) {
            let namespaces = &mut listener["allowedRoutes"]["namespaces"];
            if let Some(mut selector) = remove(namespaces, "selector") {
                namespaces["selector"] = remove(&mut selector, "matchLabels").unwrap();
                assert_eq!(selector, json!({}), "nothing beside matchLabels");
            }
        }
    }
}

/// The chart's policy for clients has keepalive alone.
fn idle_timeout(chart: &mut Objects, ours: &mut Objects) {
    for policy in of_kind(chart, "ClientTrafficPolicy") {
        assert!(policy["spec"].get("timeout").is_none());
    }
    for policy in of_kind(ours, "ClientTrafficPolicy") {
        let timeout = remove(&mut policy["spec"], "timeout");
        assert!(timeout.is_none_or(|own| own == json!({"tcp": {"idleTimeout": "24h"}})));
    }
}

/// The chart leaves each backend with Envoy's own limit.
fn connection_limit(chart: &mut Objects, ours: &mut Objects) {
    assert!(of_kind(chart, "BackendTrafficPolicy").next().is_none());
    ours.retain(|name, _| !name.starts_with("BackendTrafficPolicy "));
}
