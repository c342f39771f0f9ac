use policy_sdk::{Failure, Plan, harness};
use serde_json::{Value, json};

use super::EnvoyGatewayRoutes;

mod allowed;
mod https;
mod ip_hosts;
mod limits;
mod matching;
mod negotiation;
mod tcp;
mod traffic;

fn workers(database: &str) -> Value {
    json!({"site": {"nautobot_worker": {"policies": {"nautobot-worker": {"connections": {
        "database": {"host": database},
        "redis": {"host": "nautobot-redis.dev.example.com"},
    }}}}}})
}

fn request() -> Value {
    json!({
        "scope": "global",
        "environment": "dev",
        "profile": workers("nautobot-db.dev.example.com"),
        "fleet": {"a": workers("nautobot-db.dev.example.com")},
        "values": {
            "gateways": {"external": {
                "name": "external-gateway", "namespace": "envoy-gateway", "className": "envoy",
            }},
            "routes": {"http": []},
        },
        "settings": {"services": {
            "database": {"name": "nautobot-cluster-rw", "namespace": "nautobot", "port": 5432},
            "redis": {"name": "nautobot-redis-master", "namespace": "nautobot", "port": 6379},
        }},
    })
}

/// The request with another value at a pointer.
fn with(path: &str, value: Value) -> Value {
    let mut request = request();
    let (above, key) = path.rsplit_once('/').unwrap();
    request.pointer_mut(above).unwrap()[key] = value;
    request
}

fn decide(request: Value) -> Result<Plan, Failure> {
    harness::evaluate::<EnvoyGatewayRoutes>(request)
}

fn objects(plan: &Plan) -> Vec<Value> {
    plan.manifests.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

/// The first object of a kind.
fn of_kind(plan: &Plan, kind: &str) -> Value {
    objects(plan).into_iter().find(|object| object["kind"] == kind).unwrap()
}

fn only(plan: &Plan, code: &str) -> String {
    let found = harness::findings(plan, code);
    assert_eq!(found.len(), 1, "{code}: {:?}", plan.findings);
    found[0].message.clone()
}

#[test]
fn routes_follow_from_what_workers_dial() {
    let plan = decide(request()).unwrap();
    let keepalive = json!({"tcpKeepalive": {"idleTime": "120s", "interval": "30s", "probes": 3}});
    assert_eq!(
        harness::overlay(&plan),
        json!({"routes": {"tls": [
            {
                "clientTrafficPolicy": keepalive,
                "name": "nautobot-db", "fqdn": "nautobot-db.dev.example.com",
                "gatewayPort": 5432, "namespace": "nautobot",
                "service": {"name": "nautobot-cluster-rw", "port": 5432},
            },
            {
                "clientTrafficPolicy": keepalive,
                "name": "nautobot-redis", "fqdn": "nautobot-redis.dev.example.com",
                "gatewayPort": 6379, "namespace": "nautobot",
                "service": {"name": "nautobot-redis-master", "port": 6379},
            },
        ]}})
    );
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
}

#[test]
fn a_listener_passes_tls_through_and_its_route_names_it() {
    let objects = objects(&decide(request()).unwrap());
    assert_eq!(
        objects[0]["spec"]["listeners"][0],
        json!({
            "name": "nautobot-db", "port": 5432, "protocol": "TLS",
            "hostname": "nautobot-db.dev.example.com", "tls": {"mode": "Passthrough"},
            "allowedRoutes": {"namespaces": {"from": "All"}},
        })
    );
    assert_eq!(
        objects[1],
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1alpha2",
            "kind": "TLSRoute",
            "metadata": {"name": "nautobot-db", "namespace": "nautobot"},
            "spec": {
                "parentRefs": [{
                    "name": "external-gateway", "namespace": "envoy-gateway",
                    "sectionName": "nautobot-db",
                }],
                "hostnames": ["nautobot-db.dev.example.com"],
                "rules": [{"backendRefs": [
                    {"name": "nautobot-cluster-rw", "namespace": "nautobot", "port": 5432},
                ]}],
            },
        })
    );
    let v1 = decide(with("/settings/tlsRouteVersion", json!("v1"))).unwrap();
    assert_eq!(self::objects(&v1)[1]["apiVersion"], "gateway.networking.k8s.io/v1");
}

#[test]
fn a_selector_alone_means_selector_and_selector_alone_is_refused() {
    let route = |more: Value| {
        let mut route = json!({"fqdn": "a.b", "service": {"name": "x", "port": 1}});
        route.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        decide(with("/values/routes/tls", json!([route])))
    };
    let plan = route(json!({"selector": {"team": "dcim"}})).unwrap();
    assert_eq!(
        objects(&plan)[0]["spec"]["listeners"][0]["allowedRoutes"]["namespaces"],
        json!({"from": "Selector", "selector": {"matchLabels": {"team": "dcim"}}})
    );
    for more in [json!({"from": "Selector"}), json!({"from": "Selector", "selector": {}})] {
        let Failure::BadValues(values) = route(more).unwrap_err() else { panic!("not the values") };
        assert_eq!(values[0].path, "/routes/tls/0/from");
    }
}

