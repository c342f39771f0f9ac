use policy_sdk::harness;
use serde_json::{Value, json};

use super::{decide, objects, only, request, with, workers};

const CODE: &str = "gateway/ip-host";
const HOST: &str = "/site/nautobot_worker/policies/nautobot-worker/connections/database/host";

/// The environment dials this host, and so does its site.
fn dialling(host: &str) -> Value {
    let mut request = with("/profile", workers(host));
    request["fleet"]["a"] = workers(host);
    request
}

#[test]
fn a_tls_route_for_an_address_is_refused_where_the_environment_says_it() {
    for host in ["10.0.0.10", "2001:db8::10"] {
        let plan = decide(dialling(host)).unwrap();
        assert_eq!(
            only(&plan, CODE),
            format!(
                "route database (settings /services/database) is a TLS route for {host}:5432, which is an IP address: clients send no server name (SNI) for it, so the route never matches"
            )
        );
        assert_eq!(plan.findings.len(), 1, "{:?}", plan.findings);
        let finding = harness::findings(&plan, CODE)[0];
        assert_eq!(finding.path.as_deref(), Some(HOST));
        assert_eq!(
            finding.hint.as_deref(),
            Some(
                "use a host name, from DNS or from hostAliases of the pods, or set services.database.protocol: TCP"
            )
        );
    }
}

#[test]
fn a_site_that_dials_an_address_is_refused_where_it_says_it() {
    let mut request = with("/fleet/b", workers("10.0.0.10"));
    request["fleet"]["c"] = workers("10.0.0.10");
    let plan = decide(request).unwrap();
    assert_eq!(
        only(&plan, CODE),
        "site b and 1 other connect to 10.0.0.10:5432 (connections.database), which is an IP address: clients send no server name (SNI) for it, so no TLS route can serve it"
    );
    assert_eq!(harness::findings(&plan, CODE)[0].path, Some(["/b", HOST].concat()));
    assert!(harness::findings(&plan, "gateway/not-served").is_empty());
}

#[test]
fn tcp_serves_an_address_and_is_named_after_the_connection() {
    for host in ["10.0.0.10", "2001:db8::10"] {
        let mut request = dialling(host);
        request["settings"]["services"]["database"]["protocol"] = json!("TCP");
        let plan = decide(request.clone()).unwrap();
        assert!(harness::findings(&plan, CODE).is_empty(), "{:?}", plan.findings);
        assert_eq!(objects(&plan)[1]["metadata"]["name"], "database");
        request["settings"]["services"]["database"]["route"] = json!("own");
        assert_eq!(objects(&decide(request).unwrap())[1]["metadata"]["name"], "own");
    }
    assert!(harness::findings(&decide(request()).unwrap(), CODE).is_empty());
}
