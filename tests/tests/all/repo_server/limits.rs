//! How much may come and go; what is too much says which limit it was.

use site_cmp_tests::Scratch;

use super::archive::noise;
use super::{APP, World};
use crate::argo::Answer;
use crate::hostile::{Guest, HEAP, fleet, policy};

/// Characters of one value.
const VALUE: u32 = 1_000_000;

/// A policy that sets this many values of a megabyte each.
fn large(values: u32) -> Guest {
    let mut guest = policy().pages(HEAP / 65_536 + VALUE / 65_536 + 2);
    let at = HEAP;
    let mut words = Vec::new();
    for n in 0..values {
        words.extend(guest.text(&format!("/large{n}")));
        words.extend([0, at, VALUE + 2]);
        words.extend(guest.text("a reason"));
    }
    let list = guest.words(&words);
    let result = guest.listing([list, values]);
    let quote = i32::from(b'"');
    guest.returns(result).first(&format!(
        "(i32.store8 (i32.const {at}) (i32.const {quote}))
         (memory.fill (i32.const {}) (i32.const 120) (i32.const {VALUE}))
         (i32.store8 (i32.const {}) (i32.const {quote}))",
        at + 1,
        at + 1 + VALUE,
    ))
}

/// What users read when a repo of six megabytes meets these limits of the server.
fn refused(limits: &str, words: &[&str]) {
    let repo = Scratch::new().with("noise/one", noise(6 << 20));
    let Some(world) = World::with(repo, &[], limits, &[]) else { return };
    let answer: Answer = world.ask(APP, &[]);
    answer.says(&["error[stream/", "code = ResourceExhausted", "limits file"]).says(words);
}

#[test]
fn an_object_of_five_megabytes_arrives_whole() {
    let Some(world) = World::of(fleet(&large(5))) else { return };
    let answer = world.ask(APP, &[]);
    assert!(answer.texts()[0].len() > 5_000_000);
}

#[test]
fn manifests_over_the_largest_message_are_an_error_that_names_its_variable() {
    let env = [("ARGOCD_GRPC_MAX_SIZE_MB", "1")];
    let Some(world) = World::with(fleet(&large(5)), &[], "", &env) else { return };
    world.ask(APP, &[]).says(&["error[", "ARGOCD_GRPC_MAX_SIZE_MB"]);
}

#[test]
fn a_message_over_the_largest_is_an_error_that_names_its_variable() {
    use super::script::{example, opening, pieces};
    let Some(argo) = crate::argo::Argo::new() else { return };
    let plugin = argo.serve(&[], &[("ARGOCD_GRPC_MAX_SIZE_MB", "1")]);
    let mut archive = example();
    archive.extend(noise(3 << 20));
    let script = [opening(&archive, APP), pieces(&argo, &archive, 2 << 20)];
    let answer = plugin.stream(&script, &[]);
    answer.says(&["error[stream/message-bytes]", "ARGOCD_GRPC_MAX_SIZE_MB"]);
    let script = [opening(&archive, APP), pieces(&argo, &archive, 1 << 19)];
    plugin.stream(&script, &[]).texts();
}

#[test]
fn an_archive_that_is_too_large_is_refused_with_its_limit() {
    refused("server: {archiveBytes: 1000000}\n", &["stream/archive-bytes", "archiveBytes"]);
}

#[test]
fn an_archive_that_unpacks_too_far_is_refused_with_its_limit() {
    refused("server: {expandedBytes: 2000000}\n", &["expandedBytes"]);
}

#[test]
fn too_many_files_are_refused_with_their_limit() {
    refused("server: {files: 5}\n", &["files"]);
}

#[test]
fn limits_that_are_not_understood_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let limits = folder.path().join("limits.yaml");
    std::fs::write(&limits, "server: {rendrs: 2}\n").unwrap();
    let command = crate::cmp().args(["serve", "--socket-dir"]).arg(folder.path());
    command.arg("--limits").arg(&limits).run().failure(3).says(&["operator/limits", "rendrs"]);
}
