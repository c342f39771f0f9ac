//! The stock `argocd-cmp-server` with this plugin, in a folder of its own.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use site_cmp_tests::{Command, Output, peer, repo};
use tempfile::TempDir;

use crate::BINARY;

const HOW: &str = "build it with: (cd tests/argocd && go build -o ../../target/argocd-peer .)";

/// What a named plugin is called: name and version.
const SOCKET: &str = "site-cmp-v1.sock";

/// A server that runs; it is killed when this goes, after a panic too.
pub(crate) struct Server {
    process: Child,
    peer: PathBuf,
    folder: TempDir,
}

impl Server {
    /// Starts one and waits for its socket; none where the peer is missing.
    pub(crate) fn start() -> Option<Self> {
        let peer = peer("argocd-peer", find(), HOW)?;
        let folder = TempDir::new().expect("a folder can be made");
        let at = |name: &str| folder.path().join(name);
        for name in ["bin", "plugins", "work", "tmp"] {
            fs::create_dir(at(name)).expect("a folder can be made");
        }
        symlink(BINARY, at("bin/cmp")).expect("a link can be made");
        let exec = repo().join("argocd/exec");
        let path =
            format!("{}:{}", at("bin").display(), std::env::var("PATH").expect("PATH is set"));
        let mut command = Command::new(&peer)
            .args(["cmp-server", "--config-dir-path"])
            .arg(&exec)
            .env("PATH", path)
            .env("SITE_CMP_LIMITS", exec.join("limits.yaml"))
            .env("ARGOCD_PLUGINSOCKFILEPATH", at("plugins"))
            .env("ARGOCD_CMP_WORKDIR", at("work"))
            .env("TMPDIR", at("tmp"));
        let log = File::create(at("log")).expect("a log can be made");
        let process = command
            .inner()
            .stdout(log.try_clone().expect("a log has two writers"))
            .stderr(log)
            .spawn()
            .expect("the peer starts");
        let mut server = Self { process, peer, folder };
        server.wait();
        Some(server)
    }

    /// Asks for the manifests of an application's folder in a checkout, as repo-server does.
    pub(crate) fn ask(&self, repo: &Path, app: &str, more: &[String]) -> Output {
        Command::new(&self.peer)
            .args(["generate", "--app", app])
            .arg("--socket")
            .arg(self.socket())
            .arg("--repo")
            .arg(repo)
            .args(more)
            .env("TMPDIR", self.folder.path().join("tmp"))
            .run()
    }

    /// Holds a text to say nothing of where the server works.
    pub(crate) fn is_not_named_in(&self, text: &str) {
        let folder = self.folder.path().to_str().expect("a folder of ours is UTF-8");
        assert!(!text.contains(folder), "{folder} is named: {text}");
        assert!(!text.contains("_cmp_server"), "the work folder is named: {text}");
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("plugins").join(SOCKET)
    }

    /// The socket is the only sign of readiness that it gives.
    fn wait(&mut self) {
        let start = Instant::now();
        while !self.socket().exists() {
            let ended = self.process.try_wait().expect("the peer is ours");
            if ended.is_some() || start.elapsed() > Duration::from_mins(1) {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("no socket {SOCKET} ({ended:?}): {log}");
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; and it outlives SIGTERM.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The peer: named by `ARGOCD_PEER`, else where the build leaves it.
fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ARGOCD_PEER") {
        return Some(PathBuf::from(named));
    }
    // This test is target/debug/deps/all-<hash>.
    let own = std::env::current_exe().ok();
    let own = own.as_deref().and_then(|exe| exe.ancestors().nth(3)).map(Path::to_owned);
    let places = own.into_iter().chain([repo().join("target")]);
    places.map(|target| target.join("argocd-peer")).find(|file| file.exists())
}
