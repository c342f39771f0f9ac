//! The stock `argocd-cmp-server` with this plugin, in a folder of its own.

use std::path::{Path, PathBuf};

use site_cmp_tests::{Command, Output, Server as Running, argocd_peer};
use tempfile::TempDir;

use crate::BINARY;

/// A server that runs, and its folder.
pub(crate) struct Server {
    running: Running,
    peer: PathBuf,
    folder: TempDir,
}

impl Server {
    /// Starts one and waits for its socket; none where the peer is missing.
    pub(crate) fn start() -> Option<Self> {
        let peer = argocd_peer()?;
        let folder = TempDir::new().expect("a folder can be made");
        let work = folder.path().join("work");
        let running = Running::stock(&peer, BINARY, folder.path(), &work);
        Some(Self { running, peer, folder })
    }

    /// Asks for the manifests of an application's folder in a checkout, as repo-server does.
    pub(crate) fn ask(&self, repo: &Path, app: &str, more: &[String]) -> Output {
        Command::new(&self.peer)
            .args(["generate", "--app", app])
            .arg("--socket")
            .arg(self.running.socket())
            .arg("--repo")
            .arg(repo)
            .args(more)
            .env("TMPDIR", self.folder.path())
            .run()
    }

    /// Holds a text to say nothing of where the server works.
    pub(crate) fn is_not_named_in(&self, text: &str) {
        let folder = self.folder.path().to_str().expect("a folder of ours is UTF-8");
        assert!(!text.contains(folder), "{folder} is named: {text}");
        assert!(!text.contains("_cmp_server"), "the work folder is named: {text}");
    }
}
