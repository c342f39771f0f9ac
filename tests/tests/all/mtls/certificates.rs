//! Certificates that a server or a client refuses, and one that is replaced.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stage::found;
use super::{Pod, SITE, act, answer, connected, failed};

/// Names of both servers within the global cluster, which no site dials.
const INNER: [&str; 2] = ["nautobot-cluster-rw.nautobot", "nautobot-redis-master.nautobot"];

/// A pod of the site with one certificate after another, and one that verifies the name of
/// the database's server.
pub(super) fn pods() -> (Pod, Pod) {
    let mut own = Pod::new(SITE, SITE);
    own.acts = vec![act(SITE, json!({"asks": ["metrics", "health"]}))];
    own.acts.extend([
        act("another name", json!({"spec": {"commonName": "other"}})),
        act("another authority's certificate", json!({"issuer": "foreign"})),
        // It ended an hour before it began, which is now.
        act("a certificate that has ended", json!({"spec": {"duration": "-1h"}})),
        act("no certificate", json!({"presents": false})),
        act("trust in another authority", json!({"trusts": "foreign"})),
        act("servers of other names", json!({"servers": INNER})),
        act("a certificate that replaced another", json!({})),
    ]);
    let rsa = json!({"algorithm": "RSA", "size": 2048, "encoding": "PKCS8"});
    let mut verifying = Pod {
        settings: &["nautobot-worker.connections.mtls.sslMode=verify-full"],
        acts: vec![act("another key, and verify-full", json!({"spec": {"privateKey": rsa}}))],
        ..Pod::new(SITE, SITE)
    };
    verifying.acts.push(act("verify-full and servers of other names", json!({"servers": INNER})));
    (own, verifying)
}

/// PostgreSQL refused a pod for this reason. The log says it; the text that a client gets
/// varies with the moment.
pub(super) fn refused(found: &BTreeMap<String, Value>, name: &str, reason: &str) {
    assert!(answer(found, name)["database"]["error"].is_string(), "{:#}", found[name]);
    let log = found[name]["postgres"].as_str().unwrap();
    assert!(log.contains(reason), "{name}: {log}");
}

/// Redis refused a pod, and says so.
pub(super) fn refused_by_redis(found: &BTreeMap<String, Value>, name: &str, reason: &str) {
    for connection in ["cache", "broker"] {
        failed(answer(found, name), connection, "Error");
    }
    let log = found[name]["redis"].as_str().unwrap();
    assert!(log.contains(reason), "{name}: {log}");
}

#[test]
fn a_certificate_of_another_name_is_no_database_user() {
    let Some(found) = found() else { return };
    refused(found, "another name", "certificate authentication failed for user \"app\"");
}

#[test]
fn without_a_certificate_of_the_authority_nothing_connects() {
    let Some(found) = found() else { return };
    refused(found, "no certificate", "connection requires a valid client certificate");
    // The config names files that are not there: the worker does not even dial.
    for connection in ["cache", "broker"] {
        failed(answer(found, "no certificate"), connection, "Error");
    }
    let name = "another authority's certificate";
    refused(found, name, "certificate verify failed");
    refused_by_redis(found, name, "certificate verify failed");
}

#[test]
fn a_certificate_that_has_ended_is_refused() {
    let Some(found) = found() else { return };
    let name = "a certificate that has ended";
    refused(found, name, "certificate has expired");
    refused_by_redis(found, name, "certificate verify failed");
}

#[test]
fn a_worker_talks_to_no_server_of_another_authority() {
    let Some(found) = found() else { return };
    let answer = answer(found, "trust in another authority");
    for connection in ["database", "cache", "broker"] {
        failed(answer, connection, "certificate verify failed");
    }
}

/// Clients of Redis verify the host name, those of PostgreSQL with `verify-full` alone.
#[test]
fn a_server_certificate_needs_the_name_that_is_dialled() {
    let Some(found) = found() else { return };
    connected(found, "another key, and verify-full", SITE);
    let [lax, strict] = ["servers of other names", "verify-full and servers of other names"];
    assert_eq!(answer(found, lax)["database"]["serial"], found[lax]["serial"]);
    let words = "does not match host name \"nautobot-db.dev.example.net\"";
    failed(answer(found, strict), "database", words);
    for name in [lax, strict] {
        failed(answer(found, name), "cache", "Hostname mismatch");
        failed(answer(found, name), "broker", "Error");
    }
}

/// kubelet swaps the files of a volume under the pod; the next connection reads them.
#[test]
fn a_certificate_that_replaced_another_is_used_at_the_next_dial() {
    let Some(found) = found() else { return };
    let name = "a certificate that replaced another";
    connected(found, name, SITE);
    assert_ne!(found[name]["serial"], found[SITE]["serial"]);
}
