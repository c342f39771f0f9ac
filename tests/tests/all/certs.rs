//! `cmp certs`: the certificates that a fleet issues, and those that the real openssl made.

mod authority;
mod bad_input;
mod expiry;

use std::path::Path;

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::cmp;

/// When the certificates of these tests begin, and a moment of their life.
const BEGIN: &str = "20260101000000Z";
const NOW: &str = "2026-06-01T00:00:00Z";

/// The Secret of one site of the example fleet.
const SECRET: &str = "nautobot-mtls-client-rax-dev-iad3";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";

fn certs(fleet: &Scratch, more: &[&str]) -> Output {
    cmp().arg("certs").arg(fleet.path()).args(more).run()
}

/// What of a folder expires when, at a moment.
fn from(fleet: &Scratch, folder: &Path, now: &str, more: &[&str]) -> Output {
    let words = ["--from", folder.to_str().unwrap(), "--now", now];
    certs(fleet, &[&words[..], more].concat())
}

/// The line of a Secret at a moment, and the exit code.
fn line(fleet: &Scratch, folder: &Path, now: &str, secret: &str) -> Value {
    let output = from(fleet, folder, now, &["-o", "json"]);
    let lines: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    lines.into_iter().find(|line| line["secret"] == secret).unwrap()
}

/// What dev says of its certificates.
const CLIENTS: &str =
    "mtls-clients:\n          push:\n            store:\n              name: fleet-vault\n";

/// The example fleet with all but one of its open sites closed, so that one certificate is all.
fn one_site() -> Scratch {
    let fleet = Scratch::new().without("sites/rax-dev-den1/profile.jsonnet");
    let fleet = fleet.with("sites/rax-dev-den1/profile.yaml", "environment: dev\n");
    ["rax-dev-hkg1", "rax-dev-syd2"].iter().fold(fleet, |fleet, site| {
        fleet.changed(&format!("sites/{site}/profile.yaml"), "  enabled: true", "  enabled: false")
    })
}

#[test]
fn the_list_is_what_a_render_for_the_global_cluster_emits() {
    let fleet = Scratch::new();
    let listed = certs(&fleet, &["-o", "json"]).success();
    let lines: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let words = ["render", "--environment", "dev", "--target", "global", "-o", "json"];
    let rendered = cmp().args(words).dir(fleet.path()).run().success();
    let objects = rendered.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let objects: Vec<Value> = objects.filter(|object| object["kind"] == "Certificate").collect();
    assert_eq!(lines.len(), objects.len());
    assert_eq!(lines.len(), 4);
    for (line, object) in lines.iter().zip(&objects) {
        let spec = &object["spec"];
        assert_eq!(line["name"], object["metadata"]["name"]);
        assert_eq!(line["namespace"], object["metadata"]["namespace"]);
        assert_eq!(line["secret"], spec["secretName"]);
        assert_eq!(line["commonName"], spec["commonName"]);
        assert_eq!(line["duration"], spec["duration"]);
        assert_eq!(line["renewBefore"], spec["renewBefore"]);
        assert_eq!(line["usages"], spec["usages"]);
        assert_eq!(line["key"], "ECDSA 256");
        assert_eq!(line["issuer"], "Issuer mtls-ca-issuer");
        let site = line["site"].as_str().unwrap();
        assert!(line["name"].as_str().unwrap().ends_with(site), "{line}");
        assert!(line.get("state").is_none(), "nothing is at hand: {line}");
    }
    let again = certs(&fleet, &["--environment", "dev", "-o", "json"]).success();
    assert_eq!(again.stdout, listed.stdout);
    let yaml = certs(&fleet, &["-o", "yaml"]).success();
    let yaml = site_cmp_tests::parse_yaml("stdout", yaml.stdout.as_bytes());
    assert_eq!(yaml, Value::Array(lines));
}

#[test]
fn a_setting_of_the_policy_is_listed_and_so_is_the_authority() {
    let settings =
        "mtls-clients: {commonName: robot, privateKey: {algorithm: RSA}, authority: {}}\n";
    let store = "        store:\n          name: site-vault\n";
    let fleet = Scratch::new().changed(ENVIRONMENT, CLIENTS, settings).changed(
        ENVIRONMENT,
        store,
        &format!("{store}        mtls: {{keyAlgorithm: RSA}}\n"),
    );
    let table = certs(&fleet, &[]).success().stdout;
    let row = |secret: &str| {
        let row = table.lines().find(|line| line.contains(&format!(" {secret} "))).unwrap();
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let site = format!(
        "dev rax-dev-iad3 {SECRET} {SECRET} robot 26280h 720h RSA 2048 Issuer mtls-ca-issuer"
    );
    assert_eq!(row(SECRET), site);
    let authority =
        "dev - mtls-ca mtls-ca mtls-ca 87600h 26280h ECDSA 256 Issuer mtls-ca-selfsigned";
    assert_eq!(row("mtls-ca"), authority);
}

#[test]
fn an_environment_that_issues_nothing_or_is_not_there_says_so() {
    let fleet = Scratch::new();
    let without = Scratch::new().without_global("prod");
    certs(&without, &["--environment", "prod"])
        .failure(1)
        .says(&["certs/no-global", "environment `prod` issues no certificates"]);
    certs(&fleet, &["--environment", "devv"]).failure(1).says(&["did you mean `dev`?"]);
    let broken =
        fleet.changed("sites/rax-dev-iad3/profile.yaml", "  enabled: true", "  enabled: 1");
    certs(&broken, &["-o", "json"]).failure(1).says(&["gate/not-boolean"]);
}
