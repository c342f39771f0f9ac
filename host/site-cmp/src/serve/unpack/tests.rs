use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use site_render::tree::Tree as _;

use super::*;
use crate::call_rejection::RejectKind;
use crate::serve::budget::Budget;
use crate::serve::caller_key::CallerKey;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A tar of entries: name, kind, content or link's target.
fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        header.set_size(if is_link { 0 } else { content.len() as u64 });
        if is_link {
            let target = std::str::from_utf8(content).unwrap();
            builder.append_link(&mut header, name, target).unwrap();
        } else if name.starts_with('/') || name.contains("..") {
            // The builder refuses what a hostile sender writes.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        } else {
            builder.append_data(&mut header, name, *content).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

const FILE: EntryType = EntryType::Regular;

fn limits() -> ServerLimits {
    ServerLimits { expanded_bytes: 1 << 20, file_bytes: 1000, files: 20, ..ServerLimits::default() }
}

fn unpacked(packed: &[u8]) -> Result<CachedTree, CallRejection> {
    unpacked_within(1 << 20, packed)
}

/// Unpacks an archive while running calls may hold so many bytes.
fn unpacked_within(bytes: u64, packed: &[u8]) -> Result<CachedTree, CallRejection> {
    let account = Budget::new(bytes, 0).open_account(&CallerKey::unknown());
    unpack_archive(packed, &limits(), account, &Scope::default())
}

fn refused(packed: &[u8]) -> (RejectKind, &'static str) {
    let refused = unpacked(packed).unwrap_err();
    (refused.kind, refused.error_code())
}

fn text(tree: &CachedTree, path: &str) -> Option<String> {
    let (fleet, _) = tree.open_archive().unwrap().find_fleet(".")?;
    Some(String::from_utf8(fleet.read(path, 10_000).ok()?.to_vec()).unwrap())
}

#[test]
fn an_archive_as_argo_cd_sends_it_is_read() {
    let long = format!("{}/profile.yaml", "long-".repeat(30));
    let packed = gzip(&tar(&[
        (".", EntryType::Directory, b""),
        ("policies.lock", FILE, b"lock"),
        ("sites", EntryType::Directory, b""),
        ("sites/a", FILE, b"first"),
        ("sites/a", FILE, b"second"),
        (&long, FILE, b"deep"),
        ("link", EntryType::Symlink, b"sites/a"),
        ("/absolute", FILE, b"at the root"),
    ]));
    let read = |path: &str| text(&unpacked(&packed).unwrap(), path);
    assert_eq!(read("policies.lock").as_deref(), Some("lock"));
    assert_eq!(read("sites/a").as_deref(), Some("second"));
    assert_eq!(read(&long).as_deref(), Some("deep"));
    assert_eq!(read("link").as_deref(), Some("second"));
    assert_eq!(read("absolute").as_deref(), Some("at the root"));
}

#[test]
fn a_name_that_is_not_utf8_makes_its_folder_unlistable() {
    let mut builder = tar::Builder::new(Vec::new());
    let names: [&[u8]; 4] =
        [b"policies.lock", b"sites/\xc3(/profile.yaml", b"sites/a", b"docs/x\xff.md"];
    for name in names {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(0);
        header.set_cksum();
        builder.append(&header, &b""[..]).unwrap();
    }
    let tree = unpacked(&gzip(&builder.into_inner().unwrap())).unwrap();
    let (fleet, _) = tree.open_archive().unwrap().find_fleet(".").unwrap();
    assert_eq!(fleet.list("").unwrap().len(), 3);
    for (folder, name) in [("sites", "\\xc3("), ("docs", "x\\xff.md")] {
        let error = fleet.list(folder).unwrap_err().to_string();
        assert!(error.contains(&format!("the name `{name}` in it is not UTF-8")), "{error}");
    }
    assert!(fleet.read("sites/a", 9).is_ok());
    assert!(fleet.read("docs/x\\xff.md", 9).is_err());
}

#[test]
fn what_no_render_can_see_is_skipped() {
    let packed = gzip(&tar(&[
        ("policies.lock", FILE, b""),
        ("hard", EntryType::Link, b"policies.lock"),
        ("device", EntryType::Char, b""),
        ("pipe", EntryType::Fifo, b""),
        (".git/config", FILE, b"secret"),
        ("large", FILE, &[b'x'; 1001]),
    ]));
    let archive = Arc::new(unpacked(&packed).unwrap());
    let (fleet, _) = archive.open_archive().unwrap().find_fleet(".").unwrap();
    for name in ["hard", "device", "pipe"] {
        assert!(fleet.read(name, 10).is_err(), "{name}");
    }
    for name in [".git/config", "large"] {
        let error = fleet.read(name, 10_000).unwrap_err();
        assert!(error.to_string().contains("bytes"), "{name}: {error}");
    }
}

#[test]
fn a_file_without_content_of_its_own_says_its_size() {
    let archive =
        unpacked(&gzip(&tar(&[("policies.lock", FILE, b""), ("large", FILE, &[b'x'; 1001])])));
    let (fleet, _) = archive.unwrap().open_archive().unwrap().find_fleet(".").unwrap();
    let error = fleet.read("large", 1000).unwrap_err();
    assert_eq!(error.to_string(), "it has 1001 bytes, more than the 1000 allowed");
}

#[test]
fn bytes_behind_the_archive_are_nobodys_and_members_follow_each_other() {
    let whole = tar(&[("policies.lock", FILE, b"lock")]);
    let mut packed = gzip(&whole);
    packed.extend_from_slice(b"and more");
    assert_eq!(text(&unpacked(&packed).unwrap(), "policies.lock").as_deref(), Some("lock"));
    let (head, tail) = whole.split_at(512);
    let members = [gzip(head), gzip(tail)].concat();
    assert_eq!(text(&unpacked(&members).unwrap(), "policies.lock").as_deref(), Some("lock"));
}

#[test]
fn what_is_no_archive_or_cut_short_is_refused() {
    let packed = gzip(&tar(&[("policies.lock", FILE, &[b'x'; 900])]));
    for damaged in [&b"not gzip"[..], &packed[..packed.len() / 2], &gzip(&[b'x'; 4096])] {
        assert_eq!(refused(damaged), (RejectKind::Malformed, "stream/archive"));
    }
    let changed: Vec<u8> =
        packed.iter().enumerate().map(|(at, b)| if at == 30 { b ^ 0xff } else { *b }).collect();
    assert_eq!(refused(&changed).0, RejectKind::Malformed);
}

#[test]
fn a_path_that_leads_out_is_refused_by_name() {
    for name in ["../x", "a/../../x"] {
        let refused = unpacked(&gzip(&tar(&[(name, FILE, b"")]))).unwrap_err();
        assert_eq!(refused.error_code(), "stream/path");
        assert!(refused.first_line().contains(name), "{}", refused.first_line());
    }
    let below_a_link = tar(&[("link", EntryType::Symlink, b"a"), ("link/x", FILE, b"")]);
    assert_eq!(refused(&gzip(&below_a_link)), (RejectKind::Malformed, "stream/path"));
    let deep = "d/".repeat(LEVELS) + "x";
    assert_eq!(refused(&gzip(&tar(&[(&deep, FILE, b"")]))), (RejectKind::Malformed, "stream/path"));
}

#[test]
fn a_bomb_ends_at_a_limit() {
    let zeros = gzip(&tar(&[("policies.lock", FILE, &vec![0; 2 << 20])]));
    assert!(zeros.len() * 20 < 2 << 20, "it is a bomb");
    assert_eq!(refused(&zeros), (RejectKind::Busy, "stream/expanded"));
    let names: Vec<String> = (0..21).map(|number| format!("f{number}")).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), FILE, &b""[..])).collect();
    assert_eq!(refused(&gzip(&tar(&entries))), (RejectKind::Busy, "stream/files"));
    let many: Vec<_> =
        names[..12].iter().map(|name| (name.as_str(), FILE, &[1; 900][..])).collect();
    let refused = unpacked_within(12_000, &gzip(&tar(&many))).unwrap_err();
    assert_eq!(refused.error_code(), "server/in-flight-bytes");
}

