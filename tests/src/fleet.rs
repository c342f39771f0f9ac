//! Fleets made for one test: a copy of the example fleet, changed.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Command, Output, repo};

/// A copy of the example fleet in a folder of its own.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// The example fleet as it is.
    ///
    /// # Panics
    /// Where it cannot be copied.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        copy(&repo().join("site-profiles"), &folder.path().join("fleet"));
        Self { folder }
    }

    /// The fleet's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    /// The folder around the fleet, which no render may see.
    pub fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// The same, with a file written.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[must_use]
    pub fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
        self
    }

    /// The same under the name of the example fleet, with the files of a folder.
    ///
    /// # Panics
    /// Where they cannot be copied.
    #[must_use]
    pub fn beside(self, files: &Path) -> Self {
        copy(files, &self.path());
        fs::rename(self.path(), self.outside().join("site-profiles")).expect("a folder's name");
        self
    }

    /// The same, with the text of a file changed.
    ///
    /// # Panics
    /// Where the file does not hold what is to be replaced.
    #[must_use]
    pub fn changed(self, path: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path().join(path)).expect("the file is there");
        assert!(text.contains(from), "{path} does not hold `{from}`");
        self.with(path, text.replacen(from, to, 1))
    }

    /// The same, without a file.
    ///
    /// # Panics
    /// Where it is not there.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.path().join(path)).expect("the file is there");
        self
    }

    /// The same, without the global section of an environment, which is the end of its file.
    ///
    /// # Panics
    /// Where the environment has none.
    #[must_use]
    pub fn without_global(self, environment: &str) -> Self {
        let path = format!("environments/{environment}/environment.yaml");
        let text = fs::read_to_string(self.path().join(&path)).expect("the file is there");
        let (rest, _) = text.split_once("    global:\n").expect("it has a global section");
        self.with(&path, rest)
    }

    /// The same, with another artifact in the place of one, pinned by its own digest.
    ///
    /// # Panics
    /// Where the lock does not name the artifact that was there.
    #[must_use]
    pub fn pinned(self, path: &str, artifact: &[u8]) -> Self {
        let old = fs::read(self.path().join(path)).expect("the artifact is there");
        let [old, new] = [&old[..], artifact].map(site_render::sha256);
        self.with(path, artifact).changed("policies.lock", &old, &new)
    }

    /// The same, with more open sites: `gen-0`, `gen-1` and so on.
    ///
    /// # Panics
    /// Where they cannot be written.
    #[must_use]
    pub fn with_sites(self, count: usize) -> Self {
        let sites = self.path().join("sites");
        let profile =
            fs::read_to_string(sites.join("rax-dev-iad3/profile.yaml")).expect("a profile");
        (0..count).fold(self, |fleet, site| {
            let name = format!("gen-{site}");
            let text = profile.replace("rax-dev-iad3", &name);
            fleet.with(&format!("sites/{name}/profile.yaml"), text)
        })
    }

    /// Renders one site of it, with more arguments.
    pub fn render(&self, binary: &str, site: &str, more: &[&str]) -> Output {
        Command::new(binary).arg("render").arg(self.path()).args(["--site", site]).args(more).run()
    }
}

/// Copies a folder with all that is in it.
///
/// # Panics
/// Where it cannot be read or written.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}
