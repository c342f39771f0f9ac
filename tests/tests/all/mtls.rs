//! A site's worker dials real PostgreSQL and real Redis with what a render emits.
//!
//! `tests/mtls/stage.py` plays the global cluster and kubelet, in namespaces of its own:
//! servers that want client certificates, made by the emitted `Certificate`s, and for each
//! pod the environment, the files and the user of the rendered Deployment. Real Nautobot
//! loads the emitted config in it and connects. Skipped where that cannot be: it needs root
//! on Linux, PostgreSQL, Redis, openssl, Nautobot, helm and the chart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::OnceLock;

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, peer, repo};

use crate::cmp;
use crate::helm::{chart, helms};
use crate::nautobot::nautobot;

const ENVIRONMENT: &str = "dev";
/// One site for what is the same at all.
const SITE: &str = "rax-dev-iad3";
/// A config as understack has it by default: it reads no SSL variable.
const PLAIN: &str = "from nautobot.core.settings import *  # noqa: F403\n";
const CONFIG: &str = "base/understack/components/nautobot/nautobot_config.py";

/// Where the servers listen: names of the gateway lead there.
const DATABASE_ADDRESS: &str = "127.0.1.1";
const REDIS_ADDRESS: &str = "127.0.1.2";

/// What the servers and pods are made of.
struct Peers {
    postgres: PathBuf,
    redis: PathBuf,
    nautobot: PathBuf,
    helm: PathBuf,
    chart: PathBuf,
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists())
}

/// PostgreSQL's server programs, which Debian keeps off `PATH`.
fn postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<_> = versions.map(|entry| entry.unwrap().path().join("bin")).collect();
    folders.sort();
    let debian = folders.into_iter().rev().find(|folder| folder.join("initdb").exists());
    debian.or_else(|| Some(on_path("initdb")?.parent()?.to_owned()))
}

/// Whether namespaces can be made here, and files in them given to others. That is the
/// machine's to allow, so it is never a failure.
fn namespaces() -> Option<()> {
    let words = ["--mount", "--net", "--pid", "--fork", "--", "chown", "65534", "."];
    let scratch = tempfile::tempdir().unwrap();
    let tried = Process::new("unshare").args(words).current_dir(scratch.path()).output();
    if tried.is_ok_and(|output| output.status.success()) {
        return Some(());
    }
    site_cmp_tests::tell("skipped: no namespaces of its own; run it as root on Linux");
    None
}

fn peers() -> Option<Peers> {
    let install = "apt-get install postgresql redis-server openssl";
    namespaces()?;
    peer("openssl", on_path("openssl"), install)?;
    Some(Peers {
        postgres: peer("PostgreSQL", postgres(), install)?,
        redis: peer("redis-server", on_path("redis-server"), install)?,
        nautobot: nautobot()?,
        helm: helms().into_iter().next()?,
        chart: chart("3.1.1")?,
    })
}

/// Renders of a fleet, as objects.
fn rendered(fleet: &Path, words: &[&str]) -> Vec<Value> {
    let output = cmp().arg("render").arg(fleet).args(["-o", "json"]).args(words).run().success();
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A pod: whose it is, how the fleet differs for it, and what is wrong with its certificate.
struct Pod {
    name: &'static str,
    site: &'static str,
    fleet: Scratch,
    settings: &'static [&'static str],
    global: &'static [&'static str],
    wrong: Value,
}

impl Pod {
    fn new(name: &'static str, site: &'static str) -> Self {
        let fleet = Scratch::new();
        Self { name, site, fleet, settings: &[], global: &[], wrong: json!({}) }
    }

    /// What the stage is told of it.
    fn told(&self, peers: &Peers) -> Value {
        let settings = |given: &[&'static str]| {
            given.iter().flat_map(|one| ["--setting", *one]).collect::<Vec<_>>()
        };
        let chart = ["--chart", peers.chart.to_str().unwrap()];
        let helm = ["--helm", peers.helm.to_str().unwrap(), "--target", "manifests"];
        let words = [&["--site", self.site], &chart, &helm[..], &settings(self.settings)].concat();
        let objects = rendered(&self.fleet.path(), &words);
        let words = ["--environment", ENVIRONMENT, "--target", "global"];
        let global = rendered(&self.fleet.path(), &[&words, &settings(self.global)[..]].concat());
        let own = |one: &&Value| {
            let name = one["metadata"]["name"].as_str().unwrap();
            one["kind"] == "Certificate" && name.ends_with(self.site)
        };
        let certificate = global.iter().find(own).expect("a site has a Certificate");
        let secret = certificate_volume(&objects);
        let mut told = json!({
            "name": self.name, "objects": objects, "certificate": certificate["spec"], "secret": secret,
            "issuer": "authority", "trusts": "authority", "presents": true, "commonName": null,
        });
        for (key, value) in self.wrong.as_object().unwrap() {
            told[key] = value.clone();
        }
        told
    }
}

