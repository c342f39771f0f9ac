//! `cmp cluster snapshot`: the real kubectl asks an API server, and its answer is kept.

use std::fs;
use std::path::{Path, PathBuf};

use site_cmp_tests::{Command, Output, Scratch, peer, read_yaml, write_program};

use super::http::{api_server, serve};
use super::{SITE, SNAPSHOT, example};
use crate::{BINARY, cmp};

/// What this small cluster has.
const APIS: [&str; 4] = ["apps/v1", "apps/v1/Deployment", "v1", "v1/Pod"];

/// Whether a kubectl is at hand.
fn kubectl() -> Option<PathBuf> {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join("kubectl"))
        .find(|file| file.exists());
    peer(
        "kubectl",
        found,
        "install it from https://kubernetes.io/docs/tasks/tools, or Debian's kubernetes-client",
    )
}

/// A kubeconfig with a context for each of these servers: `one`, `two` and so on.
fn kubeconfig(folder: &Path, servers: &[&str]) -> PathBuf {
    let names = ["one", "two"];
    let entry = |key: &str, name: &str, value: &str| format!("- name: {name}\n  {key}: {value}\n");
    let each = |make: &dyn Fn(&str, &str) -> String| -> String {
        names.iter().zip(servers).map(|(name, server)| make(name, server)).collect()
    };
    let clusters =
        each(&|name, server| entry("cluster", name, &format!("{{server: \"{server}\"}}")));
    let contexts =
        each(&|name, _| entry("context", name, &format!("{{cluster: {name}, user: nobody}}")));
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: one\nusers:\n- name: nobody\n  user: {{}}\nclusters:\n{clusters}contexts:\n{contexts}"
    );
    let file = folder.join("kubeconfig");
    fs::write(&file, text).unwrap();
    file
}

fn snapshot(fleet: &Scratch, more: &[&str]) -> Output {
    // Without a home kubectl keeps a cache in the working folder.
    let home = fleet.outside().join("home");
    cmp().args(["cluster", "snapshot"]).arg(fleet.path()).args(more).env("HOME", home).run()
}

/// Asks these servers, the first of which is the current one.
fn asked(fleet: &Scratch, servers: &[&str], more: &[&str]) -> Output {
    let config = kubeconfig(fleet.outside(), servers);
    let named = ["--site", SITE, "--kubeconfig", config.to_str().unwrap()];
    snapshot(fleet, &[&named[..], more].concat())
}

/// Reads what a file says that kubectl printed.
fn printed(fleet: &Scratch, text: &str) -> Output {
    let file = fleet.outside().join("seen.json");
    fs::write(&file, text).unwrap();
    snapshot(fleet, &["--site", SITE, "--from", file.to_str().unwrap()])
}

fn kept(fleet: &Scratch) -> Option<String> {
    fs::read_to_string(fleet.path().join(SNAPSHOT)).ok()
}

#[test]
fn what_the_real_kubectl_hears_becomes_the_snapshot() {
    let Some(_) = kubectl() else { return };
    let fleet = Scratch::new();
    let apis = apis_of_the_example();
    let server = api_server("v1.33.4", &apis);
    let first = asked(&fleet, &[&server], &[]).success();
    assert_eq!(first.stdout, format!("{SNAPSHOT}: Kubernetes 1.33.4, {} APIs\n", apis.len()));
    let text = kept(&fleet).unwrap();
    assert_eq!(text, snapshot_of_site());
    let again = asked(&fleet, &[&server], &[]).success();
    assert!(again.stdout.ends_with(", unchanged\n"), "{}", again.stdout);
    assert_eq!(kept(&fleet).unwrap(), text);
    asked(&fleet, &[&server], &["--check"]).success();
}

/// The example's snapshot, of the cluster of this site.
fn snapshot_of_site() -> String {
    let text = fs::read_to_string(example()).unwrap();
    text.replace("kubeVersion", &format!("cluster: https://{SITE}.example.net:6443\nkubeVersion"))
}

