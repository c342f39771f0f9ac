//! Under load, and when it is killed: an answer is right for the revision that was sent,
//! or there is none.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use site_cmp_tests::{Command, Scratch, Server, argocd_peer, wait_for};
use tempfile::TempDir;

use crate::{BINARY, cmp};

const SITES: usize = 40;
const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const LOCK: &str = "policies.lock";
const POLICY: &str = "policies/nautobot-worker.wasm";
const VALUES: &str = "base/understack/components/nautobot-worker/values.yaml";
/// Trees that are kept, in bytes: a few of these fleets, so that some are let go.
const KEPT: usize = 4 << 20;
/// Memory that may come and go between two looks, in bytes.
const NOISE: f64 = 16.0 * 1024.0 * 1024.0;
/// The deadline of calls that are all answered.
const LONG: &str = "10m";
/// Right answers that a server gives before something is done to it.
const SOME: f64 = 100.0;
/// The metric that counts them.
const ANSWERS: &str = r#"site_cmp_calls_total{method="GenerateManifest",outcome="ok"}"#;

/// Answers under load: more where all peers are asked for, as in CI.
fn many() -> f64 {
    if std::env::var_os("SITE_CMP_REQUIRE_PEERS").is_some() { 2000.0 } else { 500.0 }
}

/// Waits until a server has given so many right answers.
fn answered(server: &Server, answers: f64) {
    wait_for("answers", || (server.metric(ANSWERS) >= answers).then_some(()));
}

/// A fleet at several revisions, the right answers of each, and a folder for servers.
struct Field {
    peer: PathBuf,
    folder: TempDir,
    revisions: Vec<Scratch>,
}

/// Callers, who go on until they are told to end.
struct Load {
    callers: Child,
    end: PathBuf,
}

/// What the callers saw.
struct Told(Value);

impl Field {
    /// None where the peer is missing.
    fn new() -> Option<Self> {
        let peer = argocd_peer()?;
        let folder = TempDir::new().unwrap();
        let limits = format!("server: {{treeBytes: {KEPT}}}\n");
        fs::write(folder.path().join("limits.yaml"), limits).unwrap();
        let fleet = || Scratch::new().with_sites(SITES);
        let variable = "concurrency: 2\n  extraEnvVars: [{name: REVISION, value: two}]";
        let edited = fleet().changed(VALUES, "concurrency: 2", variable);
        let moved = fleet().changed(ENVIRONMENT, "nautobot-db.dev", "nautobot-db-three.dev");
        let revisions = vec![fleet(), edited, with_another_policy(moved)];
        for revision in &revisions {
            cmp()
                .arg("render")
                .arg(revision.path())
                .args(["--all", "--target", "application", "-o", "json", "--out"])
                .arg(revision.outside().join("answers"))
                .run()
                .success();
        }
        let answer = |of: &Scratch| fs::read(of.outside().join("answers/gen-0.json")).unwrap();
        let [first, others @ ..] = &revisions[..] else { panic!("there are three") };
        assert!(others.iter().all(|other| answer(other) != answer(first)), "they must differ");
        Some(Self { peer, folder, revisions })
    }

    fn serve(&self) -> Server {
        let limits = self.folder.path().join("limits.yaml");
        Server::ours(BINARY, self.folder.path(), |command| {
            command.env("SITE_CMP_LIMITS", limits).args(["--log-format", "json"])
        })
    }

    /// Callers, who started; new archives of the same files come after `fresh` calls. A
    /// call is given up after `timeout`.
    fn load(&self, socket: &Path, callers: u32, fresh: u32, timeout: &str) -> Load {
        let end = self.folder.path().join(format!("end-{callers}-{}", now()));
        let mut command = Command::new(&self.peer)
            .args(["load", "--timeout", timeout, "--socket"])
            .arg(socket)
            .args(["--callers", &callers.to_string()])
            .args(["--fresh", &fresh.to_string()])
            .arg("--until")
            .arg(&end)
            .env("TMPDIR", self.folder.path());
        for revision in &self.revisions {
            let (tree, answers) = (revision.path(), revision.outside().join("answers"));
            command =
                command.arg("--revision").arg(format!("{}={}", tree.display(), answers.display()));
        }
        for site in 0..SITES {
            command = command.args(["--app", &format!("sites/gen-{site}")]);
        }
        // Argo CD's client writes a line for each connection that fails.
        let log = File::create(self.folder.path().join("callers.log")).unwrap();
        let command = command.inner().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        Load { callers: command.spawn().unwrap(), end }
    }
}

