//! The stage: what it reads, and what it says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, fleet, repo};

use super::peers::Peers;
use super::pod::{open_sites, rendered};
use super::{SITE, all_pods, behind_tcp, guide};

pub(super) const ENVIRONMENT: &str = "dev";
/// Where the gateways listen: the names that workers dial lead there, and there alone.
const GATEWAY_ADDRESS: &str = "127.0.1.1";
const TCP_GATEWAY_ADDRESS: &str = "127.0.1.2";
const GUIDE_GATEWAY_ADDRESS: &str = "127.0.1.3";
/// Where the servers listen, whom the gateways alone know.
const DATABASE_ADDRESS: &str = "127.0.2.1";
const REDIS_ADDRESS: &str = "127.0.2.2";
const OLDER_DATABASE_ADDRESS: &str = "127.0.2.3";

/// The setting by which the policy makes certificates for both servers.
const SERVERS: &str = r#"mtls-clients.servers={"database":{},"redis":{}}"#;
/// The label of the ConfigMaps that list queues.
const JOB_QUEUES: &str = "nautobot-job-queues";

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

/// The objects of an environment's gateway.
fn gateway(fleet: &Scratch, environment: &str) -> Vec<Value> {
    let words = ["--environment", environment, "--target", "gateway", "--as", "manifests"];
    rendered(&fleet.path(), &words)
}

/// The objects of an environment's global cluster.
pub(super) fn global(fleet: &Path, environment: &str, settings: &[&str]) -> Vec<Value> {
    let settings = settings.iter().flat_map(|one| ["--setting", *one]);
    let words = ["--environment", environment, "--target", "global"].into_iter().chain(settings);
    rendered(fleet, &words.collect::<Vec<_>>())
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

    /// The database and Redis.
    fn both(gateway: &[Value]) -> [Self; 2] {
        ["db", "redis"].map(|word| Self::behind(gateway, word))
    }

    /// A server of it, which runs one program, or those of a folder.
    fn server(&self, program: &Path, address: &str, hosts: &Value) -> Value {
        json!({"program": program, "hosts": hosts, "address": [address, self.port]})
    }

    /// The names in its server's certificate, as both environments would issue one.
    fn names(&self, guide: &Path) -> Value {
        let fleets = [(&*fleet(), ENVIRONMENT), (guide, guide::ENVIRONMENT)];
        let word = self.host.split('.').next().unwrap();
        let names = fleets.map(|(fleet, environment)| {
            let objects = global(fleet, environment, &[SERVERS]);
            let lists = objects.iter().filter_map(|one| one["spec"]["dnsNames"].as_array());
            let mut own = lists.filter(|names| names[0].as_str().unwrap().starts_with(word));
            own.next().expect("the server has a Certificate").clone()
        });
        json!(names.concat())
    }
}

/// A gateway of these objects, in front of both services.
fn front(objects: Vec<Value>, services: [&Service; 2], address: &str, databases: &str) -> Value {
    let [database, redis] = services;
    let behind = json!({
        &*database.backend: [databases, database.port],
        &*redis.backend: [REDIS_ADDRESS, redis.port],
    });
    let hosts = services.map(|service| &service.host);
    json!({"objects": objects, "address": address, "hosts": hosts, "services": behind})
}

/// The gateway with TLS routes, that of the guide's fleet, and one with a TCP route to an older
/// PostgreSQL, where that is.
fn gateways(peers: &Peers, services: [&Service; 2], guide: &Scratch) -> Value {
    let tls = gateway(&Scratch::new(), ENVIRONMENT);
    let tls = front(tls, services, GATEWAY_ADDRESS, DATABASE_ADDRESS);
    let own = gateway(guide, guide::ENVIRONMENT);
    let [database, redis] = Service::both(&own);
    let own = front(own, [&database, &redis], GUIDE_GATEWAY_ADDRESS, DATABASE_ADDRESS);
    let mut gateways = json!({"tls": tls, "guide": own});
    if let Some(programs) = &peers.older_postgres {
        let tcp = gateway(&behind_tcp(), ENVIRONMENT);
        let mut tcp = front(tcp, services, TCP_GATEWAY_ADDRESS, OLDER_DATABASE_ADDRESS);
        let hosts = json!([services[0].host]);
        tcp["postgres"] = services[0].server(programs, OLDER_DATABASE_ADDRESS, &hosts);
        gateways["tcp"] = tcp;
    }
    gateways
}

/// The authority, as the environment would issue it with these settings.
fn authority(settings: &[&str]) -> Value {
    let objects = global(&fleet(), ENVIRONMENT, settings);
    objects.into_iter().find(|object| object["spec"]["isCA"] == true).unwrap()
}

/// The queues of both environments, as `kubectl get configmap -o json` hands them to the
/// guide's command.
fn job_queues(guide: &Path) -> Value {
    let mut objects = global(&fleet(), ENVIRONMENT, &[]);
    objects.extend(global(guide, guide::ENVIRONMENT, &[]));
    objects.retain(|one| one["metadata"]["labels"]["app.kubernetes.io/name"] == JOB_QUEUES);
    json!({"items": objects})
}

fn input(peers: &Peers) -> Value {
    let services = Service::both(&gateway(&Scratch::new(), ENVIRONMENT));
    let [database, redis] = &services;
    let reader = guide::pod();
    let fleet = reader.fleet.path();
    let mut server = redis.server(&peers.redis, REDIS_ADDRESS, &redis.names(&fleet));
    server["password"] = json!("of-redis");
    let (python, folders) = peers.python();
    let mut pods = all_pods();
    pods.retain(|pod| pod.gateway == "tls" || peers.older_postgres.is_some());
    let pods: Vec<Value> = pods.iter().map(|pod| pod.input(peers)).collect();
    let pod = |site: &str| pods.iter().find(|pod| pod["acts"][0]["name"] == *site).unwrap();
    // One queue holds a job that nobody takes, and a pod of another site dials later.
    let mut others = open_sites().into_iter().filter(|site| site != SITE);
    let [elsewhere, third] = [(); 2].map(|()| others.next().unwrap());
    json!({
        "envoy": peers.envoy, "issue": peers.issue, "openssl": peers.openssl,
        "python": {"program": python, "folders": folders},
        "authority": authority(&["mtls-clients.authority={}"]),
        "gateways": gateways(peers, [database, redis], &reader.fleet),
        "postgres": database.server(&peers.postgres, DATABASE_ADDRESS, &database.names(&fleet)),
        "redis": server,
        "account": {"user": "app", "password": "of-the-database", "name": "app"},
        "secrets": {
            "nautobot-db": {"username": "app", "password": "of-the-database"},
            "nautobot-worker-redis": {"redis-password": "of-redis"},
            "nautobot-django": {"NAUTOBOT_SECRET_KEY": "k".repeat(60)},
            "nautobot-custom-env": {},
        },
        "jobs": {
            "pod": reader.input(peers), "queue": guide::SITE, "elsewhere": elsewhere,
            "queues": job_queues(&fleet),
        },
        "rollover": {"pod": pod(&third), "site": third, "successor": authority(&SUCCESSOR)},
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
