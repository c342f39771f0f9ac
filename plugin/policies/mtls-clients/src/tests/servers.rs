//! Server certificates, with the names that sites dial.

use policy_sdk::{Failure, Finding, Plan, Severity, harness};
use serde_json::{Value, json};

use super::{MtlsClients, objects};

/// The settings of a worker's policy, below a site or an environment.
fn dialling(connections: &Value) -> Value {
    json!({"site": {"nautobot_worker": {"policies": {
        "nautobot-worker": {"connections": connections},
    }}}})
}

/// The plan where the environment and its sites have these connections.
fn decide(all: &Value, sites: &[(&str, Value)], ours: Value) -> Result<Plan, Failure> {
    let fleet: serde_json::Map<_, _> =
        sites.iter().map(|(site, own)| ((*site).to_owned(), dialling(own))).collect();
    harness::evaluate::<MtlsClients>(json!({
        "scope": "global", "environment": "dev", "fleet": fleet, "profile": dialling(all),
        "settings": ours,
    }))
}

fn usual() -> Value {
    json!({"database": {"host": "db.example.net"}, "redis": {"host": "redis.example.net"}})
}

/// The findings for one site and these names of the redis certificate.
fn names(host: &str, names: Value) -> Vec<Finding> {
    let own = json!({"redis": {"host": host}});
    let settings = json!({"servers": {"redis": {"dnsNames": names}}});
    let plan = decide(&own, &[("iad3", own.clone())], settings).unwrap();
    harness::findings(&plan, "mtls/server-name").into_iter().cloned().collect()
}

fn refused(connections: &Value, ours: Value) -> (String, String) {
    let failure = decide(connections, &[], ours).unwrap_err();
    let Failure::BadSettings(mut values) = failure else { panic!("{failure:?}") };
    let bad = values.remove(0);
    (bad.path, bad.message)
}

#[test]
fn a_server_gets_the_names_that_are_dialled_each_once() {
    let own = json!({"database": {"host": "DB.iad3.example.net"}, "redis": {"host": "10.0.0.9"}});
    let sites = [("iad3", own.clone()), ("ord1", usual()), ("syd2", own)];
    let settings = json!({"servers": {
        "database": {}, "redis": {"moreDnsNames": ["redis.nautobot.svc", "::1"]},
    }});
    let plan = decide(&usual(), &sites, settings).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    let objects = objects(&plan);
    assert_eq!(objects.len(), 5);
    assert_eq!(
        objects[0],
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": "nautobot-database-server"},
            "spec": {
                "secretName": "nautobot-database-server",
                "dnsNames": ["db.example.net", "db.iad3.example.net"],
                "duration": "26280h",
                "renewBefore": "720h",
                "usages": ["server auth"],
                "privateKey": {"algorithm": "ECDSA", "size": 256},
                "issuerRef": {"name": "mtls-ca-issuer", "kind": "Issuer", "group": "cert-manager.io"},
            },
        })
    );
    let redis = &objects[1]["spec"];
    assert_eq!(redis["dnsNames"], json!(["redis.example.net", "redis.nautobot.svc"]));
    assert_eq!(redis["ipAddresses"], json!(["10.0.0.9", "::1"]));
}

#[test]
fn without_the_setting_servers_get_nothing() {
    let plan = decide(&usual(), &[("iad3", usual())], json!({})).unwrap();
    assert_eq!(objects(&plan).len(), 1);
}

#[test]
fn a_server_of_addresses_alone_has_no_names() {
    let own = json!({"database": {"host": "10.0.0.10"}});
    let objects = objects(&decide(&own, &[], json!({"servers": {"database": {}}})).unwrap());
    assert_eq!(objects[0]["spec"]["ipAddresses"], json!(["10.0.0.10"]));
    assert!(objects[0]["spec"].get("dnsNames").is_none());
}

#[test]
fn secret_namespace_and_issuer_can_be_its_own() {
    let server = json!({
        "secretName": "redis-tls", "namespace": "redis",
        "issuer": {"name": "fleet-ca", "kind": "ClusterIssuer"},
    });
    let plan = decide(&usual(), &[], json!({"servers": {"redis": server}})).unwrap();
    let object = objects(&plan).remove(0);
    assert_eq!(object["metadata"], json!({"name": "redis-tls", "namespace": "redis"}));
    assert_eq!(object["spec"]["issuerRef"]["name"], "fleet-ca");
    assert_eq!(object["spec"]["issuerRef"]["kind"], "ClusterIssuer");

    let server = json!({"redis": {"namespace": "redis"}});
    let (path, message) = refused(&usual(), json!({"servers": server}));
    assert_eq!(path, "/servers/redis/namespace");
    assert!(message.contains("Issuer mtls-ca-issuer signs only in"), "{message}");
    let cluster = json!({"servers": server, "issuer": {"kind": "ClusterIssuer"}});
    assert!(decide(&usual(), &[], cluster).is_ok());
}

