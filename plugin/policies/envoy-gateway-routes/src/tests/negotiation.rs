use policy_sdk::harness;
use serde_json::{Value, json};

use super::{decide, only, with, workers};

const CODE: &str = "gateway/negotiation";

/// The workers of a site with these settings for mutual TLS.
fn site(mtls: Value) -> Value {
    let mut site = workers("nautobot-db.dev.example.com");
    site["site"]["nautobot_worker"]["policies"]["nautobot-worker"]["connections"]["mtls"] = mtls;
    site
}

fn sites(fleet: Value) -> Value {
    with("/fleet", fleet)
}

/// Returns a finding's place below the settings of the connections, and its hint.
fn place_and_hint(request: Value) -> (String, String) {
    let plan = decide(request).unwrap();
    only(&plan, CODE);
    let finding = harness::findings(&plan, CODE)[0];
    let path = finding.path.clone().unwrap();
    let (site, key) =
        path.split_once("/site/nautobot_worker/policies/nautobot-worker/connections").unwrap();
    ([site, key].concat(), finding.hint.clone().unwrap())
}

#[test]
fn direct_is_what_a_site_does_that_says_nothing() {
    for mtls in [
        json!(null),
        json!({}),
        json!({"enabled": true}),
        json!({"sslNegotiation": null}),
        json!({"sslNegotiation": "direct"}),
    ] {
        let plan = decide(sites(json!({"a": site(mtls)}))).unwrap();
        assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    }
}

#[test]
fn postgres_through_a_tls_route_is_refused_with_both_ends() {
    let request = sites(json!({"a": site(json!({"sslNegotiation": "postgres"}))}));
    assert_eq!(
        only(&decide(request.clone()).unwrap(), CODE),
        "site a connects to nautobot-db.dev.example.com:5432 (connections.database) with connections.mtls.sslNegotiation: postgres, but route nautobot-db to service nautobot-cluster-rw (settings /services/database) is a TLS route: it closes a connection that does not start with a TLS ClientHello"
    );
    let (place, hint) = place_and_hint(request);
    assert_eq!(place, "/a/mtls/sslNegotiation");
    assert_eq!(
        hint,
        "set connections.mtls.sslNegotiation: direct (needs PostgreSQL 17 and libpq 17), or set services.database.protocol: TCP"
    );
}

#[test]
fn so_is_a_site_without_mutual_tls() {
    let request = sites(json!({"a": site(json!({"enabled": false}))}));
    let message = only(&decide(request.clone()).unwrap(), CODE);
    assert!(message.contains("with connections.mtls.enabled: false, but route"), "{message}");
    let (place, hint) = place_and_hint(request);
    assert_eq!(place, "/a/mtls/enabled");
    assert!(hint.starts_with("enable connections.mtls with sslNegotiation: direct"), "{hint}");
}

#[test]
fn a_route_is_refused_once_however_many_sites_dial_it() {
    let postgres = || site(json!({"sslNegotiation": "postgres"}));
    let direct = || site(json!({"sslNegotiation": "direct"}));
    let message = |fleet| only(&decide(sites(fleet)).unwrap(), CODE);
    let two = message(json!({"a": direct(), "b": postgres(), "c": postgres()}));
    assert!(two.starts_with("site b and 1 other connect to nautobot-db."), "{two}");
    let off = site(json!({"enabled": false}));
    let three = message(json!({"a": postgres(), "b": off, "c": postgres(), "d": direct()}));
    assert!(three.starts_with("site a and 2 others connect to nautobot-db."), "{three}");
    assert!(three.contains("sslNegotiation: postgres"), "the first site's: {three}");
}

#[test]
fn a_tls_route_of_the_values_needs_direct_too() {
    let mut request = sites(json!({"a": site(json!({"sslNegotiation": "postgres"}))}));
    request["settings"]["services"].as_object_mut().unwrap().remove("database");
    request["values"]["routes"]["tls"] = json!([{
        "fqdn": "nautobot-db.dev.example.com", "gatewayPort": 5432,
        "service": {"name": "db", "port": 5432},
    }]);
    let message = only(&decide(request.clone()).unwrap(), CODE);
    assert!(
        message.contains("route nautobot-db to service db (values /routes/tls/0)"),
        "{message}"
    );
    let (_, hint) = place_and_hint(request);
    assert!(hint.ends_with("replace that route with services.database and protocol: TCP"));
}

#[test]
fn a_tcp_route_serves_every_negotiation_and_redis_has_none() {
    for mtls in [json!({"sslNegotiation": "postgres"}), json!({"enabled": false})] {
        let mut request = sites(json!({"a": site(mtls.clone())}));
        request["settings"]["services"]["database"]["protocol"] = json!("TCP");
        assert!(harness::findings(&decide(request).unwrap(), CODE).is_empty());
        let mut redis = site(mtls);
        let policy = &mut redis["site"]["nautobot_worker"]["policies"]["nautobot-worker"];
        policy["connections"].as_object_mut().unwrap().remove("database");
        assert!(harness::findings(&decide(sites(json!({"a": redis}))).unwrap(), CODE).is_empty());
    }
}

#[test]
fn a_setting_of_another_kind_is_refused_by_name() {
    let request = sites(json!({"a": site(json!({"enabled": "no"}))}));
    let failure = decide(request).unwrap_err();
    assert!(format!("{failure:?}").contains("/mtls/enabled"), "{failure:?}");
}
