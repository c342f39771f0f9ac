//! The stage: what it needs of this machine, what it is told, and what it says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command as Process;

use serde_json::{Value, json};
use site_cmp_tests::{peer, repo};

use crate::crds::validator;
use crate::helm::{chart, helms};
use crate::nautobot::nautobot;

use super::pod::{Pod, rendered};

pub(super) const ENVIRONMENT: &str = "dev";
/// Where the servers listen: names of the gateway lead there.
const DATABASE_ADDRESS: &str = "127.0.1.1";
const REDIS_ADDRESS: &str = "127.0.1.2";

/// What the servers and pods are made of.
pub(super) struct Peers {
    postgres: PathBuf,
    redis: PathBuf,
    issue: PathBuf,
    nautobot: PathBuf,
    pub(super) helm: PathBuf,
    pub(super) chart: PathBuf,
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
    let install = "apt-get install postgresql redis-server";
    namespaces()?;
    Some(Peers {
        postgres: peer("PostgreSQL", postgres(), install)?,
        redis: peer("redis-server", on_path("redis-server"), install)?,
        issue: validator()?.join("cert-issue"),
        nautobot: nautobot()?,
        helm: helms().into_iter().next()?,
        chart: chart("3.1.1")?,
    })
}

/// What each pod found, by its name; `None` where the stage cannot be.
pub(super) fn play(pods: &[Pod]) -> Option<BTreeMap<String, Value>> {
    Some(run(&told(&peers()?, pods)))
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

/// The authority, as the environment would issue it where the settings ask for one.
fn authority() -> Value {
    let mut words = vec!["--environment", ENVIRONMENT, "--target", "global"];
    words.extend(["--setting", "mtls-clients.authority={}"]);
    let objects = rendered(&repo().join("site-profiles"), &words);
    objects.into_iter().find(|object| object["spec"]["isCA"] == true).unwrap()
}

fn told(peers: &Peers, pods: &[Pod]) -> Value {
    let python = peers.nautobot.join("python");
    let folders = Process::new(&python)
        .args(["-c", "import sys, json; print(json.dumps([sys.prefix, sys.base_prefix]))"])
        .output()
        .unwrap();
    let folders: Value = serde_json::from_slice(&folders.stdout).unwrap();
    let [(database, database_port), (redis, redis_port)] = listeners();
    let pods: Vec<Value> = pods.iter().map(|pod| pod.told(peers)).collect();
    json!({
        "postgres": peers.postgres, "redisServer": peers.redis,
        "issue": peers.issue, "authority": authority(),
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
