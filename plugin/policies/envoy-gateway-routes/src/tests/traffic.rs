use policy_sdk::{Plan, Severity, harness};
use serde_json::{Value, json};

use super::{decide, objects, only, request, with};

const POLICY: &str = "/settings/services/redis/clientTrafficPolicy";

/// Returns the specs of the policies for clients without their targets, by name.
fn specs(plan: &Plan) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for mut object in objects(plan) {
        if object["kind"] == "ClientTrafficPolicy" {
            object["spec"].as_object_mut().unwrap().remove("targetRefs");
            let name = object["metadata"]["name"].as_str().unwrap().to_owned();
            found.push((name, object["spec"].take()));
        }
    }
    found
}

/// That of Redis, with these settings.
fn redis(settings: Value) -> Value {
    specs(&decide(with(POLICY, settings)).unwrap()).swap_remove(1).1
}

fn by_default() -> Value {
    json!({
        "tcpKeepalive": {"idleTime": "120s", "interval": "30s", "probes": 3},
        "timeout": {"tcp": {"idleTimeout": "24h"}},
    })
}

#[test]
fn a_selector_is_what_the_api_wants_and_keepalive_is_a_policy() {
    let mut request = with("/settings/services/database/from", json!("Selector"));
    let service = &mut request["settings"]["services"]["database"];
    service["selector"] = json!({"team": "dcim"});
    service["clientTrafficPolicy"] = json!({"tcpKeepalive": {"idleTime": "60s"}});
    let objects = objects(&decide(request).unwrap());
    assert_eq!(
        objects[0]["spec"]["listeners"][0]["allowedRoutes"]["namespaces"],
        json!({"from": "Selector", "selector": {"matchLabels": {"team": "dcim"}}})
    );
    assert_eq!(
        objects[2],
        json!({
            "apiVersion": "gateway.envoyproxy.io/v1alpha1",
            "kind": "ClientTrafficPolicy",
            "metadata": {"name": "nautobot-db-client-traffic", "namespace": "envoy-gateway"},
            "spec": {
                "targetRefs": [{
                    "group": "gateway.networking.k8s.io", "kind": "Gateway",
                    "name": "external-gateway", "sectionName": "nautobot-db",
                }],
                "tcpKeepalive": {"idleTime": "60s", "interval": "30s", "probes": 3},
                "timeout": {"tcp": {"idleTimeout": "24h"}},
            },
        })
    );
}

#[test]
fn both_services_are_kept_alive_and_may_be_silent_for_a_day() {
    let name = |service: &str| format!("nautobot-{service}-client-traffic");
    let both = [(name("db"), by_default()), (name("redis"), by_default())];
    assert_eq!(specs(&decide(request()).unwrap()), both);
    for silent in [json!(null), json!({}), json!({"tcpKeepalive": {}}), json!({"timeout": {}})] {
        assert_eq!(redis(silent), by_default());
    }
    let mut tcp = with("/settings/services/database/protocol", json!("TCP"));
    assert_eq!(specs(&decide(tcp.clone()).unwrap()), both);
    tcp["settings"]["services"]["database"]["clientTrafficPolicy"] = json!({"name": "own"});
    assert_eq!(specs(&decide(tcp).unwrap())[0], ("own".to_owned(), by_default()));
}

#[test]
fn a_setting_wins_over_a_default() {
    assert_eq!(
        redis(json!({
            "tcpKeepalive": {"enabled": true, "interval": "5s", "probes": 9},
            "timeout": {"tcp": {"idleTimeout": "72h"}},
        })),
        json!({
            "tcpKeepalive": {"idleTime": "120s", "interval": "5s", "probes": 9},
            "timeout": {"tcp": {"idleTimeout": "72h"}},
        })
    );
}

#[test]
fn keepalive_is_off_where_a_setting_says_so() {
    let off = json!({"tcpKeepalive": {"enabled": false, "probes": 9}});
    let plan = decide(with(POLICY, off)).unwrap();
    assert_eq!(specs(&plan)[1].1, json!({"timeout": {"tcp": {"idleTimeout": "24h"}}}));
    let values = &harness::overlay(&plan)["routes"]["tls"];
    assert!(values[1].get("clientTrafficPolicy").is_none(), "{values}");
}

#[test]
fn the_values_have_what_the_charts_schema_knows_and_no_more() {
    let policy = json!({"name": "own", "timeout": {"tcp": {"idleTimeout": "72h"}}});
    let plan = decide(with(POLICY, policy)).unwrap();
    let keepalive = by_default()["tcpKeepalive"].clone();
    assert_eq!(
        harness::overlay(&plan)["routes"]["tls"][1]["clientTrafficPolicy"],
        json!({"name": "own", "tcpKeepalive": keepalive})
    );
}

#[test]
fn a_route_of_the_values_has_the_policy_that_it_says() {
    let with_policy = |policy: Value| {
        let service = json!({"name": "x", "port": 1});
        let route = json!({"fqdn": "a.b", "service": service, "clientTrafficPolicy": policy});
        let found = specs(&decide(with("/values/routes/tls", json!([route]))).unwrap());
        found.into_iter().find(|(name, _)| !name.starts_with("nautobot-"))
    };
    for silent in [json!(null), json!({})] {
        assert_eq!(with_policy(silent), None);
    }
    let named = with_policy(json!({"name": "own", "tcpKeepalive": {}}));
    assert_eq!(named, Some(("own".to_owned(), json!({}))));
    let probes = json!({"tcpKeepalive": {"probes": 9}});
    assert_eq!(with_policy(probes.clone()), Some(("a-client-traffic".to_owned(), probes)));
}

#[test]
fn an_idle_timeout_that_the_chart_would_not_make_is_told() {
    let mut request = with("/settings/objects", json!(false));
    let services = &mut request["settings"]["services"];
    services["database"]["clientTrafficPolicy"] =
        json!({"timeout": {"tcp": {"idleTimeout": "1h"}}});
    let plan = decide(request.clone()).unwrap();
    assert_eq!(
        only(&plan, "gateway/idle-timeout"),
        "the chart envoy-configs has no idle timeout, so route nautobot-redis (settings /services/redis) does not get 24h: Envoy closes a connection that is silent for 1h, even with keepalive"
    );
    let finding = harness::findings(&plan, "gateway/idle-timeout")[0];
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(
        finding.path.as_deref(),
        Some("/services/redis/clientTrafficPolicy/timeout/tcp/idleTimeout")
    );
    request["settings"]["objects"] = json!(true);
    assert!(decide(request).unwrap().findings.is_empty());
}
