//! Snapshots that are wrong: refused with their place, and never half used.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command as Process;

use site_cmp_tests::Scratch;

use super::{SITE, SMALL, SNAPSHOT};
use crate::{BINARY, cmp};

fn with(from: &str, to: &str) -> Scratch {
    Scratch::new().with(SNAPSHOT, SMALL).changed(SNAPSHOT, from, to)
}

fn refused(fleet: &Scratch, words: &[&str]) {
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).failure(1).says(words);
    assert!(output.stderr.contains(SNAPSHOT), "{}", output.stderr);
}

#[test]
fn a_wrong_snapshot_is_told_at_its_line() {
    for (from, to, words) in [
        ("1.33.4", "newest", ["cluster/snapshot", "`newest` is not a valid version", ":3:14"]),
        ("1.33.4", "1.33", ["key/wrong-kind", "found the number 1.33", ":3:14"]),
        ("1.33.4", "", ["key/missing", "`kubeVersion` is required", ":3:1"]),
        ("kubeVersion: 1.33.4\n", "", ["key/missing", "`kubeVersion` is required", ":1:1"]),
        ("- v1/Pod", "- v1 Pod", ["cluster/snapshot", "`v1 Pod` is not a valid API", ":6:3"]),
        ("- v1/Pod", "- 7", ["key/wrong-kind", "found the number 7", ":6:3"]),
        ("- v1/Pod", "- [v1]", ["key/wrong-kind", "found a list", ":6:3"]),
        ("ClusterSnapshot", "Snapshot", ["key/header", "must be `ClusterSnapshot`", ":2:7"]),
        ("site-cmp/v1", "site-cmp/v9", ["key/header", "must be `site-cmp/v1`", ":1:13"]),
        (
            "kubeVersion",
            "metadata: {name: other}\nkubeVersion",
            ["name", "its folder is `rax-dev-iad3`", ":3:18"],
        ),
        ("- v1/Pod", "- \"v1", ["yaml", "cluster.yaml", ":"]),
    ] {
        refused(&with(from, to), &words);
    }
}

/// Argo CD deletes nothing at the cluster that a site leaves.
#[test]
fn a_site_whose_snapshot_is_of_another_cluster_is_an_error_while_its_gate_is_open() {
    const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";
    let url = "https://rax-dev-iad3.example.net:6443";
    let snapshot =
        |cluster: &str| SMALL.replace("kubeVersion", &format!("cluster: {cluster}\nkubeVersion"));
    let fleet = |cluster: &str| Scratch::new().with(SNAPSHOT, snapshot(cluster));
    for same in [url, "https://RAX-dev-iad3.example.net:6443/"] {
        fleet(same).render(BINARY, SITE, &["--target", "application"]).success();
    }
    let moved = fleet(url).changed(PROFILE, url, "https://new.example.net:6443");
    for target in ["application", "resources"] {
        moved.render(BINARY, SITE, &["--target", target]).failure(1).says(&[
            "cluster/moved",
            "profile.yaml:6:17",
            "is of https://rax-dev-iad3.example.net:6443, but the profile names https://new.example.net:6443",
            "close its gate first",
        ]);
    }
    cmp().arg("check").arg(moved.path()).run().failure(1).says(&["cluster/moved"]);
    let closed = moved.changed(PROFILE, "\n  enabled: true", "\n  enabled: false");
    closed.render(BINARY, SITE, &["--target", "application"]).success();
    let named = fleet("iad3").changed(
        PROFILE,
        &format!("cluster_server: {url}"),
        "cluster_server: null\ncluster_name: iad3",
    );
    named.render(BINARY, SITE, &["--target", "application"]).success();
    let named = named.changed(PROFILE, "cluster_name: iad3", "cluster_name: iad4");
    let refused = named.render(BINARY, SITE, &["--target", "application"]).failure(1);
    refused.says(&["is of cluster `iad3`, but the profile names cluster `iad4`"]);
}

#[test]
fn a_list_that_is_none_is_refused() {
    let head = "kubeVersion: 1.33.4\n";
    for (rest, words) in [
        ("", ["cluster/snapshot", "`apiVersions` is empty", ":1:1"]),
        ("apiVersions:\n", ["cluster/snapshot", "`apiVersions` is empty", ":2:1"]),
        ("apiVersions: []\n", ["cluster/snapshot", "`apiVersions` is empty", ":2:1"]),
        ("apiVersions: v1\n", ["key/wrong-kind", "a list of strings", ":2:14"]),
        ("apiVersions: {v1: 1}\n", ["key/wrong-kind", "a list of strings", ":2:14"]),
    ] {
        refused(&Scratch::new().with(SNAPSHOT, format!("{head}{rest}")), &words);
    }
    let many: String = (0..5001).map(|api| format!("- a/v{api}\n")).collect();
    let fleet = Scratch::new().with(SNAPSHOT, format!("{head}apiVersions:\n{many}"));
    refused(&fleet, &["5001 APIs are more than the 5000 allowed", ":2:1"]);
    refused(&Scratch::new().with(SNAPSHOT, "[]"), &["key/wrong-kind", "must be a mapping"]);
    refused(&Scratch::new().with(SNAPSHOT, ""), &["key/wrong-kind", "found null"]);
}

#[test]
fn what_is_no_file_of_the_fleet_is_no_snapshot() {
    let fleet = Scratch::new();
    let file = fleet.path().join(SNAPSHOT);
    fs::write(fleet.outside().join("secret.yaml"), SMALL).unwrap();
    symlink("../../../secret.yaml", &file).unwrap();
    refused(&fleet, &["file/outside", "leaves the tree"]);
    fs::remove_file(&file).unwrap();
    assert!(Process::new("mkfifo").arg(&file).status().unwrap().success());
    refused(&fleet, &["file/not-a-file"]);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    refused(&fleet, &["file/not-a-file"]);
    fs::remove_dir(&file).unwrap();
    fs::File::create(&file).unwrap().set_len(100 << 20).unwrap();
    refused(&fleet, &["file/too-large", "104857600 bytes"]);
}

#[test]
fn a_closed_site_needs_no_snapshot_but_a_check_reads_it() {
    let path = "sites/rax-dev-ord1/cluster.yaml";
    let fleet = Scratch::new().with(path, "kubeVersion: newest\napiVersions: [v1]\n");
    fleet.render(BINARY, "rax-dev-ord1", &["--target", "application"]).success();
    let global = Scratch::new().with("environments/prod/cluster.yaml", "kubeVersion: 1.33.4\n");
    for (fleet, place) in [(fleet, "ord1/cluster.yaml:1:14"), (global, "prod/cluster.yaml:1:1")] {
        cmp().arg("check").arg(fleet.path()).run().failure(1).says(&["cluster/snapshot", place]);
    }
}

#[test]
fn an_unknown_key_is_a_warning() {
    let output = with("kubeVersion", "kubeVersions: 1\nkubeVersion")
        .render(BINARY, SITE, &["--target", "application"])
        .success();
    output.says(&["key/unknown", "did you mean `kubeVersion`?", "cluster.yaml:3:1"]);
}
