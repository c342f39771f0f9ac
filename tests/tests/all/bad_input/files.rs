//! Paths that lead elsewhere, and files that are none.

use std::os::unix::fs::symlink;
use std::process::Command as Process;

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, accepted, refused};
use crate::{BINARY, cmp};

fn config(reference: &str) -> Scratch {
    Scratch::new().changed(
        PROFILE,
        "    enabled: true",
        &format!("    enabled: true\n    nautobot_config: {reference}"),
    )
}

#[test]
fn a_reference_stays_in_its_source() {
    for reference in ["$deploy/../../etc/passwd", "$deploy/a/../../x", "$deploy//etc/../../x"] {
        refused(&config(reference), &["path/outside", "profile.yaml:19:22"]);
    }
    refused(&config("/etc/passwd"), &["reference/form", "profile.yaml:19"]);
    refused(&config("$other/x"), &["reference/source", "$understack, $deploy"]);
    // Argo CD takes it as a path of the repository.
    refused(&config("$deploy//etc/passwd"), &["file/missing", "cannot read etc/passwd"]);
    refused(&config("$deploy/no/such.py"), &["file/missing", "no/such.py"]);
    let fleet = Scratch::new().changed(
        PROFILE,
        "deploy_path_prefix: sites",
        "deploy_path_prefix: ../sites",
    );
    refused(&fleet, &["path/outside", "profile.yaml:9:21"]);
    let fleet = Scratch::new().changed(
        "environments/dev/environment.yaml",
        "path: base/understack",
        "path: ../elsewhere",
    );
    refused(&fleet, &["path/outside", "environment.yaml"]);
}

#[test]
fn a_link_out_of_the_tree_is_refused() {
    let fleet = config("$deploy/linked.py");
    std::fs::write(fleet.outside().join("secret.py"), "import os\n").unwrap();
    symlink("../secret.py", fleet.path().join("linked.py")).unwrap();
    refused(&fleet, &["file/outside", "linked.py"]);
    let fleet = config("$deploy/linked.py");
    symlink("/etc/passwd", fleet.path().join("linked.py")).unwrap();
    refused(&fleet, &["linked.py"]);
}

#[test]
fn a_link_inside_the_tree_is_read_through() {
    let fleet = config("$deploy/linked.py");
    symlink(
        "base/understack/components/nautobot/nautobot_config.py",
        fleet.path().join("linked.py"),
    )
    .unwrap();
    accepted(&fleet, &[]);
}

#[test]
fn what_is_no_file_is_not_opened() {
    let fleet = config("$deploy/pipe.py");
    assert!(Process::new("mkfifo").arg(fleet.path().join("pipe.py")).status().unwrap().success());
    refused(&fleet, &["file/not-a-file", "pipe.py"]);
    refused(&config("$deploy/sites"), &["file/not-a-file", "it is a folder"]);
    let fleet = Scratch::new().without(PROFILE);
    std::fs::create_dir(fleet.path().join(PROFILE)).unwrap();
    refused(&fleet, &["file/not-a-file"]);
}

#[test]
fn a_device_behind_an_option_is_not_read() {
    let fleet = Scratch::new();
    fleet.render(BINARY, SITE, &["-f", "/dev/zero"]).failure(1).says(&["/dev/zero"]);
    fleet
        .render(BINARY, SITE, &["-f", "no-such-file.yaml"])
        .failure(1)
        .says(&["no-such-file.yaml"]);
}

#[test]
fn a_folder_that_is_no_fleet_says_so() {
    let folder = tempfile::tempdir().unwrap();
    cmp()
        .arg("render")
        .arg(folder.path())
        .args(["--site", "x"])
        .run()
        .failure(1)
        .says(&["policies.lock"]);
    cmp()
        .args(["render", "--site", "x"])
        .dir(folder.path())
        .run()
        .failure(1)
        .says(&["policies.lock"]);
}

#[test]
fn an_empty_config_is_refused() {
    for text in ["", "\n \n"] {
        let fleet = config("$deploy/empty.py").with("empty.py", text);
        refused(&fleet, &["config/empty"]);
    }
}

#[test]
fn a_config_that_never_reads_the_ssl_mode_is_refused() {
    let fleet = config("$deploy/plain.py")
        .with("plain.py", "import os\n# NAUTOBOT_DB_SSLMODE\nX_NAUTOBOT_DB_SSLMODE_X = 1\n");
    refused(&fleet, &["config/must-read", "plain.py:1:1", "NAUTOBOT_DB_SSLMODE"]);
    let half = fleet.with("plain.py", "import os\nX = os.environ['NAUTOBOT_DB_SSLMODE']\n");
    refused(&half, &["config/must-read", "NAUTOBOT_REDIS_SSL_CA_CERTS"]);
    let fleet = config("$deploy/plain.py").with("plain.py", "import os\n").changed(
        PROFILE,
        "    nautobot_config:",
        "    policies: {nautobot-worker: {connections: {mtls: {requireConfig: false}}}}\n    nautobot_config:",
    );
    accepted(&fleet, &["warning", "worker/config-unchecked"]);
}

#[test]
fn a_values_file_that_cannot_be_read_is_told_and_may_be_an_error() {
    let fleet = Scratch::new();
    fleet
        .render(BINARY, "rax-prod-iad3", &[])
        .success()
        .says(&["values/unreadable", "$understack/components/nautobot-worker/values.yaml"]);
    let strict = fleet.changed(
        "environments/prod/environment.yaml",
        "partition: prod",
        "partition: prod\nunreadableValues: error",
    );
    strict.render(BINARY, "rax-prod-iad3", &[]).failure(1).says(&["values/unreadable"]);
    let mapped = strict.path().join("base/understack");
    let source = format!("understack={}", mapped.display());
    strict.render(BINARY, "rax-prod-iad3", &["--source", &source]).success();
}

#[test]
fn a_file_with_almost_a_known_name_is_reported() {
    let folder = "sites/rax-dev-iad3/resources";
    let fleet = Scratch::new()
        .with("sites/rax-dev-iad3/cluster.yml", "")
        .with("environments/dev/Cluster.yaml", "")
        .with(&format!("{folder}/a.json"), "{}")
        .with(&format!("{folder}/README.md"), "");
    let output = cmp().arg("check").arg(fleet.path()).run();
    output.says(&[
        "file/ignored",
        "resources/ignored",
        "cluster.yml is not read",
        "rename it to cluster.yaml",
        "Cluster.yaml",
    ]);
}
