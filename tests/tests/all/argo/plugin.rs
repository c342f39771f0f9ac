//! Plugin servers at their sockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use site_cmp_tests::{Command, Output, repo};

use super::process::PATIENCE;
use super::{Answer, Parts, Process, SERVE, STOCK};
use crate::BINARY;

/// A plugin server that runs.
pub(crate) struct Plugin {
    /// How Applications name it.
    pub(crate) name: &'static str,
    /// Its process.
    pub(crate) process: Process,
    /// Its socket.
    pub(crate) socket: PathBuf,
    peer: PathBuf,
    tmp: PathBuf,
}

impl Plugin {
    pub(super) fn stock(parts: Parts<'_>, limits: &Path) -> Self {
        let command = Command::new(parts.peer)
            .args(["cmp-server", "--config-dir-path"])
            .arg(repo().join("argocd/exec"))
            .env("PATH", parts.path())
            .env("SITE_CMP_LIMITS", limits)
            .env("ARGOCD_PLUGINSOCKFILEPATH", parts.at("plugins"))
            .env("ARGOCD_CMP_WORKDIR", parts.at("work"))
            .env("TMPDIR", parts.at("tmp"));
        Self::start(parts, STOCK, command)
    }

    pub(super) fn serve(parts: Parts<'_>, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = Command::new(BINARY)
            .args(["serve", "--log-format", "json", "--metrics", "127.0.0.1:0", "--name", SERVE])
            .args(args)
            .env("ARGOCD_PLUGINSOCKFILEPATH", parts.at("plugins"))
            .env("TMPDIR", parts.at("tmp"));
        for (name, value) in env {
            command = command.env(name, value);
        }
        Self::start(parts, SERVE, command)
    }

    fn start(parts: Parts<'_>, name: &'static str, command: Command) -> Self {
        let socket = parts.at("plugins").join(format!("{name}.sock"));
        let mut process = Process::start(command, parts.at(&format!("{name}.log")));
        // The socket is the only sign of readiness that a plugin server gives.
        process.wait_for(&format!("socket {name}"), |_| UnixStream::connect(&socket).ok());
        Self { name, process, socket, peer: parts.peer.to_owned(), tmp: parts.at("tmp") }
    }

    /// Asks for the manifests of an application's folder in a checkout, as repo-server does.
    pub(crate) fn generate(&self, repo: &Path, app: &str, more: &[String]) -> Output {
        self.client("generate").args(["--app", app, "--repo"]).arg(repo).args(more).run()
    }

    /// Asks for its configuration, health, version and services.
    pub(crate) fn check(&self) -> Answer {
        Answer::of(self.client("check").run())
    }

    /// Plays a script of messages at it.
    pub(crate) fn stream(&self, script: &[Value], more: &[&str]) -> Answer {
        let child = self.start_stream(script, more);
        let output = child.wait_with_output().expect("the peer ends");
        Answer::of(Output {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            code: output.status.code(),
        })
    }

    /// Begins to play it.
    pub(crate) fn start_stream(&self, script: &[Value], more: &[&str]) -> Child {
        let mut command = self.client("stream").args(more);
        let mut child = command
            .inner()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the peer starts");
        let script = serde_json::to_vec(script).expect("a script is JSON");
        let mut stdin = child.stdin.take().expect("it was asked for");
        stdin.write_all(&script).expect("the peer reads its script");
        child
    }

    /// The lines that it logged of calls of one method.
    pub(crate) fn calls(&self, method: &str) -> Vec<Value> {
        let log = self.process.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == "call" && line["method"] == method).collect()
    }

    /// Waits until so many calls are here.
    pub(crate) fn wait_for_calls(&self, calls: u64) {
        let start = Instant::now();
        while self.metric("site_cmp_calls_running") != calls {
            assert!(start.elapsed() < PATIENCE, "there are not {calls}: {}", self.process.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// A number of its page of metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let log = self.process.log();
        let line = log.lines().find(|line| line.contains(r#""message":"serving""#)).expect(&log);
        let line: Value = serde_json::from_str(line).expect("lines are JSON");
        let address = line["metrics"].as_str().expect("it serves metrics");
        let mut stream = TcpStream::connect(address).expect("the page is there");
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("it reads");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("it answers");
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name}: {page}")).parse().expect("a number")
    }

    fn client(&self, verb: &str) -> Command {
        Command::new(&self.peer).args([verb, "--socket"]).arg(&self.socket).env("TMPDIR", &self.tmp)
    }
}
