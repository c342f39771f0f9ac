//! The real repo-server, with a Redis of its own.

use std::path::{Path, PathBuf};

use site_cmp_tests::{Command, Process, start_redis, start_repo_server};

use super::{Answer, Parts};

/// A repo-server that runs.
pub(crate) struct RepoServer {
    peer: PathBuf,
    address: String,
    _process: Process,
    _redis: Process,
}

impl RepoServer {
    pub(super) fn start(parts: Parts<'_>, flags: &[&str]) -> Option<Self> {
        let redis = start_redis(parts.folder)?;
        let (process, address) =
            start_repo_server(parts.peer, parts.folder, |command| command.args(flags));
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
