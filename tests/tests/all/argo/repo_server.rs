//! The real repo-server, with a Redis of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use site_cmp_tests::Command;

use super::{Answer, Parts, Process, peer};

/// The Redis of this machine, if there is one.
pub(super) fn redis_program() -> Option<PathBuf> {
    peer::on_path("redis-server", "apt-get install redis-server")
}

/// What it says when it has bound its port.
const LISTENING: &str = "argocd-repo-server is listening on ";

/// A repo-server that runs.
pub(crate) struct RepoServer {
    peer: PathBuf,
    address: String,
    _process: Process,
    _redis: Process,
}

impl RepoServer {
    pub(super) fn start(parts: Parts<'_>, flags: &[&str]) -> Option<Self> {
        let redis = redis(parts)?;
        verifier(parts);
        let command = Command::new(parts.peer)
            .args(["repo-server", "--disable-tls", "--client-ca-path="])
            .args(["--address", "127.0.0.1", "--port", "0"])
            .args(["--metrics-address", "127.0.0.1", "--metrics-port", "0"])
            .args(["--plugin-tar-exclude", ".git", "--redis"])
            .arg(parts.at("redis.sock"))
            .args(flags)
            .env("PATH", parts.path())
            .env("HOME", parts.folder)
            .env("TMPDIR", parts.at("tmp"))
            .env("ARGOCD_PLUGINSOCKFILEPATH", parts.at("plugins"))
            .env("ARGOCD_ASK_PASS_SOCK", parts.at("askpass.sock"))
            .env("ARGOCD_GPG_ENABLED", "false");
        let mut process = Process::start(command, parts.at("repo-server.log"));
        let address = process.wait_for("address of the repo-server", |log| {
            let rest = log.split_once(LISTENING)?.1;
            Some(rest.split_once('"')?.0.to_owned())
        });
        Some(Self { peer: parts.peer.to_owned(), address, _process: process, _redis: redis })
    }

    /// Asks for the manifests of an Application named `demo`, whose source names a plugin.
    pub(crate) fn ask(&self, repo: &Path, path: &str, plugin: &str, more: &[&str]) -> Answer {
        let mut args = vec!["--path", path, "--plugin", plugin];
        args.extend(more);
        self.call("manifests", repo, &args)
    }

    /// The same, with these arguments alone.
    pub(crate) fn manifests(&self, repo: &Path, args: &[&str]) -> Answer {
        self.call("manifests", repo, args)
    }

    /// Asks for what the page of its parameters shows.
    pub(crate) fn details(&self, repo: &Path, path: &str, plugin: &str) -> Answer {
        self.call("details", repo, &["--path", path, "--plugin", plugin])
    }

    fn call(&self, verb: &str, repo: &Path, args: &[&str]) -> Answer {
        let command = Command::new(&self.peer)
            .args([verb, "--address", &self.address, "--repo"])
            .arg(repo)
            .args(args);
        Answer::of(command.run())
    }
}

fn redis(parts: Parts<'_>) -> Option<Process> {
    let program = redis_program()?;
    let socket = parts.at("redis.sock");
    let command = Command::new(program)
        .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
        .arg(&socket)
        .dir(parts.folder);
    let mut process = Process::start(command, parts.at("redis.log"));
    process.wait_for("socket of Redis", |_| socket.exists().then_some(()));
    Some(process)
}

/// repo-server runs this of every revision, whether or not signatures are asked for.
fn verifier(parts: Parts<'_>) {
    let program = parts.at("bin/git-verify-wrapper.sh");
    fs::write(&program, "#!/bin/sh\nexit 0\n").expect("a program can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be run");
}
