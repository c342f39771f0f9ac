//! A site's worker reaches real PostgreSQL and real Redis through a real Envoy, with what a
//! render emits, and runs jobs there.
//!
//! `tests/mtls/stage.py` plays the global cluster and kubelet, in namespaces of its own: the
//! gateway, configured from the emitted objects as Envoy Gateway would, servers that want
//! client certificates, Nautobot on a migrated database, and for each pod the environment, the
//! files and the user of the rendered Deployment. Certificates are what cert-manager's own code
//! makes of the emitted `Certificate`s (`tests/peers/issue`). Real Nautobot loads the emitted
//! config in a pod and connects. Skipped where that cannot be: it needs root on Linux, Envoy,
//! PostgreSQL 17, Redis, Nautobot, openssl, helm, the chart and `tests/peers/build`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use site_cmp_tests::Scratch;

use crate::cmp;

mod certificates;
mod gateway;
mod guide;
mod jobs;
mod peers;
mod pod;
mod rollover;
mod stage;

use pod::{Pod, act, open_sites};
use stage::found;

/// One site for what is the same at all.
const SITE: &str = "rax-dev-iad3";
/// A config as understack has it by default: it reads no SSL variable.
const PLAIN: &str = "from nautobot.core.settings import *  # noqa: F403\n";
const CONFIG: &str = "base/understack/components/nautobot/nautobot_config.py";
const ENVIRONMENT_FILE: &str = "environments/dev/environment.yaml";

fn all_pods() -> Vec<Pod> {
    let pod = |name: &str| Pod::new(name, SITE);
    let (own, verifying) = certificates::pods();
    let mut pods: Vec<Pod> = vec![own, verifying];
    let others = open_sites().into_iter().filter(|site| site != SITE);
    pods.extend(others.map(|site| Pod::new(&site, &site)));
    pods.extend([
        Pod {
            settings: &[POSTGRES_FIRST],
            acts: vec![act("PostgreSQL's own negotiation", json!({"asks": ["health"]}))],
            ..pod("")
        },
        Pod {
            fleet: behind_tcp(),
            settings: &[POSTGRES_FIRST],
            gateway: "tcp",
            ..pod("PostgreSQL 15 behind a TCP route")
        },
        Pod {
            fleet: Scratch::new().with(CONFIG, PLAIN),
            settings: &["nautobot-worker.connections.mtls.requireConfig=false"],
            ..pod("understack's default config")
        },
    ]);
    pods
}

/// Before TLS, PostgreSQL's own message.
const POSTGRES_FIRST: &str = "nautobot-worker.connections.mtls.sslNegotiation=postgres";

/// The fleet with its database behind a TCP route.
fn behind_tcp() -> Scratch {
    let port = "              port: 5432\n";
    Scratch::new().changed(ENVIRONMENT_FILE, port, &format!("{port}              protocol: TCP\n"))
}

/// What a pod found, when it said anything at all.
fn answer<'a>(found: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    let line = &found[name];
    assert!(line["answer"].is_object(), "{name}: {}", line["log"].as_str().unwrap());
    &line["answer"]
}

fn failed(answer: &Value, connection: &str, words: &str) {
    let error = answer[connection]["error"].as_str();
    assert!(error.is_some_and(|text| text.contains(words)), "{connection}: {answer:#}");
}

/// A pod has the database with the certificate that it was given last, cache and broker, and
/// the gateway had a route for each connection.
fn connected(found: &BTreeMap<String, Value>, name: &str, queue: &str) {
    connected_to(found, name, queue, 17);
}

/// The same with a PostgreSQL of this major version.
fn connected_to(found: &BTreeMap<String, Value>, name: &str, queue: &str, postgres: u32) {
    let answer = answer(found, name);
    let database = json!({
        "user": "app", "database": "app", "ssl": true, "version": "TLSv1.3", "client": "/CN=app",
        "serial": found[name]["serial"], "server": postgres,
    });
    assert_eq!(answer["database"], database, "{name}: {answer:#}");
    assert_eq!(answer["cache"], json!({"read": "written"}), "{name}: {answer:#}");
    let broker = json!({"queue": queue, "read": "a job", "transport": "rediss"});
    assert_eq!(answer["broker"], broker, "{name}: {answer:#}");
    assert_eq!(found[name]["unmatched"], 0, "{name}: the gateway had no route");
}

#[test]
fn every_open_sites_worker_connects_with_what_is_emitted_for_it() {
    let Some(found) = found() else { return };
    let sites = open_sites();
    assert!(sites.len() >= 3, "{sites:?}");
    for site in sites {
        connected(found, &site, &site);
        let metrics = json!({"port": "8080", "connections": true});
        assert_eq!(answer(found, &site)["metrics"], metrics, "{site}");
    }
    assert_eq!(answer(found, SITE)["health"], json!({"exit": 0}));
}

/// The gateway waits for a server name, which PostgreSQL's own first message does not have. A
/// render of the global half and `cmp check` have refused it before.
#[test]
fn a_connection_that_does_not_begin_with_tls_ends_at_the_gateway() {
    let host = "            host: nautobot-redis.dev.example.net\n";
    let mtls = format!("{host}          mtls:\n            sslNegotiation: postgres\n");
    let fleet = Scratch::new().changed(ENVIRONMENT_FILE, host, &mtls);
    let words = ["gateway/negotiation", "nautobot-db.dev.example.net:5432"];
    cmp().arg("check").arg(fleet.path()).run().failure(1).says(&words);
    let global = ["--environment", stage::ENVIRONMENT, "--target", "global"];
    cmp().arg("render").arg(fleet.path()).args(global).run().failure(1).says(&words);

    let Some(found) = found() else { return };
    let name = "PostgreSQL's own negotiation";
    failed(answer(found, name), "database", "server closed the connection unexpectedly");
    assert_ne!(found[name]["unmatched"], 0, "{:#}", found[name]);
    assert_eq!(found[name]["postgres"], "", "PostgreSQL has seen it");
    assert_eq!(answer(found, name)["cache"], json!({"read": "written"}));
    // The probe of the guide sees it, which the chart's own does not.
    let health = &answer(found, name)["health"];
    assert_eq!(health["exit"], 1, "{health:#}");
    assert!(health["said"].as_str().unwrap().contains("DatabaseBackend"), "{health:#}");
}

#[test]
fn a_tcp_route_leads_to_a_postgresql_that_knows_no_direct_tls() {
    let fleet = behind_tcp();
    cmp().arg("check").arg(fleet.path()).run().success();
    let Some(found) = found() else { return };
    let name = "PostgreSQL 15 behind a TCP route";
    // `Peers::find` has said why it is not there, or has failed.
    if found.contains_key(name) {
        connected_to(found, name, SITE, 15);
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