impl Load {
    /// Ends it, once running calls have ended too.
    fn end(self) -> Told {
        fs::write(&self.end, "").unwrap();
        let output = self.callers.wait_with_output().unwrap();
        assert!(output.status.success(), "the callers ended with {}", output.status);
        let told = Told(serde_json::from_slice(&output.stdout).unwrap());
        assert_eq!(told.0["wrong"], 0, "{}", told.0);
        told
    }
}

/// The same fleet with its policy built anew: other bytes under another digest.
fn with_another_policy(fleet: Scratch) -> Scratch {
    let mut policy = fs::read(fleet.path().join(POLICY)).unwrap();
    let before = site_render::sha256(&policy);
    policy.extend(b"\0\x08\x07another"); // a custom section, named and empty
    let after = site_render::sha256(&policy);
    fleet.with(POLICY, policy).changed(LOCK, &before, &after)
}

impl Told {
    /// Holds failures to these stages and codes.
    fn failed_only_with(&self, kinds: &[&str]) {
        for (kind, _) in self.0["failed"].as_object().unwrap() {
            assert!(kinds.contains(&kind.as_str()), "{kind} is none of {kinds:?}: {}", self.0);
        }
    }
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

#[test]
fn every_answer_under_load_is_the_one_of_its_revision_and_memory_stays() {
    let Some(field) = Field::new() else { return };
    let server = field.serve();
    let load = field.load(server.socket(), 64, 500, LONG);
    let mut looks = Vec::new();
    let answers = many();
    wait_for("answers under load", || {
        #[allow(clippy::cast_precision_loss, reason = "a few megabytes")]
        looks.push(server.memory("VmRSS") as f64);
        (server.metric(ANSWERS) >= answers).then_some(())
    });
    load.end().failed_only_with(&[]);

    let third = looks.len() / 3;
    #[allow(clippy::cast_precision_loss, reason = "a few thousand looks")]
    let mean = |looks: &[f64]| looks.iter().sum::<f64>() / looks.len() as f64;
    let (middle, last) = (mean(&looks[third..2 * third]), mean(&looks[2 * third..]));
    assert!(last <= middle * 1.1 + NOISE, "memory grew from {middle} to {last} bytes");
}

#[test]
fn a_server_killed_under_load_fails_calls_at_once_and_its_successor_takes_over() {
    let Some(field) = Field::new() else { return };
    let mut server = field.serve();
    // A connection that the killed server had not taken yet has no answer to wait for.
    let load = field.load(server.socket(), 16, 0, "30s");
    answered(&server, SOME);
    server.signal("KILL");
    server.ended();
    assert!(server.socket().exists(), "a killed server leaves its socket behind");
    let next = field.serve();
    let listens = now();
    answered(&next, SOME);

    let told = load.end();
    told.failed_only_with(&[
        "dial: no connection",
        "dial: stuck",
        "check: Unavailable",
        "open: Unavailable",
        "send: Unavailable",
        "answer: Unavailable",
    ]);
    let last = u128::from(told.0["last_failure"].as_u64().unwrap());
    assert!(last > 0, "nothing was under way when it was killed: {}", told.0);
    assert!(last <= listens, "a call failed that began after {listens}: {}", told.0);
}

#[test]
fn a_server_told_to_end_answers_what_it_has_begun() {
    let Some(field) = Field::new() else { return };
    let mut server = field.serve();
    let load = field.load(server.socket(), 16, 0, LONG);
    answered(&server, SOME);
    server.signal("TERM");
    let status = server.ended();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(!server.socket().exists(), "the socket is still there");

    // Who has connected in time is served to the end; who comes later finds nobody.
    load.end().failed_only_with(&["dial: no connection"]);
}
