//! Support for the tests of site-cmp: fleets, servers, and the program run as a user runs it.

#![allow(
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "a test that cannot go on has failed, and asserts as it goes"
)]

pub mod attack;
mod charts;
mod fleet;
pub mod native;
mod overlay;
mod process;
pub mod processes;
mod program;
mod repo_server;
mod server;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use charts::chart;
pub use fleet::{Scratch, copy, fleet};
pub use overlay::with_components;
pub use process::Process;
pub use program::{Command, Output, tell, write_program};
pub use repo_server::{redis_program, start_redis, start_repo_server};
pub use server::{Server, argocd_peer, free_address, oldest_argocd};
pub use waiting::{Stopwatch, rest, wait_for, wait_or_explain};

use site_render::{json, yaml};

/// Returns the repo's folder.
pub fn repo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repo is there")
}

/// Returns the names of this project's policies: the folders of `plugin/policies`, sorted. This
/// folder is the only list of them.
pub fn policies() -> Vec<String> {
    let entries = fs::read_dir(repo().join("plugin/policies")).expect("the policies are there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.join("Cargo.toml").exists())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Returns the build folder of this program's profile, such as `target/debug`.
fn target() -> PathBuf {
    // A test is target/debug/deps/all-<hash>.
    let target =
        std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.to_owned()));
    target.unwrap_or_else(std::env::temp_dir)
}

/// Reads a YAML file as Helm reads it.
pub fn read_yaml(path: &Path) -> serde_json::Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse_yaml(&path.display().to_string(), &bytes)
}

/// Parses YAML text as Helm reads it.
pub fn parse_yaml(name: &str, bytes: &[u8]) -> serde_json::Value {
    let file = yaml::decode(name, bytes).unwrap_or_else(|finding| panic!("{finding}"));
    let parsed = yaml::read(&Arc::clone(&file)).unwrap_or_else(|finding| panic!("{finding}"));
    json::to_serde(&parsed.root)
}

/// Returns the path of a peer that a test needs, or prints that it is missing.
///
/// # Panics
/// Where `SITE_CMP_REQUIRE_PEERS` is set (as in CI) a missing peer is a failure.
pub fn peer(name: &str, found: Option<PathBuf>, how: &str) -> Option<PathBuf> {
    if found.is_none() {
        let message = format!("skipped: {name} not found; {how}");
        assert!(std::env::var_os("SITE_CMP_REQUIRE_PEERS").is_none(), "{message}");
        tell(&message);
    }
    found
}

/// Returns the path of openssl, if it is installed.
///
/// # Panics
/// As [`peer`].
pub fn openssl() -> Option<PathBuf> {
    installed("openssl", "install it with `apt-get install openssl`")
}

/// Returns the path of a program in `PATH`.
///
/// # Panics
/// As [`peer`].
pub fn installed(name: &str, how: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    peer(name, found, how)
}

/// Returns the path of a file that a script of `tests/` built, if it exists.
pub fn built(name: &str) -> Option<PathBuf> {
    // A test is target/debug/deps/all-<hash>.
    let own = std::env::current_exe().ok();
    let own = own.as_deref().and_then(|exe| exe.ancestors().nth(3)).map(Path::to_owned);
    own.into_iter()
        .chain([repo().join("target")])
        .map(|target| target.join(name))
        .find(|file| file.exists())
}
