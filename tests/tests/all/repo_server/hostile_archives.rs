//! Archives that repo-server would not pack. What is harmless is passed over, as Argo CD's
//! own server does; what is not is refused, and the entry named.

use site_cmp_tests::Scratch;
use tar::EntryType;

use super::APP;
use super::archive::Archive;
use super::script::{alone, example, refused, send};

fn fleet() -> Archive {
    Archive::of(&Scratch::new().path())
}

/// Both servers answer this archive as if the strange entries were not there.
fn is_passed_over(archives: Vec<(&str, Vec<u8>)>) {
    let Some((argo, plugin)) = alone("") else { return };
    let stock = argo.stock();
    let expected = send(&argo, &plugin, &example(), APP);
    for (what, archive) in archives {
        for server in [&plugin, &stock] {
            let answer = send(&argo, server, &archive, APP);
            assert_eq!(answer.texts(), expected.texts(), "{what}, {}", server.name);
        }
    }
}

/// The plugin refuses this archive and says why.
fn is_refused(archive: Vec<u8>, code: &str, limits: &str, words: &[&str]) {
    let Some((argo, plugin)) = alone(limits) else { return };
    let answer = send(&argo, &plugin, &archive, APP);
    let error = refused(&answer, code, words);
    argo.is_not_named_in(error);
    // And nobody else is harmed, unless the limits are too small for anything.
    if limits.is_empty() {
        send(&argo, &plugin, &example(), APP).texts();
    }
}

#[test]
fn bytes_behind_the_end_are_nobodys() {
    let mut archive = example();
    archive.extend(b"trailing bytes");
    is_passed_over(vec![("trailing", archive)]);
}

#[test]
fn names_may_be_long_or_no_text() {
    let long = format!("{}/{}", "folder".repeat(30), "name".repeat(30));
    is_passed_over(vec![
        ("a long name", fleet().long(&long, b"x").packed()),
        ("no text", fleet().member(b"no-\xff\xfe-text", EntryType::Regular, "", b"x").packed()),
        ("absolute", fleet().file("/etc/passwd", b"x").packed()),
    ]);
}

#[test]
fn devices_pipes_and_hard_links_are_passed_over() {
    let kinds = [EntryType::Char, EntryType::Block, EntryType::Fifo, EntryType::Link];
    let archive = |kind| fleet().member(b"strange", kind, "policies.lock", b"").packed();
    is_passed_over(kinds.map(|kind| ("a kind", archive(kind))).to_vec());
}

#[test]
fn links_that_nobody_reads_are_passed_over() {
    is_passed_over(vec![
        ("dangling", fleet().link("dangling", "nowhere").packed()),
        ("loop", fleet().link("a", "b").link("b", "a").packed()),
        ("absolute", fleet().link("absolute", "/etc/passwd").packed()),
    ]);
}

#[test]
fn of_two_members_with_one_name_the_last_counts() {
    let profile = format!("{APP}/profile.yaml");
    let right = std::fs::read(Scratch::new().path().join(&profile)).unwrap();
    let archive = fleet().file(&profile, b"wrong").file(&profile, &right);
    is_passed_over(vec![("twice", archive.packed())]);
}

#[test]
fn what_is_no_archive_is_refused() {
    let refused = |archive: Vec<u8>| {
        is_refused(archive, "InvalidArgument", "", &["error[stream/archive]", "damaged"]);
    };
    refused(b"no gzip at all".to_vec());
    let archive = example();
    refused(archive[..archive.len() / 2].to_vec());
    let mut broken = archive.clone();
    // The header of the first block, behind gzip's own ten bytes: a type that deflate has not.
    broken[10] |= 0b110;
    refused(broken);
}

#[test]
fn an_empty_archive_is_an_empty_repo() {
    let Some((argo, plugin)) = alone("") else { return };
    let answer = send(&argo, &plugin, &Archive::empty().packed(), ".");
    assert_eq!(answer.code(), "FailedPrecondition", "{answer:?}");
    answer.says(&["error[sources/no-fleet]"]);
}

#[test]
fn a_member_that_leads_out_is_refused_by_name() {
    for name in ["../outside", "a/../../outside", "/../outside"] {
        let archive = fleet().file(name, b"x").packed();
        is_refused(archive, "InvalidArgument", "", &["error[stream/path]", "outside"]);
    }
}

/// Argo CD's own server writes through such a link; no archive of a repo's has one.
#[test]
fn a_member_below_a_link_is_refused_by_name() {
    let archive = fleet().link("linked", "sites").file("linked/file", b"x").packed();
    is_refused(archive, "InvalidArgument", "", &["error[stream/path]", "linked/file"]);
}

#[test]
fn a_link_out_of_the_fleet_is_never_followed() {
    let values = format!("{APP}/nautobot-worker/values.yaml");
    let folder = Scratch::new().without(&values);
    for target in ["/etc/passwd", "../../../../../../etc/passwd"] {
        let archive = Archive::of(&folder.path()).link(&values, target).packed();
        is_refused(archive, "FailedPrecondition", "", &[&values]);
    }
}

#[test]
fn what_expands_too_far_is_stopped() {
    let zeros = fleet().file("zeros", &vec![0; 64 << 20]).packed();
    let limits = "server: {expandedBytes: 4000000}\n";
    is_refused(zeros, "ResourceExhausted", limits, &["expandedBytes", "limits file"]);
}

#[test]
fn too_many_files_are_stopped() {
    let mut many = fleet();
    for n in 0..300 {
        many = many.file(&format!("many/{n}"), b"");
    }
    let limits = "server: {files: 200}\n";
    is_refused(many.packed(), "ResourceExhausted", limits, &["files", "limits file"]);
}

#[test]
fn a_large_file_harms_only_who_reads_it() {
    let large = fleet().file("large", &vec![b'x'; 40 << 20]).packed();
    is_passed_over(vec![("large", large)]);
    let values = format!("{APP}/nautobot-worker/values.yaml");
    let folder = Scratch::new().without(&values);
    let archive = Archive::of(&folder.path()).file(&values, &vec![b'#'; 40 << 20]).packed();
    is_refused(archive, "FailedPrecondition", "", &[&values]);
}
