//! The fleets of the tests: the frozen one of `tests/fixtures/fleet`, and copies to change.
//!
//! The frozen fleet has no policies of its own. They and their lock are copied from
//! `site-profiles`, so that a rebuilt policy needs no edit here, while an edit of the example
//! fleet that users read breaks no test of something else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::{Command, Output, repo, target};

/// The folder of a fleet in the commands of cases and documents.
const NAME: &str = "site-profiles";

/// Returns the frozen fleet, put together once for all tests. Tests only read it; a test that
/// changes something takes a [`Scratch`].
///
/// # Panics
/// Where it cannot be written.
pub fn fleet() -> PathBuf {
    static FLEET: OnceLock<PathBuf> = OnceLock::new();
    FLEET.get_or_init(assemble).clone()
}

/// Writes the frozen fleet below the build folder, under the digest of its content: processes
/// of an earlier build may still read theirs.
fn assemble() -> PathBuf {
    let parent = target().join("site-cmp-test-fleet");
    fs::create_dir_all(&parent).expect("a folder can be made");
    let folder = tempfile::tempdir_in(&parent).expect("a folder can be made");
    let fleet = folder.path().join(NAME);
    let example = repo().join("site-profiles");
    copy(&repo().join("tests/fixtures/fleet"), &fleet);
    copy(&example.join("policies"), &fleet.join("policies"));
    fs::copy(example.join("policies.lock"), fleet.join("policies.lock")).expect("the lock");
    let finished = parent.join(digest(&fleet));
    // Another process may have been first, with the same content.
    if fs::rename(folder.path(), &finished).is_ok() {
        let _moved = folder.keep();
    }
    finished.join(NAME)
}

/// Returns the digest of a folder's paths and contents.
fn digest(folder: &Path) -> String {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file can be read");
                let name = path.strip_prefix(folder).expect("it is below");
                lines.push(format!("{} {}", name.display(), site_render::sha256(&bytes)));
            }
        }
    }
    lines.sort();
    site_render::sha256(lines.join("\n").as_bytes())
}

/// A copy of a fleet in a folder of its own.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    name: &'static str,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// Returns a copy of the frozen fleet.
    ///
    /// # Panics
    /// Where it cannot be copied.
    pub fn new() -> Self {
        Self::of(&fleet(), "fleet")
    }

    /// Returns a copy of the example fleet that users read, under its own name: for tests of
    /// documents and help texts.
    ///
    /// # Panics
    /// Where it cannot be copied.
    pub fn example() -> Self {
        Self::of(&repo().join("site-profiles"), NAME)
    }

    fn of(fleet: &Path, name: &'static str) -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        copy(fleet, &folder.path().join(name));
        Self { folder, name }
    }

    /// Returns the fleet's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// Returns the scratch for another fleet beside it, such as one that a document's commands
    /// create.
    #[must_use]
    pub fn at(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Returns the folder around the fleet, which no render may read.
    pub fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the fleet.
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

    /// Copies the files of a folder into the fleet, and renames it as commands of cases expect.
    ///
    /// # Panics
    /// Where they cannot be copied.
    #[must_use]
    pub fn beside(mut self, files: &Path) -> Self {
        copy(files, &self.path());
        fs::rename(self.path(), self.outside().join(NAME)).expect("a folder's name");
        self.name = NAME;
        self
    }

    /// Replaces text in a file.
    ///
    /// # Panics
    /// Where the file does not hold what is to be replaced.
    #[must_use]
    pub fn changed(self, path: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path().join(path)).expect("the file is there");
        assert!(text.contains(from), "{path} does not hold `{from}`");
        self.with(path, text.replacen(from, to, 1))
    }

    /// Removes a file.
    ///
    /// # Panics
    /// Where it is not there.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.path().join(path)).expect("the file is there");
        self
    }

    /// Removes the global section of an environment, which is the end of its file.
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

    /// Replaces an artifact by another, pinned by its own digest.
    ///
    /// # Panics
    /// Where the lock does not name the artifact that was there.
    #[must_use]
    pub fn pinned(self, path: &str, artifact: &[u8]) -> Self {
        let old = fs::read(self.path().join(path)).expect("the artifact is there");
        let [old, new] = [&old[..], artifact].map(site_render::sha256);
        self.with(path, artifact).changed("policies.lock", &old, &new)
    }

    /// Adds open sites: `gen-0`, `gen-1` and so on.
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

    /// Renders one site, with more arguments.
    pub fn render(&self, binary: &str, site: &str, more: &[&str]) -> Output {
        Command::new(binary).arg("render").arg(self.path()).args(["--site", site]).args(more).run()
    }
}

/// Copies a folder with its content.
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
