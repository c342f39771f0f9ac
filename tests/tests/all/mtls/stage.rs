//! The stage: what it reads, and what it says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, repo};

use super::peers::Peers;
use super::pod::{open_sites, rendered};
use super::{SITE, all_pods, behind_tcp};

pub(super) const ENVIRONMENT: &str = "dev";
/// Where the gateways listen: the names that workers dial lead there, and there alone.
const GATEWAY_ADDRESS: &str = "127.0.1.1";
const TCP_GATEWAY_ADDRESS: &str = "127.0.1.2";
/// Where the servers listen, whom the gateways alone know.
const DATABASE_ADDRESS: &str = "127.0.2.1";
const REDIS_ADDRESS: &str = "127.0.2.2";
const OLDER_DATABASE_ADDRESS: &str = "127.0.2.3";

/// The settings by which the guide makes another authority.
const SUCCESSOR: [&str; 2] =
    [r#"mtls-clients.authority={"name":"mtls-2-ca"}"#, "mtls-clients.issuer.name=mtls-2-ca-issuer"];

/// What each pod, and each scene, found, by its name: played once for all tests here.
/// `None` where the stage cannot be.
pub(super) fn found() -> Option<&'static BTreeMap<String, Value>> {
    static FOUND: OnceLock<Option<Result<BTreeMap<String, Value>, String>>> = OnceLock::new();
    let found = FOUND.get_or_init(|| Some(play(&input(&Peers::find()?))));
    found.as_ref().map(|played| played.as_ref().expect("the stage fell; it says why"))
}

/// The objects of the environment's gateway.
fn gateway(fleet: &Scratch) -> Vec<Value> {
    let words = ["--environment", ENVIRONMENT, "--target", "gateway", "--as", "manifests"];
    rendered(&fleet.path(), &words)
}

/// A service of the global cluster.
struct Service {
    /// The name and port that workers dial.
    host: String,
    port: Value,
    /// What the gateway knows it by.
    backend: String,
}

impl Service {
    fn behind(gateway: &[Value], word: &str) -> Self {
        let named = |one: &&Value| {
            one["kind"] == "TLSRoute" && one["metadata"]["name"].as_str().unwrap().ends_with(word)
        };
        let route = gateway.iter().find(named).expect("the gateway has a route to it");
        let service = &route["spec"]["rules"][0]["backendRefs"][0];
        let [namespace, name] = ["namespace", "name"].map(|key| service[key].as_str().unwrap());
        let host = route["spec"]["hostnames"][0].as_str().unwrap().to_owned();
        let port = service["port"].clone();
        let backend = format!("{namespace}/{name}:{port}");
        Self { host, port, backend }
    }

    /// A server of it, which runs one program, or those of a folder.
    fn server(&self, program: &Path, address: &str) -> Value {
        json!({"program": program, "host": self.host, "address": [address, self.port]})
    }
}

/// The gateway with TLS routes, and one with a TCP route to an older PostgreSQL, where that is.
fn gateways(peers: &Peers, database: &Service, redis: &Service) -> Value {
    let one = |objects: Vec<Value>, address: &str, database_address: &str| {
        let services = json!({
            &*database.backend: [database_address, database.port],
            &*redis.backend: [REDIS_ADDRESS, redis.port],
        });
        let hosts = [&database.host, &redis.host];
        json!({"objects": objects, "address": address, "hosts": hosts, "services": services})
    };
    let tls = one(gateway(&Scratch::new()), GATEWAY_ADDRESS, DATABASE_ADDRESS);
    let mut gateways = json!({"tls": tls});
    if let Some(programs) = &peers.older_postgres {
        let objects = gateway(&behind_tcp());
        let mut tcp = one(objects, TCP_GATEWAY_ADDRESS, OLDER_DATABASE_ADDRESS);
        tcp["postgres"] = database.server(programs, OLDER_DATABASE_ADDRESS);
        gateways["tcp"] = tcp;
    }
    gateways
}

/// The authority, as the environment would issue it with these settings.
fn authority(settings: &[&str]) -> Value {
    let settings = settings.iter().flat_map(|one| ["--setting", *one]);
    let words = ["--environment", ENVIRONMENT, "--target", "global"].into_iter().chain(settings);
    let objects = rendered(&repo().join("site-profiles"), &words.collect::<Vec<_>>());
    objects.into_iter().find(|object| object["spec"]["isCA"] == true).unwrap()
}

/// The queues of all open sites, as the command that makes them known to Nautobot reads them.
fn job_queues() -> Value {
    let sites = open_sites();
    let queues: Vec<Value> =
        sites.iter().map(|site| json!({"name": site, "queue_type": "celery"})).collect();
    json!({"items": [{"data": {"job-queues.json": json!(queues).to_string()}}]})
}

fn input(peers: &Peers) -> Value {
    let objects = gateway(&Scratch::new());
    let [database, redis] = ["db", "redis"].map(|word| Service::behind(&objects, word));
    let mut server = redis.server(&peers.redis, REDIS_ADDRESS);
    server["password"] = json!("of-redis");
    let (python, folders) = peers.python();
    let mut pods = all_pods();
    pods.retain(|pod| pod.gateway == "tls" || peers.older_postgres.is_some());
    let pods: Vec<Value> = pods.iter().map(|pod| pod.input(peers)).collect();
    let pod = |site: &str| pods.iter().find(|pod| pod["acts"][0]["name"] == *site).unwrap();
    // A worker takes what a pod of its own site would send to itself, and one queue holds a job.
    let mut others = open_sites().into_iter().filter(|site| site != SITE);
    let [elsewhere, third] = [(); 2].map(|()| others.next().unwrap());
    let successor = authority(&SUCCESSOR);
    json!({
        "envoy": peers.envoy, "issue": peers.issue, "openssl": peers.openssl,
        "python": {"program": python, "folders": folders},
        "authority": authority(&["mtls-clients.authority={}"]),
        "gateways": gateways(peers, &database, &redis),
        "postgres": database.server(&peers.postgres, DATABASE_ADDRESS), "redis": server,
        "account": {"user": "app", "password": "of-the-database", "name": "app"},
        "secrets": {
            "nautobot-db": {"username": "app", "password": "of-the-database"},
            "nautobot-worker-redis": {"redis-password": "of-redis"},
            "nautobot-django": {"NAUTOBOT_SECRET_KEY": "k".repeat(60)},
            "nautobot-custom-env": {},
        },
        "jobs": {"pod": pod(SITE), "queue": SITE, "elsewhere": elsewhere, "queues": job_queues()},
        "rollover": {"pod": pod(&third), "site": third, "successor": successor},
        "pods": pods,
    })
}

/// Plays it; an error is what it said before it fell.
fn play(input: &Value) -> Result<BTreeMap<String, Value>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stage.json"), input.to_string()).unwrap();
    // Its end, however it comes, is the end of every server. Errors are for a person to see
    // at once, as is that the database is being made, which takes minutes.
    let output = Process::new("unshare")
        .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg("python3")
        .arg(repo().join("tests/mtls/stage.py"))
        .arg(folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() {
        return Err(out);
    }
    let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    Ok(lines.map(|line| (line["name"].as_str().unwrap().to_owned(), line)).collect())
}
