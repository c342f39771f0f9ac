use policy_sdk::harness;
use serde_json::{Value, json};

use super::{Connection, Verification, covers_host, is_sent_without_name, read_hosts, settings_of};

#[test]
fn an_address_is_what_libpq_sends_no_sni_for() {
    for host in ["10.0.0.10", "10.1", "127.0.0.1", "2001:db8::10", "::1", "::ffff:10.0.0.1"] {
        assert!(is_sent_without_name(host), "{host}");
    }
    for host in ["db.example.com", "10.0.0.10.nip.io", "a10", "localhost", "1e3", ""] {
        assert!(!is_sent_without_name(host), "{host}");
    }
}

#[test]
fn a_wildcard_covers_one_label() {
    for (name, host) in [
        ("db.example.com", "db.example.com"),
        ("DB.example.com", "db.Example.com"),
        ("*.example.com", "db.example.com"),
        ("2001:db8::a", "2001:0db8::000a"),
    ] {
        assert!(covers_host(name, host), "{name} {host}");
    }
    for (name, host) in [
        ("*.example.com", "a.db.example.com"),
        ("*.example.com", "example.com"),
        ("db", "db.example.com"),
        ("10.0.0.1", "10.0.0.10"),
        ("*.0.0.1", "10.0.0.1"),
    ] {
        assert!(!covers_host(name, host), "{name} {host}");
    }
}

#[test]
fn settings_are_at_the_environment_or_at_a_site() {
    let environment = "/site/nautobot_worker/policies/p";
    assert_eq!(settings_of(None, "p", &[]), environment);
    let site = ["/a", environment, "/connections"].concat();
    assert_eq!(settings_of(Some("a"), "p", &["connections"]), site);
}

#[test]
fn a_host_has_the_strictest_verification_of_its_clients() {
    let site = |mtls: Value| {
        let connections = json!({"database": {"host": "DB.example.com"}, "mtls": mtls});
        let policies = json!({"p": {"connections": connections}});
        json!({"site": {"nautobot_worker": {"policies": policies}}})
    };
    let request = harness::request(json!({
        "scope": "global",
        "fleet": {"a": site(json!({})), "b": site(json!({"sslMode": "verify-full"}))},
    }));
    let hosts = read_hosts(&request, "p", Connection::Database).unwrap();
    let clients = &hosts["db.example.com"];
    assert_eq!(clients.sites, ["a", "b"]);
    assert_eq!(clients.verification, Verification::HostName);
}
