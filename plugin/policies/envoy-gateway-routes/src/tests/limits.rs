use policy_sdk::{Plan, Severity, harness};
use serde_json::{Value, json};

use super::{decide, objects, only, request, with, workers};

const CODE: &str = "gateway/max-connections";

/// The workers of a site with these settings.
fn site(settings: &Value) -> Value {
    let mut site = workers("nautobot-db.dev.example.com");
    let own = site.pointer_mut("/site/nautobot_worker/policies/nautobot-worker").unwrap();
    own.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    site
}

/// The request with that many sites of these settings.
fn fleet(sites: usize, settings: &Value) -> Value {
    let sites: Value = (0..sites).map(|index| (format!("s{index}"), site(settings))).collect();
    with("/fleet", sites)
}

/// Returns the limits of the services' policies, PostgreSQL's first.
fn most(plan: &Plan) -> Vec<u64> {
    let mut found = objects(plan);
    found.retain(|object| object["kind"] == "BackendTrafficPolicy");
    found
        .iter()
        .map(|object| object["spec"]["circuitBreaker"]["maxConnections"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_policy_is_beside_its_route_and_names_it() {
    for (protocol, kind) in [("TLS", "TLSRoute"), ("TCP", "TCPRoute")] {
        let request = with("/settings/services/database/protocol", json!(protocol));
        let mut found = objects(&decide(request).unwrap());
        found.retain(|object| object["kind"] == "BackendTrafficPolicy");
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            json!({
                "apiVersion": "gateway.envoyproxy.io/v1alpha1",
                "kind": "BackendTrafficPolicy",
                "metadata": {"name": "nautobot-db-backend-traffic", "namespace": "nautobot"},
                "spec": {
                    "targetRefs": [{
                        "group": "gateway.networking.k8s.io", "kind": kind, "name": "nautobot-db",
                    }],
                    "circuitBreaker": {"maxConnections": 1024},
                },
            })
        );
    }
    let mut request = request();
    request["settings"]["services"]["database"].as_object_mut().unwrap().remove("namespace");
    let found = objects(&decide(request).unwrap());
    let policy = found.iter().find(|object| object["kind"] == "BackendTrafficPolicy").unwrap();
    assert_eq!(policy["metadata"]["namespace"], "envoy-gateway");
}

#[test]
fn the_default_grows_with_sites_replicas_and_concurrency() {
    for (sites, settings, expected) in [
        (0, json!({}), [1024, 1024]),
        (1, json!({"replicas": 2, "concurrency": 2}), [1024, 1024]),
        // Redis: 42 sites x 2 pods x 3 processes x 4 x 2 = 2,016; PostgreSQL: a quarter of it.
        (42, json!({"replicas": 2, "concurrency": 2}), [1024, 2048]),
        (43, json!({"replicas": 2, "concurrency": 2}), [1024, 4096]),
        // 100 x 3 x 10 x 2 = 6,000
        (100, json!({"replicas": 3, "concurrency": 9}), [8192, 32_768]),
        (100, json!({"replicas": 0}), [1024, 1024]),
        // 100 x 2 x 9 x 2 = 3,600
        (100, json!({}), [4096, 16_384]),
        (100, json!({"concurrency": 0}), [4096, 16_384]),
        // 100 x 5 x 9 x 2 = 9,000
        (100, json!({"autoscaling": true}), [16_384, 65_536]),
    ] {
        let plan = decide(fleet(sites, &settings)).unwrap();
        assert_eq!(most(&plan), expected, "{sites} sites of {settings}");
        assert!(harness::findings(&plan, CODE).is_empty(), "{:?}", plan.findings);
    }
}

#[test]
fn only_sites_that_a_route_serves_count() {
    let mut request = fleet(100, &json!({}));
    let sites = request["fleet"].as_object_mut().unwrap();
    for site in sites.values_mut().skip(1) {
        let path = "/site/nautobot_worker/policies/nautobot-worker/connections/redis";
        site.pointer_mut(path).unwrap()["host"] = json!("redis.elsewhere.example.com");
    }
    assert_eq!(most(&decide(request).unwrap()), [4096, 1024]);
}

#[test]
fn what_no_gateway_takes_is_cut_to_what_it_does() {
    let plan = decide(fleet(2, &json!({"replicas": u64::MAX, "concurrency": u64::MAX}))).unwrap();
    assert_eq!(most(&plan), [4_294_967_295; 2]);
}

#[test]
fn a_setting_wins_and_one_that_is_too_small_is_told() {
    let limited = |most: u64| {
        let mut request = fleet(3, &json!({"concurrency": 4}));
        request["settings"]["services"]["redis"]["maxConnections"] = json!(most);
        decide(request).unwrap()
    };
    // 3 sites x 2 pods x 5 processes x 4 x 2
    let enough = limited(240);
    assert_eq!(most(&enough), [1024, 240]);
    assert!(enough.findings.is_empty(), "{:?}", enough.findings);
    let small = limited(239);
    assert_eq!(most(&small), [1024, 239]);
    assert_eq!(
        only(&small, CODE),
        "services.redis.maxConnections is 239, but the workers of 3 open sites may need 240 connections to route nautobot-redis: the gateway closes every connection above its limit"
    );
    let finding = harness::findings(&small, CODE)[0];
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.path.as_deref(), Some("/services/redis/maxConnections"));
    assert_eq!(finding.hint.as_deref(), Some("set 240 or more, or remove the setting"));
}

#[test]
fn a_limit_that_the_chart_would_not_make_is_told() {
    let left_to_the_chart = |sites: usize, most: Value| {
        let mut request = fleet(sites, &json!({"concurrency": 2}));
        request["settings"]["objects"] = json!(false);
        request["settings"]["services"]["redis"]["maxConnections"] = most;
        decide(request).unwrap()
    };
    for (sites, most) in [(21, json!(null)), (21, json!(1024))] {
        let plan = left_to_the_chart(sites, most);
        assert!(harness::findings(&plan, CODE).is_empty(), "{:?}", plan.findings);
    }
    for (sites, most) in [(22, json!(null)), (22, json!(1024)), (1, json!(2000))] {
        let message = only(&left_to_the_chart(sites, most), CODE);
        assert!(
            message.contains("so route nautobot-redis keeps Envoy's 1024, and the"),
            "{message}"
        );
    }
}
