//! A site's worker reaches real PostgreSQL and real Redis through a real Envoy, with what a
//! render emits.
//!
//! `tests/mtls/stage.py` plays the global cluster and kubelet, in namespaces of its own: the
//! gateway, configured from the emitted objects as Envoy Gateway would, servers that want
//! client certificates, and for each pod the environment, the files and the user of the
//! rendered Deployment. Certificates are what cert-manager's own code makes
//! of the emitted `Certificate`s (`tests/peers/issue`). Real Nautobot loads the emitted config
//! in a pod and connects. Skipped where that cannot be: it needs root on Linux, Envoy,
//! PostgreSQL 17, Redis, Nautobot, helm, the chart and `tests/peers/build`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};
use site_cmp_tests::Scratch;

mod gateway;
mod pod;
mod stage;

use pod::{Pod, open_sites};

/// One site for what is the same at all.
const SITE: &str = "rax-dev-iad3";
/// A config as understack has it by default: it reads no SSL variable.
const PLAIN: &str = "from nautobot.core.settings import *  # noqa: F403\n";
const CONFIG: &str = "base/understack/components/nautobot/nautobot_config.py";

fn all_pods() -> Vec<Pod> {
    let pod = |name: &str, other| Pod { other, ..Pod::new(name, SITE) };
    let rsa = json!({"algorithm": "RSA", "size": 2048, "encoding": "PKCS8"});
    let mut pods: Vec<Pod> = open_sites().iter().map(|site| Pod::new(site, site)).collect();
    pods.extend([
        Pod {
            settings: &["nautobot-worker.connections.mtls.sslMode=verify-full"],
            ..pod("another key, and verify-full", json!({"spec": {"privateKey": rsa}}))
        },
        Pod {
            settings: &["nautobot-worker.connections.mtls.sslNegotiation=postgres"],
            ..pod("PostgreSQL's own negotiation", json!({}))
        },
        pod("another name", json!({"spec": {"commonName": "other"}})),
        pod("another authority's certificate", json!({"issuer": "foreign"})),
        pod("no certificate", json!({"presents": false})),
        pod("trust in another authority", json!({"trusts": "foreign"})),
        Pod {
            fleet: Scratch::new().with(CONFIG, PLAIN),
            settings: &["nautobot-worker.connections.mtls.requireConfig=false"],
            ..pod("understack's default config", json!({}))
        },
    ]);
    pods
}

/// What each pod found, by its name: run once for all tests here.
fn found() -> Option<&'static BTreeMap<String, Value>> {
    static FOUND: OnceLock<Option<BTreeMap<String, Value>>> = OnceLock::new();
    FOUND.get_or_init(|| stage::play(&all_pods())).as_ref()
}

/// What a pod found, when it said anything at all.
fn answer<'a>(found: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    let line = &found[name];
    assert!(line["answer"].is_object(), "{name}: {}", line["log"].as_str().unwrap());
    &line["answer"]
}

fn failed(answer: &Value, connection: &str, words: &str) {
    let told = answer[connection]["error"].as_str();
    assert!(told.is_some_and(|text| text.contains(words)), "{connection}: {answer:#}");
}

/// PostgreSQL refused a pod for this reason. The log says it; the text that a client gets
/// varies with the moment.
fn refused(found: &BTreeMap<String, Value>, name: &str, reason: &str) {
    assert!(answer(found, name)["database"]["error"].is_string(), "{:#}", found[name]);
    let log = found[name]["postgres"].as_str().unwrap();
    assert!(log.contains(reason), "{name}: {log}");
}

fn connected(answer: &Value, queue: &str) {
    let database = json!({"user": "app", "database": "app", "ssl": true, "version": "TLSv1.3", "client": "/CN=app"});
    assert_eq!(answer["database"], database, "{answer:#}");
    assert_eq!(answer["cache"], json!({"read": "written"}), "{answer:#}");
    let broker = json!({"queue": queue, "read": "a job", "transport": "rediss"});
    assert_eq!(answer["broker"], broker, "{answer:#}");
    assert_eq!(answer["metrics"], json!({"port": "8080", "connections": true}), "{answer:#}");
}

#[test]
fn every_open_sites_worker_connects_with_what_is_emitted_for_it() {
    let Some(found) = found() else { return };
    let sites = open_sites();
    assert!(sites.len() >= 3, "{sites:?}");
    for site in sites {
        connected(answer(found, &site), &site);
        assert_eq!(found[&site]["unmatched"], 0, "{site}: the gateway had no route");
    }
    connected(answer(found, "another key, and verify-full"), SITE);
}

/// The gateway waits for a server name, which PostgreSQL's own first message does not have.
#[test]
fn a_connection_that_does_not_begin_with_tls_ends_at_the_gateway() {
    let Some(found) = found() else { return };
    let name = "PostgreSQL's own negotiation";
    failed(answer(found, name), "database", "server closed the connection unexpectedly");
    assert_ne!(found[name]["unmatched"], 0, "{:#}", found[name]);
    assert_eq!(found[name]["postgres"], "", "PostgreSQL has seen it");
    assert_eq!(answer(found, name)["cache"], json!({"read": "written"}));
}

#[test]
fn a_certificate_of_another_name_is_no_database_user() {
    let Some(found) = found() else { return };
    refused(found, "another name", "certificate authentication failed for user \"app\"");
}

#[test]
fn without_a_certificate_of_the_authority_nothing_connects() {
    let Some(found) = found() else { return };
    let answer_of = |name| answer(found, name);
    refused(found, "no certificate", "connection requires a valid client certificate");
    refused(found, "another authority's certificate", "certificate verify failed");
    for name in ["no certificate", "another authority's certificate"] {
        for connection in ["cache", "broker"] {
            failed(answer_of(name), connection, "Error");
        }
    }
}

#[test]
fn a_worker_talks_to_no_server_of_another_authority() {
    let Some(found) = found() else { return };
    let answer = answer(found, "trust in another authority");
    for connection in ["database", "cache", "broker"] {
        failed(answer, connection, "certificate verify failed");
    }
}

#[test]
fn the_default_config_connects_nowhere_and_a_render_says_so_before() {
    let fleet = Scratch::new().with(CONFIG, PLAIN);
    for target in ["application", "values"] {
        let refused = fleet.render(crate::BINARY, SITE, &["--target", target]).failure(1);
        refused.says(&["config/must-read", "NAUTOBOT_DB_SSLMODE"]);
    }
    let Some(found) = found() else { return };
    let answer = answer(found, "understack's default config");
    failed(answer, "database", "server closed the connection unexpectedly");
    failed(answer, "cache", "certificate verify failed");
    failed(answer, "broker", "Error");
}