#[test]
fn a_name_that_the_gateway_api_refuses_is_refused_where_it_stands() {
    for (name, fqdn, key) in [
        (json!("A_b"), "a.b", "name"),
        (json!("a-"), "a.b", "name"),
        (json!(null), "*.example.com", "fqdn"),
        (json!("a"), "Db.example.com", "fqdn"),
        (json!("a"), "db..example.com", "fqdn"),
        (json!("a"), "10.0.0.10", "fqdn"),
        (json!("a"), "2001:db8::10", "fqdn"),
    ] {
        let route = json!({"name": name, "fqdn": fqdn, "service": {"name": "x", "port": 1}});
        let failure = decide(with("/values/routes/tls", json!([route]))).unwrap_err();
        let Failure::BadValues(values) = failure else { panic!("not the values: {failure:?}") };
        assert_eq!(values[0].path, format!("/routes/tls/0/{key}"));
    }
    let wild = json!({"name": "any", "fqdn": "*.b", "service": {"name": "x", "port": 1}});
    assert!(decide(with("/values/routes/tls", json!([wild]))).is_ok());
}

#[test]
fn routes_of_the_values_stay_and_listen_where_their_gateway_does() {
    let own =
        json!([{"fqdn": "keystone.example.com", "service": {"name": "keystone", "port": 5000}}]);
    let mut request = with("/values/routes/tls", own.clone());
    let ports = |request| {
        let plan = decide(request).unwrap();
        assert_eq!(harness::overlay(&plan)["routes"]["tls"][0], own[0]);
        only(&plan, "gateway/not-dialled");
        objects(&plan)[0]["spec"]["listeners"][0]["port"].clone()
    };
    assert_eq!(ports(request.clone()), 443);
    request["values"]["gateways"]["external"]["port"] = json!(8443);
    assert_eq!(ports(request), 8443);
}

#[test]
fn listeners_that_collide_are_refused_with_both_ends() {
    let route = |name: &str, port: u64, fqdn: &str| {
        let service = json!({"name": "x", "port": 1});
        let route = json!({"name": name, "fqdn": fqdn, "gatewayPort": port, "service": service});
        only(&decide(with("/values/routes/tls", json!([route]))).unwrap(), "gateway/collision")
    };
    assert_eq!(
        route("nautobot-db", 9999, "other.example.com"),
        "two listeners of Gateway external-gateway have the name nautobot-db: values /routes/tls/0 and settings /services/database"
    );
    assert_eq!(
        route("other", 6379, "nautobot-redis.dev.example.com"),
        "two listeners of Gateway external-gateway have nautobot-redis.dev.example.com:6379: values /routes/tls/0 and settings /services/redis"
    );
}

#[test]
fn a_name_that_a_site_dials_and_no_route_serves_is_refused() {
    let plan = decide(with("/fleet/b", workers("db.elsewhere.example.com"))).unwrap();
    assert_eq!(
        only(&plan, "gateway/not-served"),
        "site b connects to db.elsewhere.example.com:5432 (connections.database), but no route of the gateway serves it"
    );
    let path = harness::findings(&plan, "gateway/not-served")[0].path.clone().unwrap();
    assert_eq!(path, "/b/site/nautobot_worker/policies/nautobot-worker/connections/database/host");
    let mut request = request();
    request["settings"]["services"].as_object_mut().unwrap().remove("redis");
    assert!(
        only(&decide(request).unwrap(), "gateway/not-served")
            .starts_with("site a connects to nautobot-redis")
    );
}

#[test]
fn a_route_that_no_site_dials_is_told() {
    let plan = decide(with("/fleet/a", workers("db.elsewhere.example.com"))).unwrap();
    let message = only(&plan, "gateway/not-dialled");
    assert!(message.contains("nautobot-db.dev.example.com:5432"), "{message}");
}

#[test]
fn a_gateway_or_a_connection_that_is_not_there_is_refused() {
    for (request, path) in [
        (with("/settings/gateway", json!("internal")), "/gateway"),
        (with("/profile", json!({})), "/services/database"),
    ] {
        let Failure::BadSettings(values) = decide(request).unwrap_err() else {
            panic!("not the settings")
        };
        assert_eq!(values[0].path, path);
    }
}

#[test]
fn a_port_that_is_none_is_refused_where_it_stands() {
    for port in [json!(0), json!(65_536), json!("5432"), json!(-1), json!(1.5)] {
        let route =
            json!({"fqdn": "a.b", "gatewayPort": port, "service": {"name": "x", "port": 1}});
        let failure = decide(with("/values/routes/tls", json!([route]))).unwrap_err();
        let Failure::BadValues(values) = failure else { panic!("not the values: {failure:?}") };
        assert_eq!(values[0].path, "/routes/tls/0/gatewayPort");
    }
}

#[test]
fn objects_can_be_left_to_the_chart() {
    let plan = decide(with("/settings/objects", json!(false))).unwrap();
    assert!(plan.manifests.is_empty() && !plan.edits.is_empty());
    let plan = decide(with("/values/routes/http", json!([{}]))).unwrap();
    only(&plan, "gateway/http-routes");
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema: Value = serde_json::from_str(crate::settings::SCHEMA).unwrap();
    assert_eq!(schema["additionalProperties"], false);
}