#[test]
fn a_server_without_a_name_or_with_anothers_secret_is_refused_at_its_setting() {
    let (path, message) = refused(&json!({}), json!({"servers": {"redis": {}}}));
    assert_eq!(path, "/servers/redis");
    assert!(message.contains("no connections.redis.host"), "{message}");
    let servers = json!({"database": {"secretName": "one"}, "redis": {"secretName": "one"}});
    let (path, message) = refused(&usual(), json!({"servers": servers}));
    assert_eq!(path, "/servers/redis/secretName");
    assert_eq!(message, "is one, which is the Secret of the server PostgreSQL");
    let servers = json!({"redis": {"secretName": "mtls-ca"}});
    let (_, message) = refused(&usual(), json!({"servers": servers, "authority": {}}));
    assert_eq!(message, "is mtls-ca, which is the Secret of the authority");
    let servers = json!({"redis": {"secretName": "nautobot-mtls-client-iad3"}});
    let plan = decide(&usual(), &[("iad3", usual())], json!({"servers": servers})).unwrap();
    assert_eq!(harness::findings(&plan, "mtls/secret-shared").len(), 1);
}

#[test]
fn a_redis_certificate_that_lacks_a_dialled_name_is_an_error() {
    let found = names("redis.example.net", json!(["redis-master.nautobot.svc"]));
    assert_eq!(found[0].severity, Severity::Error);
    assert_eq!(found[0].path.as_deref(), Some("/servers/redis/dnsNames"));
    assert_eq!(
        found[0].message,
        "site iad3 connects to redis.example.net (connections.redis), but the certificate of Redis \
         is for redis-master.nautobot.svc (setting servers.redis.dnsNames): clients verify the \
         host name and will not connect"
    );
    for (host, covering) in [
        ("redis.example.net", "Redis.Example.net"),
        ("redis.example.net", "*.example.net"),
        ("2001:db8::1", "2001:DB8:0::1"),
    ] {
        assert!(names(host, json!([covering])).is_empty(), "{covering}");
    }
    for (host, other) in [
        ("redis.dev.example.net", "*.example.net"),
        ("example.net", "*.example.net"),
        ("10.0.0.10", "*.0.0.10"),
    ] {
        assert_eq!(names(host, json!([other])).len(), 1, "{other}");
    }
}

#[test]
fn postgresqls_clients_verify_the_name_with_verify_full_alone() {
    let severity = |mtls: Value| {
        let own = json!({"database": {"host": "db.example.net"}, "mtls": mtls});
        let settings = json!({"servers": {"database": {"dnsNames": ["db.svc"]}}});
        let plan = decide(&json!({}), &[("a", own.clone()), ("b", own)], settings).unwrap();
        let found = harness::findings(&plan, "mtls/server-name");
        found.first().map(|finding| {
            let message = &finding.message;
            assert!(message.starts_with("site a and 1 other connect to"), "{message}");
            finding.severity
        })
    };
    assert_eq!(severity(json!({})), Some(Severity::Warning));
    assert_eq!(severity(json!({"sslMode": "verify-full"})), Some(Severity::Error));
    assert_eq!(severity(json!({"sslMode": "require"})), None);
    assert_eq!(severity(json!({"enabled": false})), None);
}

#[test]
fn a_name_that_only_the_environment_says_is_in_the_certificate_and_missed_by_nobody() {
    let own = json!({"redis": {"host": "own.example.net"}});
    let sites = [("iad3", own)];
    let plan = decide(&usual(), &sites, json!({"servers": {"redis": {}}})).unwrap();
    let names = &objects(&plan)[0]["spec"]["dnsNames"];
    assert_eq!(*names, json!(["own.example.net", "redis.example.net"]));
    let settings = json!({"servers": {"redis": {"dnsNames": ["own.example.net"]}}});
    assert!(decide(&usual(), &sites, settings).unwrap().findings.is_empty());
}

#[test]
fn what_workers_dial_is_read_from_the_policy_that_the_setting_names() {
    let profile = json!({"site": {"nautobot_worker": {"policies": {
        "our-worker": {"connections": usual()},
    }}}});
    let plan = harness::evaluate::<MtlsClients>(json!({
        "scope": "global", "environment": "dev", "profile": profile,
        "settings": {"servers": {"redis": {}}, "connections": "our-worker"},
    }));
    assert_eq!(objects(&plan.unwrap())[0]["spec"]["dnsNames"], json!(["redis.example.net"]));
}
