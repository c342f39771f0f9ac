use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;

use super::*;

fn ours(line: &str) -> bool {
    is_ours(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
}

#[test]
fn commands_and_options_of_ours_stay() {
    for line in [
        "cmp",
        "cmp --help",
        "cmp -h",
        "cmp --version",
        "cmp -V",
        "cmp render",
        "cmp render check",
        "/usr/local/bin/cmp policy lock",
        "cmp --color never render",
        "cmp --color=never render",
        "cmp --limits=x check",
        "cmp -q render",
        "cmp --quiet render",
        "cmp --quiet",
        "cmp help render",
        "cmp __compile",
    ] {
        assert!(ours(line), "{line}");
    }
}

#[test]
fn words_of_diffutils_go_on() {
    for line in [
        "cmp a b",
        "cmp -s a b",
        "cmp --silent a b",
        "cmp --quiet a b",
        "cmp -l a b",
        "cmp -n 5 a b",
        "cmp -v",
        "cmp --bytes=5 a b",
        "cmp --verbose render b",
        "cmp -",
        "cmp -- render b",
        "cmp ./render check",
        "./cmp rendr",
        "cmp --hel",
    ] {
        assert!(!ours(line), "{line}");
    }
    let odd = OsString::from_vec(vec![b'a', 0xff]);
    assert!(!is_ours(&["cmp".into(), odd, "b".into()]));
    assert!(!is_ours(&["cmp".into(), "".into()]));
}

#[test]
fn under_another_name_everything_is_ours() {
    assert!(ours("site-cmp a b"));
    assert!(ours("/opt/cmp/site-cmp -s a b"));
}

/// A folder with a program called `cmp`.
fn program(root: &Path, folder: &str) -> PathBuf {
    let folder = root.join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("cmp");
    std::fs::write(&file, folder.to_string_lossy().as_bytes()).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

fn path(folders: &[&Path]) -> OsString {
    std::env::join_paths(folders).unwrap()
}

#[test]
fn the_next_program_that_is_another_file_is_taken() {
    let root = tempfile::tempdir().unwrap();
    let own = program(root.path(), "own");
    let real = program(root.path(), "real");
    let meta = std::fs::metadata(own.join("cmp")).unwrap();
    let linked = root.path().join("linked");
    symlink(&own, &linked).unwrap();
    let hard = root.path().join("hard");
    std::fs::create_dir(&hard).unwrap();
    std::fs::hard_link(own.join("cmp"), hard.join("cmp")).unwrap();
    let missing = root.path().join("missing");

    let all = path(&[&missing, &own, &linked, &hard, &own, &real]);
    assert_eq!(next_on_path(&all, Some(&meta), false), Some(real.join("cmp")));
    let alone = path(&[&own, &linked, &hard]);
    assert_eq!(next_on_path(&alone, Some(&meta), false), None);
    assert_eq!(next_on_path(OsStr::new(""), Some(&meta), false), None);
}

#[test]
fn what_cannot_be_run_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let plain = program(root.path(), "plain");
    std::fs::set_permissions(plain.join("cmp"), PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::create_dir_all(root.path().join("folder/cmp")).unwrap();
    let real = program(root.path(), "real");
    let all = path(&[&plain, &root.path().join("folder"), &real]);
    assert_eq!(next_on_path(&all, None, false), Some(real.join("cmp")));
}

#[test]
fn two_copies_never_hand_back() {
    let root = tempfile::tempdir().unwrap();
    let real = program(root.path(), "real");
    let first = program(root.path(), "first");
    let second = program(root.path(), "second");
    let meta = |folder: &Path| std::fs::metadata(folder.join("cmp")).unwrap();
    let copies = path(&[&first, &second]);
    assert_eq!(next_on_path(&copies, Some(&meta(&first)), false), Some(second.join("cmp")));
    assert_eq!(next_on_path(&copies, Some(&meta(&second)), true), None);
    // Called by its full path, one that stands last still finds the real one before it.
    let before = path(&[&real, &first]);
    assert_eq!(next_on_path(&before, Some(&meta(&first)), false), Some(real.join("cmp")));
}