#[test]
fn a_name_does_not_fill_the_memory() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.as_old_mut().name[..4].copy_from_slice(b"long");
    let name = vec![b'n'; 200_000];
    header.set_size(name.len() as u64);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, name.as_slice()).unwrap();
    let packed = gzip(&builder.into_inner().unwrap());
    assert_eq!(refused(&packed), (RejectKind::Malformed, "stream/header"));
}

#[test]
fn folders_that_only_paths_name_are_counted_before_they_are_made() {
    let names: Vec<_> = (0..15).map(|at| format!("{at}/{}x", "d/".repeat(100))).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), FILE, &b""[..])).collect();
    // They are 1500 folders.
    assert_eq!(refused(&gzip(&tar(&entries))), (RejectKind::Busy, "server/in-flight-bytes"));
    let same: Vec<_> = (0..15).map(|_| entries[0]).collect();
    assert!(unpacked(&gzip(&tar(&same))).is_ok(), "they are the same");
}

#[test]
fn a_tree_keeps_the_bytes_that_it_takes() {
    let budget = Budget::new(1 << 20, 0);
    let packed = gzip(&tar(&[
        ("a/policies.lock", FILE, b""),
        ("a/link", EntryType::Symlink, b"x"),
        ("other", FILE, &[1; 900]),
        ("zones", FILE, &[1; 900]),
    ]));
    let unpack = |scope: &Scope| {
        let account = budget.open_account(&CallerKey::unknown());
        unpack_archive(packed.as_slice(), &limits(), account, scope).unwrap()
    };
    let whole = unpack(&Scope::default());
    let page = whole.file.allocated_bytes().unwrap();
    assert_eq!(whole.bytes, page, "no links are kept where nothing reads them");
    // Less was reserved than the page that it takes.
    assert!(budget.held_bytes() > 0 && budget.held_bytes() <= page);
    drop(whole);
    let scope = Scope::default();
    assert!(scope.add_folder("a/sites"));
    let part = unpack(&scope);
    assert_eq!(part.bytes, page + path_set::PATH_BYTES);
    assert!(part.covers_folder("a/sites") && !part.covers_folder("a/link/x"));
    drop(part);
    assert_eq!(budget.held_bytes(), 0);
}

