//! The folder of compiled code: what is trusted, and what is made anew.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use policy_sandbox::{CodeStore, Compiler, Limits, Sandbox};
use site_render::finding::{Fault, Finding};
use tempfile::TempDir;

use crate::guest::Guest;
use crate::host::{digest, load, no_compiler, patient};

fn open(folder: &Path, compiler: Compiler) -> Result<Sandbox, Box<Finding>> {
    Sandbox::new(patient(), Some(folder.to_owned()), compiler)
}

fn store(folder: &Path) -> CodeStore {
    CodeStore::open(patient(), Some(folder.to_owned()), Compiler::InProcess).unwrap()
}

/// A folder that only its owner can look into.
fn private() -> TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap()
}

/// A folder with the code of one policy, the policy, and the file.
fn filled() -> (TempDir, Vec<u8>, PathBuf) {
    let folder = private();
    let policy = Guest::new().build();
    load(&open(folder.path(), Compiler::InProcess).unwrap(), &policy).unwrap();
    let file = files(folder.path()).pop().unwrap();
    (folder, policy, file)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Whether the policy can be loaded without compiling it.
fn is_cached(folder: &Path, policy: &[u8]) -> bool {
    load(&open(folder, no_compiler()).unwrap(), policy).is_ok()
}

#[test]
fn what_was_compiled_once_is_not_compiled_again() {
    let (folder, policy, _) = filled();
    assert!(is_cached(folder.path(), &policy));
}

#[test]
fn a_damaged_file_is_replaced_and_never_run() {
    let (folder, policy, file) = filled();
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [flipped, whole[..whole.len() / 2].to_vec(), Vec::new()] {
        fs::write(&file, damaged).unwrap();
        assert!(!is_cached(folder.path(), &policy));
        load(&open(folder.path(), Compiler::InProcess).unwrap(), &policy).unwrap();
        assert!(is_cached(folder.path(), &policy));
    }
}

#[test]
fn code_under_another_policys_name_is_never_run() {
    let (folder, policy, file) = filled();
    let other = Guest::new().described("other", "{}", 0).build();
    load(&open(folder.path(), Compiler::InProcess).unwrap(), &other).unwrap();
    let others = files(folder.path()).into_iter().find(|f| *f != file);
    fs::copy(others.unwrap(), &file).unwrap();
    assert!(!is_cached(folder.path(), &policy));
}

#[test]
fn code_that_was_written_into_another_folder_is_never_run() {
    let (folder, policy, file) = filled();
    let (other, moved) = (private(), private());
    fs::copy(&file, other.path().join(file.file_name().unwrap())).unwrap();
    assert!(!is_cached(other.path(), &policy));
    fs::rename(folder.path(), moved.path()).unwrap();
    assert!(is_cached(moved.path(), &policy));
}

#[test]
fn a_link_is_not_followed() {
    let (folder, policy, file) = filled();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("code");
    fs::rename(&file, &moved).unwrap();
    symlink(&moved, &file).unwrap();
    assert!(!is_cached(folder.path(), &policy));
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let folder = private();
    for mode in [0o777, 0o770, 0o1777, 0o750] {
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        let error = open(folder.path(), Compiler::InProcess).unwrap_err();
        assert_eq!(error.code, "policy/cache-folder");
        assert_eq!(error.fault, Fault::Environment);
        assert!(error.message.contains(&format!("{mode:04o}")), "{error}");
    }
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let folder = private();
    // Only root can give a folder away; anybody else cannot write into a stranger's.
    if chown(folder.path(), Some(1), None).is_err() {
        return;
    }
    let error = open(folder.path(), Compiler::InProcess).unwrap_err();
    assert_eq!(error.code, "policy/cache-folder");
    assert!(error.message.contains("belongs to user 1"), "{error}");
}

#[test]
fn a_folder_that_is_a_link_is_refused() {
    let folder = private();
    let link = folder.path().join("link");
    symlink(tempfile::tempdir().unwrap().keep(), &link).unwrap();
    let error = open(&link, Compiler::InProcess).unwrap_err();
    assert_eq!(error.code, "policy/cache-folder");
}

#[test]
fn a_link_above_the_folder_is_refused() {
    let folder = private();
    fs::create_dir(folder.path().join("real")).unwrap();
    symlink("real", folder.path().join("link")).unwrap();
    let error = open(&folder.path().join("link/code"), Compiler::InProcess).unwrap_err();
    assert_eq!(error.code, "policy/cache-folder");
    assert!(error.message.contains("link"), "{error}");
    assert!(!folder.path().join("real/code").exists());
}

#[test]
fn a_parent_in_which_others_could_replace_the_folder_is_refused() {
    let folder = private();
    let parent = folder.path().join("parent");
    fs::create_dir(&parent).unwrap();
    for (mode, allowed) in [(0o777, false), (0o775, false), (0o757, false), (0o1777, true)] {
        fs::set_permissions(&parent, Permissions::from_mode(mode)).unwrap();
        let opened = open(&parent.join("a/code"), Compiler::InProcess);
        assert_eq!(opened.is_ok(), allowed, "{mode:o}");
        if let Err(error) = opened {
            assert_eq!(error.code, "policy/cache-folder");
            assert!(error.message.contains(&format!("{mode:04o}")), "{error}");
        }
    }
    // Only root can give a folder away.
    if chown(&parent, Some(1), None).is_ok() {
        let error = open(&parent.join("a/code"), Compiler::InProcess).unwrap_err();
        assert!(error.message.contains("belongs to user 1"), "{error}");
    }
}

#[test]
fn a_parent_that_is_swapped_while_the_sandbox_runs_changes_nothing() {
    let folder = private();
    let (parent, moved) = (folder.path().join("parent"), folder.path().join("moved"));
    let store = store(&parent.join("code"));
    let (other, policy, file) = filled();
    fs::rename(&parent, &moved).unwrap();
    fs::create_dir(folder.path().join("foreign")).unwrap();
    fs::rename(other.path(), folder.path().join("foreign/code")).unwrap();
    symlink("foreign", &parent).unwrap();
    assert!(parent.join("code").join(file.file_name().unwrap()).exists());
    let digest = digest(&policy);
    assert!(store.cached(&digest).is_none(), "it took code of a folder that it did not open");
    store.compile(&digest, &policy).unwrap();
    assert_eq!(files(&moved.join("code")).len(), 1, "it writes to the folder that it opened");
}

#[test]
fn owner_and_mode_are_checked_each_time() {
    let (folder, policy, file) = filled();
    let digest = digest(&policy);
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    let store = store(folder.path());
    let is_known = || store.cached(&digest).is_some();
    assert!(is_known());
    mode(folder.path(), 0o777);
    assert!(!is_known());
    mode(folder.path(), 0o700);
    mode(&file, 0o666);
    assert!(!is_known());
    mode(&file, 0o600);
    if chown(&file, Some(1), None).is_ok() {
        assert!(!is_known());
        chown(&file, Some(0), None).unwrap();
    }
    assert!(is_known());
}

#[test]
fn eviction_leaves_files_that_are_not_its_own() {
    let (folder, _, _) = filled();
    fs::write(folder.path().join("notes"), [0; 4096]).unwrap();
    let limits = Limits { cache_bytes: 1, ..patient() };
    let other = Guest::new().described("other", "{}", 0).build();
    let small = Sandbox::new(limits, Some(folder.path().to_owned()), Compiler::InProcess);
    load(&small.unwrap(), &other).unwrap();
    assert!(folder.path().join("notes").exists());
    assert_eq!(files(folder.path()).len(), 2, "the notes and the newest code");
}

#[test]
fn a_folder_that_is_not_there_is_made_for_its_user_alone() {
    let folder = private();
    let inner = folder.path().join("a/b");
    open(&inner, Compiler::InProcess).unwrap();
    let mode = fs::metadata(&inner).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn many_may_fill_the_folder_at_once() {
    let folder = private();
    let policy = Guest::new().build();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                load(&open(folder.path(), Compiler::InProcess).unwrap(), &policy).unwrap();
            });
        }
    });
    assert!(is_cached(folder.path(), &policy));
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn the_oldest_files_go_when_the_folder_is_full() {
    let (folder, policy, file) = filled();
    let size = fs::metadata(&file).unwrap().len();
    let limits = Limits { cache_bytes: size * 3 / 2, ..patient() };
    let other = Guest::new().described("other", "{}", 0).build();
    let small = Sandbox::new(limits, Some(folder.path().to_owned()), Compiler::InProcess);
    load(&small.unwrap(), &other).unwrap();
    assert!(!is_cached(folder.path(), &policy));
    assert!(is_cached(folder.path(), &other));
}
