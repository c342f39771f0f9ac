//! Attacks on what surrounds a server: its limits of open files and of processor time, and the
//! folder in which it caches compiled code.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use site_cmp_tests::attack::{Answer, Attack, Call, HOLD, Honest, HostileFleet, Tally};
use site_cmp_tests::{Server, fleet, write_program};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{cache, honest};
use crate::{BINARY, cmp};

/// Bytes of the seal before the code in a file of the cache.
const SEAL: usize = 64;

/// Starts a server under limits of the shell's `ulimit`.
fn limited(folder: &Path, limit: &str) -> Server {
    let script = folder.join("serve");
    write_program(&script, format!("#!/bin/sh\nulimit {limit}\nexec {BINARY} \"$@\"\n"));
    let binary = script.to_str().unwrap();
    Server::ours(binary, folder, |command| command.env("SITE_CMP_CACHE", cache()))
}

/// Makes an honest call and asserts that the answer is right.
async fn is_served(server: &Server, honest: &Arc<Honest>) {
    let tally = Tally::default();
    honest.call_once(server.socket(), &tally).await;
    assert!(tally.failures().is_empty(), "{:?}\n{}", tally.failures(), server.log());
}

#[test]
fn more_connections_than_files_may_be_open_cost_no_time() {
    rlimit::increase_nofile_limit(8192).unwrap();
    let folder = TempDir::new().unwrap();
    let server = limited(folder.path(), "-n 96");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        is_served(&server, &honest()).await;
        let before = server.processor_time();
        Attack::Connections(500).run(server.socket()).await;
        let used = server.processor_time().saturating_sub(before);
        // A server that polls its listener uses a core for as long as they are held.
        assert!(used < HOLD / 10, "{used:?} of processor time\n{}", server.log());
        is_served(&server, &honest()).await;
    });
}

#[test]
fn a_hard_limit_of_processor_time_below_that_of_the_compiler_still_compiles() {
    let folder = TempDir::new().unwrap();
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", "ulimit -t 15; cd \"$1\" && exec \"$0\" generate", BINARY])
        .arg(fleet().join("sites/rax-dev-iad3"))
        .env_clear()
        .env("SITE_CMP_CACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the call of a repo whose policy sets a value.
fn setting(value: &str) -> Call {
    HostileFleet::setting("/value", value).site_call()
}

/// Compiles the policy of a repo into a cache of its own, and returns its one file.
fn compile(call: &Call, cache: &Path) -> PathBuf {
    let repo = TempDir::new().unwrap();
    call.archive.unpack(repo.path());
    let command = cmp().arg("generate").dir(repo.path().join(&call.folder));
    command.env("SITE_CMP_CACHE", cache).run().success();
    let files: Vec<PathBuf> =
        fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = &files[..] else { panic!("one policy was compiled: {files:?}") };
    file.clone()
}

/// Writes the code of a file of a cache under another name, with a seal that fits.
fn forge(file: &Path, name: &str) {
    let code = fs::read(file).unwrap().split_off(SEAL);
    let seal = site_render::sha256(format!("{name}\n{}", site_render::sha256(&code)).as_bytes());
    fs::write(file.with_file_name(name), [seal.as_bytes(), &code].concat()).unwrap();
}

#[test]
fn a_cache_folder_that_others_replace_runs_none_of_their_code() {
    let top = TempDir::new().unwrap();
    let [parent, evil, own] = ["parent", "evil", "own"].map(|name| top.path().join(name));
    let call = setting("honest");
    let name = compile(&call, &own);
    forge(&compile(&setting("other"), &evil), name.file_name().unwrap().to_str().unwrap());

    fs::create_dir(&parent).unwrap();
    let server = Server::ours(BINARY, top.path(), |command| {
        command.env("SITE_CMP_CACHE", parent.join("cache"))
    });
    fs::set_permissions(&parent, Permissions::from_mode(0o777)).unwrap();
    fs::rename(parent.join("cache"), parent.join("away")).unwrap();
    symlink(&evil, parent.join("cache")).unwrap();

    let answer = Runtime::new().unwrap().block_on(call.send(server.socket()));
    let Answer::Manifests(manifests) = &answer else { panic!("{}", answer.text()) };
    assert!(manifests.concat().contains("\"honest\""), "{}", manifests.concat());
}
