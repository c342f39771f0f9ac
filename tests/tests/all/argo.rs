//! The real Argo CD around a plugin: its repo-server with Redis, plugin servers at their
//! sockets, and its own clients of both.

mod answer;
mod git;
mod plugin;
mod repo_server;

use std::fs;
use std::path::{Path, PathBuf};

use site_cmp_tests::{argocd_peer, oldest_argocd, redis_program};
use tempfile::TempDir;

pub(crate) use answer::Answer;
pub(crate) use git::commit;
pub(crate) use plugin::Plugin;
pub(crate) use repo_server::RepoServer;

/// How an Application names the plugin that the stock server runs.
pub(crate) const STOCK: &str = "site-cmp-v1";

/// How it names the plugin that serves itself.
pub(crate) const SERVE: &str = "site-cmp@v1";

/// Whether a repo-server could be started here.
pub(crate) fn can_serve_repos() -> bool {
    redis_program().is_some()
}

/// A folder in which the parts of one Argo CD meet.
pub(crate) struct Argo {
    folder: TempDir,
    peer: PathBuf,
}

impl Argo {
    /// An empty one; none where the peer is missing.
    pub(crate) fn new() -> Option<Self> {
        argocd_peer().map(Self::of)
    }

    /// The oldest Argo CD that is supported; none where it is missing.
    pub(crate) fn oldest() -> Option<Self> {
        oldest_argocd().map(Self::of)
    }

    fn of(peer: PathBuf) -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        for name in ["bin", "plugins", "work", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        Self { folder, peer }
    }

    /// Argo CD's own plugin server, with `argocd/exec` as it is.
    pub(crate) fn stock(&self) -> Plugin {
        Plugin::stock(self.parts())
    }

    /// The plugin that serves itself, with more arguments and environment.
    pub(crate) fn serve(&self, args: &[&str], env: &[(&str, &str)]) -> Plugin {
        Plugin::serve(self.parts(), args, env)
    }

    /// Argo CD's repo-server with its Redis; none where that is missing.
    pub(crate) fn repo_server(&self, flags: &[&str]) -> Option<RepoServer> {
        RepoServer::start(self.parts(), flags)
    }

    /// The path of a file here.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file here and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Holds a text to say nothing of where servers work.
    pub(crate) fn is_not_named_in(&self, text: &str) {
        let folder = self.folder.path().to_str().expect("a folder of ours is UTF-8");
        assert!(!text.contains(folder), "{folder} is named: {text}");
        assert!(!text.contains("_cmp_server"), "the work folder is named: {text}");
    }

    fn parts(&self) -> Parts<'_> {
        Parts { folder: self.folder.path(), peer: &self.peer }
    }
}

/// What each process of one Argo CD needs to know.
#[derive(Clone, Copy)]
struct Parts<'a> {
    folder: &'a Path,
    peer: &'a Path,
}

impl Parts<'_> {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
