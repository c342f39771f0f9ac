//! Plugin servers at their sockets, and Argo CD's clients of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;
use site_cmp_tests::{Command, Output, Server, wait_for};

use super::{Answer, Parts, SERVE, STOCK};
use crate::BINARY;

/// A plugin server that runs.
pub(crate) struct Plugin {
    /// How Applications name it.
    pub(crate) name: &'static str,
    /// Its process.
    pub(crate) server: Server,
    peer: PathBuf,
    tmp: PathBuf,
}

impl Plugin {
    pub(super) fn stock(parts: Parts<'_>) -> Self {
        let server = Server::stock(parts.peer, BINARY, &parts.at("plugins"), &parts.at("work"));
        Self::of(parts, STOCK, server)
    }

    pub(super) fn serve(parts: Parts<'_>, args: &[&str], env: &[(&str, &str)]) -> Self {
        let server = Server::ours(BINARY, &parts.at("plugins"), |command| {
            let is_json = !args.contains(&"--log-format");
            let format = if is_json { &["--log-format", "json"][..] } else { &[] };
            let command = command.args(format).args(args);
            let command = command.env("TMPDIR", parts.at("tmp"));
            env.iter().fold(command, |command, (name, value)| command.env(name, value))
        });
        Self::of(parts, SERVE, server)
    }

    fn of(parts: Parts<'_>, name: &'static str, server: Server) -> Self {
        Self { name, server, peer: parts.peer.to_owned(), tmp: parts.at("tmp") }
    }

    /// Ends it as the kernel does.
    pub(crate) fn kill(&mut self) {
        self.server.signal("KILL");
        self.server.ended();
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
        let log = self.server.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == "call" && line["method"] == method).collect()
    }

    /// Waits until so many calls are here.
    pub(crate) fn wait_for_calls(&self, calls: u32) {
        self.wait_for_metric("site_cmp_calls_running", f64::from(calls));
    }

    /// Waits until a metric has a value, which is a whole number.
    pub(crate) fn wait_for_metric(&self, name: &str, value: f64) {
        wait_for(&format!("{name} is {value}"), || {
            ((self.server.metric(name) - value).abs() < 0.5).then_some(())
        });
    }

    /// Waits until its socket is gone.
    pub(crate) fn wait_for_no_socket(&self) {
        wait_for("not a socket", || (!self.server.socket().exists()).then_some(()));
    }

    fn client(&self, verb: &str) -> Command {
        Command::new(&self.peer)
            .args([verb, "--socket"])
            .arg(self.server.socket())
            .env("TMPDIR", &self.tmp)
    }
}