#[test]
fn a_size_that_lies_costs_nothing() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(FILE);
    header.as_old_mut().name[..1].copy_from_slice(b"f");
    header.set_size(900);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(&[1; 100]);
    assert_eq!(refused(&gzip(&bytes)), (RejectKind::Malformed, "stream/archive"));
    header.set_size(u64::MAX >> 1);
    header.set_cksum();
    let bytes = [header.as_bytes().as_slice(), &[1; 100]].concat();
    assert_eq!(refused(&gzip(&bytes)).0, RejectKind::Malformed);
}

#[test]
fn a_folder_that_is_called_as_the_lock_makes_no_fleet() {
    let packed = gzip(&tar(&[
        ("fleet/policies.lock/x", FILE, b""),
        ("fleet/policies.lock", EntryType::Directory, b""),
        ("fleet/sites/a", FILE, b"a"),
        ("policies.lock", FILE, b"lock"),
        ("zones", FILE, b"z"),
    ]));
    let scope = Scope::default();
    assert!(scope.add_folder("fleet/sites"));
    let account = Budget::new(20_000, 0).open_account(&CallerKey::unknown());
    let tree = unpack_archive(packed.as_slice(), &limits(), account, &scope).unwrap();
    assert!(tree.covers_folder("zones"), "it is whole");
    assert_eq!(text(&tree, "fleet/sites/a").as_deref(), Some("a"));
}