/// The Secret that the worker mounts where the config looks for a certificate.
fn certificate_volume(objects: &[Value]) -> Value {
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let spec = &deployment["spec"]["template"]["spec"];
    let mounts = spec["containers"][0]["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["mountPath"] == "/etc/nautobot/mtls").unwrap();
    let volumes = spec["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
    volume["secret"]["secretName"].clone()
}

fn all_pods() -> Vec<Pod> {
    let pod = |name, wrong| Pod { wrong, ..Pod::new(name, SITE) };
    vec![
        Pod::new("rax-dev-hkg1", "rax-dev-hkg1"),
        Pod::new("rax-dev-iad3", "rax-dev-iad3"),
        Pod::new("rax-dev-syd2", "rax-dev-syd2"),
        Pod {
            settings: &["nautobot-worker.connections.mtls.sslMode=verify-full"],
            global: &[
                r#"mtls-clients.privateKey={"algorithm":"RSA","size":2048,"encoding":"PKCS8"}"#,
            ],
            ..pod("another key, and verify-full", json!({}))
        },
        pod("another name", json!({"commonName": "other"})),
        pod("another authority's certificate", json!({"issuer": "foreign"})),
        pod("no certificate", json!({"presents": false})),
        pod("trust in another authority", json!({"trusts": "foreign"})),
        Pod {
            fleet: Scratch::new().with(CONFIG, PLAIN),
            settings: &["nautobot-worker.connections.mtls.requireConfig=false"],
            ..pod("understack's default config", json!({}))
        },
    ]
}

/// The names and ports of the environment's gateway, where the servers listen.
fn listeners() -> [(String, u64); 2] {
    let words = ["--environment", ENVIRONMENT, "--target", "gateway", "--as", "manifests"];
    let objects = rendered(&repo().join("site-profiles"), &words);
    let gateway = objects.iter().find(|object| object["kind"] == "Gateway").unwrap();
    ["db", "redis"].map(|word| {
        let listeners = gateway["spec"]["listeners"].as_array().unwrap();
        let named = |one: &&Value| one["name"].as_str().unwrap().ends_with(word);
        let listener = listeners.iter().find(named).unwrap();
        let host = listener["hostname"].as_str().unwrap().to_owned();
        (host, listener["port"].as_u64().unwrap())
    })
}

fn told(peers: &Peers) -> Value {
    let python = peers.nautobot.join("python");
    let folders = Process::new(&python)
        .args(["-c", "import sys, json; print(json.dumps([sys.prefix, sys.base_prefix]))"])
        .output()
        .unwrap();
    let folders: Value = serde_json::from_slice(&folders.stdout).unwrap();
    let [(database, database_port), (redis, redis_port)] = listeners();
    let pods: Vec<Value> = all_pods().iter().map(|pod| pod.told(peers)).collect();
    json!({
        "postgres": peers.postgres, "redisServer": peers.redis,
        "python": {"program": python, "folders": folders},
        "hosts": {&*database: DATABASE_ADDRESS, &*redis: REDIS_ADDRESS},
        "database": {"host": database, "port": database_port, "user": "app", "password": "of-the-database", "name": "app"},
        "redis": {"host": redis, "port": redis_port, "password": "of-redis"},
        "secrets": {
            "nautobot-db": {"username": "app", "password": "of-the-database"},
            "nautobot-worker-redis": {"redis-password": "of-redis"},
            "nautobot-django": {"NAUTOBOT_SECRET_KEY": "k".repeat(60)},
            "nautobot-custom-env": {},
        },
        "pods": pods,
    })
}

/// What each pod found, by its name: run once for all tests here.
fn found() -> Option<&'static BTreeMap<String, Value>> {
    static FOUND: OnceLock<Option<BTreeMap<String, Value>>> = OnceLock::new();
    FOUND.get_or_init(|| Some(run(&told(&peers()?)))).as_ref()
}

fn run(stage: &Value) -> BTreeMap<String, Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stage.json"), stage.to_string()).unwrap();
    // Its end, however it comes, is the end of every server.
    let output = Process::new("unshare")
        .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg("python3")
        .arg(repo().join("tests/mtls/stage.py"))
        .arg(folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "the stage fell\n{out}\n{err}");
    let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| (line["name"].as_str().unwrap().to_owned(), line)).collect()
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
    for site in ["rax-dev-hkg1", "rax-dev-iad3", "rax-dev-syd2"] {
        connected(answer(found, site), site);
    }
    connected(answer(found, "another key, and verify-full"), SITE);
}

#[test]
fn a_certificate_of_another_name_is_no_database_user() {
    let Some(found) = found() else { return };
    let answer = answer(found, "another name");
    failed(answer, "database", "certificate authentication failed for user \"app\"");
}

#[test]
fn without_a_certificate_of_the_authority_nothing_connects() {
    let Some(found) = found() else { return };
    let answer_of = |name| answer(found, name);
    failed(
        answer_of("no certificate"),
        "database",
        "connection requires a valid client certificate",
    );
    failed(answer_of("another authority's certificate"), "database", "unknown ca");
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
    failed(answer, "database", "connection requires a valid client certificate");
    failed(answer, "cache", "certificate verify failed");
    failed(answer, "broker", "Error");
}
