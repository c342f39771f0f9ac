use policy_sdk::harness;
use serde_json::{Value, json};

use super::{decide, only, request, with};

const CODE: &str = "gateway/collision";

/// The request, with an HTTP route for a host and with the gateway at a port.
fn http(fqdn: &str, port: u64) -> Value {
    let route = json!({"fqdn": fqdn, "name": "web", "service": {"name": "web", "port": 80}});
    let mut request = with("/values/routes/http", json!([route]));
    request["values"]["gateways"]["external"]["port"] = json!(port);
    request
}

#[test]
fn https_and_tls_on_one_port_and_host_collide_whoever_makes_them() {
    for objects in [true, false] {
        let mut request = http("nautobot-db.dev.example.com", 5432);
        request["settings"]["objects"] = json!(objects);
        assert_eq!(
            only(&decide(request).unwrap(), CODE),
            "two listeners of Gateway external-gateway have nautobot-db.dev.example.com:5432: values /routes/http/0 (HTTPS) and settings /services/database"
        );
    }
}

#[test]
fn another_host_or_port_does_not_collide() {
    for (host, port) in [
        ("nautobot.dev.example.com", 5432),
        ("*.dev.example.com", 5432),
        ("nautobot-db.dev.example.com", 443),
    ] {
        let plan = decide(http(host, port)).unwrap();
        assert!(harness::findings(&plan, CODE).is_empty(), "{host}:{port}: {:?}", plan.findings);
    }
}

#[test]
fn tcp_collides_with_https_on_its_port_whatever_the_host() {
    let mut request = http("nautobot.dev.example.com", 5432);
    request["settings"]["services"]["database"]["protocol"] = json!("TCP");
    assert_eq!(
        only(&decide(request.clone()).unwrap(), CODE),
        "two listeners of Gateway external-gateway have port 5432, which a TCP listener cannot share: values /routes/http/0 (HTTPS) and settings /services/database"
    );
    request["values"]["gateways"]["external"]["port"] = json!(443);
    assert!(harness::findings(&decide(request).unwrap(), CODE).is_empty());
}

#[test]
fn names_collide_too_and_two_of_the_chart_are_its_own_affair() {
    let mut request = http("nautobot-db.elsewhere.example.com", 443);
    request["values"]["routes"]["http"][0].as_object_mut().unwrap().remove("name");
    assert_eq!(
        only(&decide(request.clone()).unwrap(), CODE),
        "two listeners of Gateway external-gateway have the name nautobot-db: values /routes/http/0 (HTTPS) and settings /services/database"
    );
    let twice = http("web.example.com", 443)["values"]["routes"]["http"][0].clone();
    let plan = decide(with("/values/routes/http", json!([twice, twice]))).unwrap();
    assert!(harness::findings(&plan, CODE).is_empty());
}

#[test]
fn http_routes_listen_on_the_external_gateway_alone() {
    let mut request = http("nautobot-db.dev.example.com", 5432);
    let gateways = &mut request["values"]["gateways"];
    gateways["other"] = gateways["external"].clone();
    request["settings"]["gateway"] = json!("other");
    assert!(harness::findings(&decide(request).unwrap(), CODE).is_empty());
}

#[test]
fn an_exact_https_listener_takes_what_a_wildcard_would() {
    let mut request = http("nautobot-db.dev.example.com", 5432);
    request["settings"]["services"].as_object_mut().unwrap().remove("database");
    request["values"]["routes"]["tls"] = json!([{
        "name": "any", "fqdn": "*.dev.example.com", "service": {"name": "db", "port": 5432},
    }]);
    only(&decide(request.clone()).unwrap(), "gateway/not-served");
    request["values"]["routes"]["http"] = json!([]);
    assert!(harness::findings(&decide(request).unwrap(), "gateway/not-served").is_empty());
}

#[test]
fn a_route_without_a_host_is_left_to_the_schema() {
    let mut request = request();
    request["values"]["routes"]["http"] = json!([{}]);
    assert!(decide(request).is_ok());
}

#[test]
fn more_listeners_than_a_gateway_takes_are_an_error() {
    let routes = |count: usize| -> Vec<Value> {
        let route = |index| json!({"fqdn": format!("h{index}.example.com"), "service": {"name": "s", "port": 1}});
        (0..count).map(route).collect()
    };
    // Those of the two services come beside them.
    for (count, errors) in [(62, 0), (63, 1)] {
        let plan = decide(with("/values/routes/tls", json!(routes(count)))).unwrap();
        assert_eq!(harness::findings(&plan, "gateway/too-many").len(), errors, "{count}");
    }
}
