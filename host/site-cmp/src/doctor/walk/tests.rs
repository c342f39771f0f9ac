use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

fn sent<'a>(listing: &'a Listing, root: &'a str, exclusions: &'a [&str]) -> Vec<&'a str> {
    listing.sent_entries(root, exclusions).map(|entry| entry.path.as_str()).collect()
}

#[test]
fn a_repo_is_walked_in_order_and_without_what_is_left_out() {
    let repo = tempfile::tempdir().unwrap();
    for file in [".git/HEAD", "a/b/c", "a-file", "docs/x.md", "z"] {
        let file = repo.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "text").unwrap();
    }
    let all = walk_repo(repo.path()).unwrap();
    assert_eq!(
        sent(&all, "", &[]),
        [".git", ".git/HEAD", "a", "a/b", "a/b/c", "a-file", "docs", "docs/x.md", "z"]
    );
    let less = sent(&all, "", &[".git", "docs/*"]).join(" ");
    assert_eq!(less, "a a/b a/b/c a-file docs z");
    assert_eq!(sent(&all, "a", &[]), ["a", "a/b", "a/b/c"]);
    assert_eq!(sent(&all, "a", &["b"]), ["a"], "a pattern begins at the root that is sent");
    assert_eq!(all.find_entry("z").unwrap().kind, NodeKind::File(4));
}

#[test]
fn nothing_in_a_hostile_repo_is_opened_or_followed() {
    let repo = tempfile::tempdir().unwrap();
    let at = |name: &str| repo.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    symlink("loop-b", at("loop-a")).unwrap();
    symlink("loop-a", at("loop-b")).unwrap();
    symlink(".", at("self")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    // Eight TiB that take no room.
    fs::File::create(at("huge")).unwrap().set_len(8 << 40).unwrap();
    let deep = at("d").join("d/".repeat(200));
    fs::create_dir_all(deep).unwrap();
    let listing = walk_repo(repo.path()).unwrap();
    assert_eq!(listing.special, 1, "the pipe");
    assert_eq!(listing.find_entry("self").unwrap().kind, NodeKind::Link(".".into()));
    assert_eq!(listing.find_entry("huge").unwrap().kind, NodeKind::File(8 << 40));
    assert_eq!(sent(&listing, "d", &[]).len(), 201);
}
