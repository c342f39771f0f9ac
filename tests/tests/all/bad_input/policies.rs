//! Locks and artifacts that are not what they say.
//!
//! What a policy may do while it runs is tested beside the sandbox, with hostile
//! policies; here is what reaches a user.

use std::fs;

use site_cmp_tests::Scratch;

use super::{PROFILE, refused};
use crate::{BINARY, cmp};

const ARTIFACT: &str = "policies/nautobot-worker.wasm";

fn pinned(artifact: &[u8]) -> Scratch {
    Scratch::new().pinned(ARTIFACT, artifact)
}

#[test]
fn a_policy_must_be_in_the_lock() {
    let fleet = Scratch::new().changed(
        PROFILE,
        "    enabled: true",
        "    enabled: true\n    policies: {worker-placment: {}}",
    );
    refused(&fleet, &["policy/unknown", "did you mean `worker-placement`", "profile.yaml:19"]);
}

#[test]
fn an_artifact_must_be_there_and_be_the_pinned_one() {
    refused(&Scratch::new().without(ARTIFACT), &["file/missing", ARTIFACT, "policies.lock:"]);
    let fleet = Scratch::new();
    let mut bytes = fs::read(fleet.path().join(ARTIFACT)).unwrap();
    bytes.push(0);
    refused(&fleet.with(ARTIFACT, bytes), &["policy/digest", "policies.lock:"]);
}

#[test]
fn an_artifact_must_be_a_component_of_this_contract() {
    let whole = fs::read(Scratch::new().path().join(ARTIFACT)).unwrap();
    refused(&pinned(b"#!/bin/sh\necho hello\n"), &["policy/not-wasm"]);
    refused(&pinned(b"\0asm\x01\0\0\0"), &["policy/core-module"]);
    refused(&pinned(&whole[..whole.len() / 2]), &["policy/truncated"]);
    refused(&pinned(&vec![0; 100 << 20]), &["policy/module-size"]);
    let text = |from: &str, to: &str| {
        let mut bytes = whole.clone();
        let at: Vec<usize> = bytes
            .windows(from.len())
            .enumerate()
            .filter(|(_, w)| *w == from.as_bytes())
            .map(|(at, _)| at)
            .collect();
        assert!(!at.is_empty());
        for at in at {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        pinned(&bytes)
    };
    refused(
        &text("policy/evaluation@1.0.0", "policy/evaluation@9.0.0"),
        &["policy/contract-version", "9.0.0", "1.0.0"],
    );
}

#[test]
fn a_lock_is_read_strictly() {
    let lock = |text: &str| Scratch::new().with("policies.lock", text);
    refused(&lock(""), &["policies.lock"]);
    refused(&lock("version: 2\n"), &["lock/version"]);
    refused(
        &lock("version: 1\npolicies:\n  a:\n    path: ../x.wasm\n    sha256: abc\n"),
        &["lock/digest"],
    );
    let outside = format!(
        "version: 1\npolicies:\n  nautobot-worker:\n    path: ../x.wasm\n    sha256: {}\n",
        "a".repeat(64)
    );
    refused(&lock(&outside), &["path/outside", "policies.lock:4"]);
}

#[test]
fn two_policies_that_disagree_are_both_named() {
    // A copy of the worker's policy cannot be pinned under another name ...
    let fleet = Scratch::new();
    let bytes = fs::read(fleet.path().join("policies/worker-placement.wasm")).unwrap();
    let lock = fs::read_to_string(fleet.path().join("policies.lock")).unwrap();
    let copy = format!(
        "{lock}  other:\n    path: policies/other.wasm\n    sha256: {}\n",
        site_render::sha256(&bytes)
    );
    let fleet = fleet.with("policies/other.wasm", bytes).with("policies.lock", copy).changed(
        PROFILE,
        "    enabled: true",
        "    enabled: true\n    policies: {other: {}}",
    );
    refused(&fleet, &["policy/name", "worker-placement", "other"]);
}

#[test]
fn check_tells_all_problems_at_once() {
    let fleet = Scratch::new()
        .changed(PROFILE, "    enabled: true", "    enabled: \"true\"")
        .changed("sites/rax-dev-hkg1/profile.yaml", "replicas: 3", "replicas: many")
        .changed("sites/rax-prod-iad3/profile.yaml", "environment: prod", "environment: prd");
    let output = cmp().arg("check").arg(fleet.path()).run();
    assert_eq!(output.code, Some(1));
    let said = output.stdout + &output.stderr;
    for word in ["gate/not-boolean", "/replicas", "environment/unknown"] {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    let json = cmp().arg("check").arg(fleet.path()).args(["-o", "json"]).run();
    assert_eq!(json.code, Some(1));
    let findings: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).unwrap();
    assert!(findings.iter().filter(|finding| finding["severity"] == "error").count() >= 3);
    fleet.render(BINARY, "rax-prod-dfw1", &[]).success();
}
