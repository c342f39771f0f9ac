//! The example fleet in a Git repository, with its URLs led to this machine.

use std::fs;
use std::path::{Path, PathBuf};

use site_cmp_tests::{Command, Scratch, copy};

/// Of the example's sites, those that have a cluster here, and one whose gate is closed.
pub(crate) const OPEN: [&str; 2] = ["rax-dev-iad3", "rax-dev-syd2"];
pub(crate) const CLOSED: &str = "rax-dev-lon3";

/// The version of the chart that the environment pins here.
pub(crate) const CHART: &str = "3.1.1";

/// A clone of the fleet, in which operators work.
pub(crate) struct Fleet {
    scratch: Scratch,
    /// Replacements of the example's URLs.
    urls: Vec<(&'static str, String)>,
}

impl Fleet {
    /// Creates the repositories below a folder.
    pub(crate) fn create(folder: &Path, charts: &str, servers: &[(&str, &str)]) -> Self {
        let scratch = Scratch::example();
        let understack = folder.join("understack");
        copy(&scratch.path().join("base/understack"), &understack);
        publish(&understack, &folder.join("understack.git"));
        git(&understack, &["tag", "2026.8.0"]);
        git(&understack, &["push", "-q", "origin", "2026.8.0"]);
        let repo = folder.join("fleet.git");
        let urls = vec![
            ("https://git.example.net/site-profiles.git", file_url(&repo)),
            (
                "https://github.com/rackerlabs/understack.git",
                file_url(&folder.join("understack.git")),
            ),
            ("https://nautobot.github.io/helm-charts/", charts.to_owned()),
            ("version: 3.1.2", format!("version: {CHART}")),
        ];
        let fleet = Self { scratch, urls };
        for entry in fs::read_dir(fleet.path("sites")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !OPEN.contains(&name) && name != CLOSED {
                fs::remove_dir_all(path).unwrap();
            }
        }
        fleet.redirect(&fleet.path(""));
        for (site, server) in servers {
            fleet.edit(&profile(site), &format!("https://{site}.example.net:6443"), server);
        }
        publish(&fleet.path(""), &repo);
        fleet
    }

    /// Returns a path in the clone.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    /// Returns a text with the example's URLs replaced.
    pub(crate) fn redirected(&self, text: &str) -> String {
        self.urls.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    fn redirect(&self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.redirect(&path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                fs::write(&path, self.redirected(&text)).unwrap();
            }
        }
    }

    /// Replaces text in a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let file = self.path(path);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{path} does not contain `{from}`:\n{text}");
        fs::write(file, text.replacen(from, to, 1)).unwrap();
    }

    /// Commits everything and pushes. Returns the revision.
    pub(crate) fn commit(&self, message: &str) -> String {
        let clone = self.path("");
        git(&clone, &["add", "-A"]);
        git(&clone, &["commit", "-qm", message]);
        push(&clone)
    }

    /// Reverts the last commit and pushes. Returns the revision.
    pub(crate) fn revert(&self) -> String {
        let clone = self.path("");
        git(&clone, &["revert", "--no-edit", "HEAD"]);
        push(&clone)
    }
}

/// Returns the path of a site's profile.
pub(crate) fn profile(site: &str) -> String {
    format!("sites/{site}/profile.yaml")
}

/// Returns the name of the Application that a site's parent deploys.
pub(crate) fn child(site: &str) -> String {
    format!("{site}-nautobot-worker")
}

fn file_url(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Makes a folder a clone of a new repository with its content.
fn publish(folder: &Path, repo: &Path) {
    git(folder, &["init", "-q", "-b", "main"]);
    git(folder, &["init", "-q", "--bare", "-b", "main", repo.to_str().unwrap()]);
    git(folder, &["remote", "add", "origin", repo.to_str().unwrap()]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "The fleet"]);
    push(folder);
}

/// Pushes, and returns the revision.
fn push(clone: &Path) -> String {
    git(clone, &["push", "-q", "origin", "main"]);
    git(clone, &["rev-parse", "HEAD"]).trim().to_owned()
}

fn git(folder: &Path, args: &[&str]) -> String {
    let nowhere = "/nowhere";
    let identity = ["-c", "user.name=operator", "-c", "user.email=operator@example.net"];
    let command = Command::new("git").dir(folder).args(identity).args(args);
    let command = command.env("GIT_CONFIG_GLOBAL", nowhere).env("GIT_CONFIG_SYSTEM", nowhere);
    command.run().success().stdout
}
