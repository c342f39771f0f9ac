//! Argo CD's repo-server and its Redis, in a folder of a test.

use std::path::{Path, PathBuf};

use crate::{Command, Process, installed, write_program};

/// Its message when it has bound its port.
const LISTENING: &str = "argocd-repo-server is listening on ";

/// Returns the Redis of this machine, if there is one.
///
/// # Panics
/// Where `SITE_CMP_REQUIRE_PEERS` is set and it is missing.
pub fn redis_program() -> Option<PathBuf> {
    installed("redis-server", "apt-get install redis-server")
}

/// Starts a Redis at `redis.sock` of a folder; `None` where there is none.
///
/// # Panics
/// Where it does not start.
pub fn start_redis(folder: &Path) -> Option<Process> {
    let program = redis_program()?;
    let socket = folder.join("redis.sock");
    let command = Command::new(program)
        .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
        .arg(&socket)
        .dir(folder);
    let mut process = Process::start(command, folder.join("redis.log"));
    process.wait_for("socket of Redis", |_| socket.exists().then_some(()));
    Some(process)
}

/// Starts a repo-server, with the plugins of `plugins` and the programs of `bin` in its folder.
/// Returns its address too.
///
/// # Panics
/// Where it does not start.
pub fn start_repo_server(
    peer: &Path,
    folder: &Path,
    more: impl FnOnce(Command) -> Command,
) -> (Process, String) {
    let at = |name: &str| folder.join(name);
    verifier(&at("bin"));
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").expect("PATH is set"));
    let command = Command::new(peer)
        .args(["repo-server", "--disable-tls"])
        .args(["--address", "127.0.0.1", "--port", "0"])
        .args(["--metrics-address", "127.0.0.1", "--metrics-port", "0"])
        .args(["--plugin-tar-exclude", ".git", "--redis"])
        .arg(at("redis.sock"))
        .env("PATH", path)
        .env("HOME", folder)
        .env("TMPDIR", at("tmp"))
        .env("ARGOCD_PLUGINSOCKFILEPATH", at("plugins"))
        .env("ARGOCD_ASK_PASS_SOCK", at("askpass.sock"))
        .env("ARGOCD_GPG_ENABLED", "false");
    let mut process = Process::start(more(command), at("repo-server.log"));
    let address = process.wait_for("address of the repo-server", |log| {
        let rest = log.split_once(LISTENING)?.1;
        Some(rest.split_once('"')?.0.to_owned())
    });
    (process, address)
}

/// repo-server runs this for every revision, whether or not signatures are required.
fn verifier(folder: &Path) {
    let program = folder.join("git-verify-wrapper.sh");
    write_program(&program, "#!/bin/sh\nexit 0\n");
}