/// The APIs of the example's snapshot.
fn apis_of_the_example() -> Vec<String> {
    let snapshot = read_yaml(&example());
    let apis = snapshot["apiVersions"].as_array().unwrap().iter();
    apis.map(|api| api.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_in_the_help_make_a_file_that_gives_the_same() {
    let Some(_) = kubectl() else { return };
    let fleet = Scratch::new();
    let help = cmp().args(["cluster", "snapshot", "--help"]).run().success().stdout;
    let (_, script) = help.split_once("create seen.json there:\n").unwrap();
    let apis = apis_of_the_example();
    let server = api_server("v1.33.4", &apis);
    let config = kubeconfig(fleet.outside(), &[&server]);
    let shell = Command::new("sh").args(["-c", script]).dir(fleet.outside());
    shell.env("KUBECONFIG", config).env("HOME", fleet.outside()).run().success();
    let seen = fleet.outside().join("seen.json");
    snapshot(&fleet, &["--site", SITE, "--from", seen.to_str().unwrap()]).success();
    assert_eq!(kept(&fleet).unwrap(), snapshot_of_site());
}

#[test]
fn a_check_tells_what_is_new_and_gone_and_writes_nothing() {
    let Some(_) = kubectl() else { return };
    let fleet = Scratch::new();
    let old = api_server("v1.33.4", &APIS);
    asked(&fleet, &[&old], &["--check"])
        .failure(1)
        .says(&["cluster/outdated", "cluster.yaml not found"]);
    assert_eq!(kept(&fleet), None);
    asked(&fleet, &[&old], &[]).success();
    let text = kept(&fleet);
    let new = api_server("v1.34.1", &["v1", "v1/Pod", "batch/v1", "batch/v1/Job"]);
    let changes = [
        "- kubeVersion: \"1.33.4\"",
        "- apps/v1/Deployment",
        "+ kubeVersion: \"1.34.1\"",
        "+ batch/v1/Job",
    ];
    asked(&fleet, &[&new], &["--check"]).failure(1).says(&changes);
    assert_eq!(kept(&fleet), text);
    let context = ["--check", "--context", "two"];
    asked(&fleet, &[&new, &old], &context).success();
}

#[test]
fn a_global_cluster_has_its_snapshot_beside_its_environment() {
    let Some(_) = kubectl() else { return };
    let fleet = Scratch::new();
    let config = kubeconfig(fleet.outside(), &[&api_server("v1.33.4", &APIS)]);
    let words = ["--environment", "dev", "--kubeconfig", config.to_str().unwrap()];
    let output = snapshot(&fleet, &words).success();
    assert!(output.stdout.starts_with("environments/dev/cluster.yaml: "), "{}", output.stdout);
    let global = ["render", "--environment", "dev", "--target", "global"];
    cmp().args(global).dir(fleet.path()).run().success();
}

#[test]
fn a_cluster_that_does_not_answer_is_no_smaller_cluster() {
    let Some(_) = kubectl() else { return };
    let fleet = Scratch::new();
    let gone = serve(|path| match path {
        "/version" => Some(br#"{"gitVersion":"v1.33.4"}"#.to_vec()),
        "/api" => Some(br#"{"kind":"APIVersions","versions":["v1"]}"#.to_vec()),
        "/apis" => Some(br#"{"kind":"APIGroupList","groups":[]}"#.to_vec()),
        _ => None,
    });
    let silent = "http://127.0.0.1:1";
    let said = |server: &str, words: &[&str]| {
        let output = asked(&fleet, &[server], &[]).failure(3).says(words);
        assert!(output.stderr.len() < 1000, "{}", output.stderr);
    };
    said(&gone, &["cluster/kubectl", "kubectl cannot read /api/v1", "unable to handle"]);
    said(silent, &["cluster/kubectl", "kubectl cannot read /version", "refused"]);
    let nonsense = serve(|_| Some(b"<html>".to_vec()));
    asked(&fleet, &[&nonsense], &[]).failure(1).says(&["the cluster's /version is not valid JSON"]);
    assert_eq!(kept(&fleet), None);
}

#[test]
fn a_kubectl_that_is_missing_or_talks_for_ever_is_the_machines_fault() {
    let fleet = Scratch::new();
    let words = ["--site", SITE, "--kubectl", "no-such-kubectl"];
    snapshot(&fleet, &words).failure(3).says(&["program no-such-kubectl not found", "--from"]);
    let script = fleet.outside().join("kubectl");
    write_program(&script, "#!/bin/sh\nyes\n");
    let words = ["--site", SITE, "--kubectl", script.to_str().unwrap()];
    snapshot(&fleet, &words).failure(3).says(&["its output has over 16777216 bytes"]);
    assert_eq!(kept(&fleet), None);
}

#[test]
fn what_kubectl_printed_elsewhere_is_read_from_a_file_or_a_pipe() {
    let fleet = Scratch::new();
    let text = r#"{"serverVersion":{"gitVersion":"v1.33.4+k3s1"}}
        {"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","kind":"Pod"}]}"#;
    printed(&fleet, text).success();
    let text = kept(&fleet).unwrap();
    assert!(text.contains("kubeVersion: 1.33.4+k3s1\napiVersions:\n- v1\n- v1/Pod\n"), "{text}");
    let piped =
        format!("{BINARY} cluster snapshot fleet --site {SITE} --from - --check <seen.json");
    Command::new("sh").args(["-c", &piped]).dir(fleet.outside()).run().success();
}

#[test]
fn what_is_no_answer_of_a_cluster_is_refused_and_leaves_the_old() {
    let fleet = Scratch::new().with(SNAPSHOT, super::SMALL);
    for (text, why) in [
        ("", "the version of the cluster is missing"),
        ("NAME SHORTNAMES APIVERSION", "seen.json is not valid JSON"),
        (r#"{"gitVersion":"v1.33.4"}"#, "no API is listed"),
        (r#"{"gitVersion":"newest"}"#, "`newest` is not a valid Kubernetes version"),
        ("\u{1b}[31m", "is not valid JSON"),
    ] {
        printed(&fleet, text).failure(1).says(&["cluster/discovery", why]);
    }
    let large = fleet.outside().join("large.json");
    fs::File::create(&large).unwrap().set_len(100 << 20).unwrap();
    let words = ["--site", SITE, "--from", large.to_str().unwrap()];
    snapshot(&fleet, &words).failure(1).says(&["104857600 bytes, more than the 16777216 allowed"]);
    let words = ["--site", SITE, "--from", "/nowhere.json"];
    snapshot(&fleet, &words).failure(1).says(&["/nowhere.json: the file does not exist"]);
    assert_eq!(kept(&fleet).as_deref(), Some(super::SMALL));
}

#[test]
fn whose_cluster_it_is_has_to_be_said_and_to_be_there() {
    let fleet = Scratch::new();
    snapshot(&fleet, &["--site", "rax-dev-iad", "--from", "-"])
        .failure(1)
        .says(&["site/unknown", "did you mean `rax-dev-iad3`?"]);
    snapshot(&fleet, &["--environment", "prd", "--from", "-"])
        .failure(1)
        .says(&["environment/unknown", "did you mean `prod`?"]);
    snapshot(&fleet, &["--site", "../dev", "--from", "-"]).failure(1).says(&["site/unknown"]);
    snapshot(&fleet, &[]).failure(2).says(&["--site <NAME>", "--environment <ENV>"]);
    snapshot(&fleet, &["--site", SITE, "--environment", "dev"]).failure(2);
    snapshot(&fleet, &["--site", SITE, "--from", "-", "--context", "x"]).failure(2);
}
