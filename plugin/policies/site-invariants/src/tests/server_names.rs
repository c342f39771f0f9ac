//! Server certificates that resource files of the global half bring.

use policy_sdk::{Finding, Severity, harness};
use serde_json::{Value, json};

use super::{SiteInvariants, codes_and_places};

const HOST: &str = "nautobot-redis.dev.example.net";

fn certificate(name: &str, spec: Value) -> Value {
    let metadata = json!({"name": name, "namespace": "nautobot"});
    let version = "cert-manager.io/v1";
    json!({"apiVersion": version, "kind": "Certificate", "metadata": metadata, "spec": spec})
}

/// Findings on these objects, where a site dials Redis and PostgreSQL with these settings.
fn check_certificates(connections: Value, objects: Value) -> Vec<Finding> {
    let policies = json!({"nautobot-worker": {"connections": connections}});
    let site = json!({"site": {"nautobot_worker": {"policies": policies}}});
    let request = json!({
        "scope": "global", "fleet": {"iad3": site}, "cluster": {"objects": objects},
    });
    harness::evaluate::<SiteInvariants>(request).unwrap().findings
}

fn dialled() -> Value {
    json!({"redis": {"host": HOST}, "database": {"host": "nautobot-db.dev.example.net"}})
}

#[test]
fn a_certificate_of_redis_without_the_dialled_name_is_a_warning() {
    let names =
        json!({"dnsNames": ["nautobot-redis-master.nautobot.svc"], "usages": ["server auth"]});
    let found = check_certificates(dialled(), json!([certificate("server", names)]));
    assert_eq!(codes_and_places(&found), [("mtls/server-name", "/objects/0/spec/dnsNames")]);
    assert_eq!(found[0].severity, Severity::Warning);
    assert_eq!(
        found[0].message,
        "site iad3 connects to nautobot-redis.dev.example.net (connections.redis), but Certificate \
         server is for nautobot-redis-master.nautobot.svc: clients verify the host name and will \
         not connect"
    );
    let hint = "add nautobot-redis.dev.example.net to its dnsNames, if Redis presents it";
    assert_eq!(found[0].hint.as_deref(), Some(hint));
}

#[test]
fn a_common_name_is_no_name_of_a_server() {
    let spec = json!({"commonName": HOST, "dnsNames": [], "usages": ["server auth"]});
    let found = check_certificates(dialled(), json!([certificate("redis-server", spec)]));
    assert_eq!(codes_and_places(&found), [("mtls/server-name", "/objects/0/spec")]);
    assert!(found[0].message.contains("redis-server is for no name"), "{}", found[0].message);
}

#[test]
fn one_that_has_the_name_or_belongs_to_another_server_is_fine() {
    for spec in [
        json!({"dnsNames": ["redis.svc", HOST]}),
        json!({"dnsNames": ["redis.svc", "*.dev.example.net"]}),
        json!({"dnsNames": ["web.example.net"]}),
        json!({"dnsNames": ["redis.svc"], "usages": ["client auth"]}),
        json!({"dnsNames": ["redis.svc"], "isCA": true, "privateKey": {"rotationPolicy": "Never"}}),
        json!({"commonName": "app", "secretName": "redis-client"}),
    ] {
        assert_eq!(
            check_certificates(dialled(), json!([certificate("one", spec.clone())])),
            [],
            "{spec}"
        );
    }
    let without = json!({"redis": {"host": HOST}, "mtls": {"enabled": false}});
    let one = certificate("redis", json!({"dnsNames": ["redis.svc"]}));
    assert_eq!(check_certificates(without, json!([one])), [], "without TLS nothing is verified");
    let two = ["redis.svc", HOST].map(|name| certificate("redis", json!({"dnsNames": [name]})));
    assert_eq!(check_certificates(dialled(), json!(two)), [], "one of two has it");
}

#[test]
fn postgresql_is_compared_where_clients_verify_the_name() {
    let one = json!([certificate("db", json!({"dnsNames": ["nautobot-cluster-rw"]}))]);
    assert_eq!(check_certificates(dialled(), one.clone()), []);
    let mut full = dialled();
    full["mtls"] = json!({"sslMode": "verify-full"});
    assert_eq!(check_certificates(full, one)[0].code, "mtls/server-name");
}
