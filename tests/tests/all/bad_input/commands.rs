//! Files, folders and programs that a command is given and cannot use: the code of each.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use site_cmp_tests::{Command, Output, Scratch, write_program};

use super::{PROFILE, SITE};
use crate::{BINARY, cmp};

const SNAPSHOT: &str = r#"{"gitVersion":"v1.33.4"} {"kind":"APIResourceList","groupVersion":"v1","resources":[{"kind":"Pod"}]}"#;

/// Runs a command line of `bash`, in which `cmp` is the program, beside a fleet.
fn shell(fleet: &Scratch, line: &str) -> Output {
    let line = format!("cmp() {{ {BINARY} \"$@\"; }}; {line}");
    Command::new("bash").args(["-c", &line]).dir(fleet.outside()).run()
}

/// The same with a limit of nothing on the size of files: it is as a full disk.
fn on_a_full_disk(fleet: &Scratch, line: &str) -> Output {
    shell(fleet, &format!("ulimit -f 0; trap '' XFSZ; {line}"))
}

fn program(folder: &Path, name: &str, text: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join(name);
    write_program(&file, text);
    file
}

#[test]
fn an_input_that_is_absent_is_named_by_its_option() {
    let fleet = Scratch::new();
    for (more, code) in [
        (["--chart", "nope.tgz"], "error[inputs/chart]"),
        (["-f", "nope.yaml"], "error[inputs/values-file]"),
        (["--source", "understack=/nope"], "error[sources/folder]"),
    ] {
        fleet.render(BINARY, SITE, &more).failure(1).says(&[code, "nope"]);
    }
    let render = |file: &Path| {
        let words = ["--environment", "dev"];
        cmp().arg("render").arg(fleet.path()).arg("--profile").arg(file).args(words).run()
    };
    render(Path::new("nope.yaml")).failure(1).says(&["error[profile/file]"]);
    let folder = fleet.outside().join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&folder).unwrap();
    fs::copy(fleet.path().join(PROFILE), folder.join("profile.yaml")).unwrap();
    render(&folder.join("profile.yaml")).failure(1).says(&["error[profile/site]", "--site"]);
}

#[test]
fn explain_needs_an_open_gate_and_a_path_that_is_there() {
    let fleet = Scratch::new();
    let explain = |site: &str, path: &str| {
        cmp().arg("explain").arg(fleet.path()).args(["--site", site, path]).run().failure(1)
    };
    explain(SITE, "no.such.path").says(&["error[explain/path]", "/no/such/path"]);
    explain("rax-dev-ord1", "celery").says(&["error[explain/closed]"]);
}

#[test]
fn a_helm_that_fails_or_is_missing_is_told() {
    let fleet = Scratch::new();
    let chart = fleet.outside().join("chart");
    fs::create_dir(&chart).unwrap();
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: nautobot\nversion: 3.1.2\n")
        .unwrap();
    fs::write(chart.join("values.yaml"), "{}\n").unwrap();
    let helm = program(fleet.outside(), "helm", "#!/bin/sh\necho 'Error: it burns' >&2\nexit 1\n");
    let chart = chart.to_str().unwrap();
    let render = |helm: &str| {
        let more = ["--target", "manifests", "--chart", chart, "--helm", helm];
        fleet.render(BINARY, SITE, &more)
    };
    render(helm.to_str().unwrap()).failure(1).says(&["error[emit/helm]", "it burns"]);
    render("/no/helm").failure(3).says(&["error[emit/helm-missing]", "/no/helm"]);
}

#[test]
fn an_output_that_cannot_be_written_is_the_environments_fault() {
    let fleet = Scratch::new();
    let render = format!("cmp render fleet --site {SITE}");
    shell(&fleet, &format!("{render} >/dev/full")).failure(3).says(&["error[emit/output]"]);
    let out = fleet.render(BINARY, SITE, &["--out", "/proc/no/folder"]);
    out.failure(3).says(&["error[emit/file]", "/proc/no/folder"]);
    fs::write(fleet.outside().join("seen.json"), SNAPSHOT).unwrap();
    let snapshot = format!("cmp cluster snapshot fleet --site {SITE} --from seen.json");
    on_a_full_disk(&fleet, &snapshot).failure(3).says(&["error[cluster/write]"]);
}

#[test]
fn a_lock_or_a_stamp_that_cannot_be_written_is_the_environments_fault() {
    // A fleet without policies: a policy that is compiled needs files too.
    let fleet = Scratch::new();
    fs::remove_dir_all(fleet.path().join("policies")).unwrap();
    fs::create_dir(fleet.path().join("policies")).unwrap();
    on_a_full_disk(&fleet, "cmp policy lock fleet").failure(3).says(&["error[lock/write]"]);
    shell(&fleet, "cmp policy lock fleet").success();
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    path: sites/a\n    plugin:\n      name: site-cmp@v1\n";
    let fleet = fleet.with("../apps/a.yaml", application);
    let stamp = "cmp policy lock fleet --stamp apps";
    on_a_full_disk(&fleet, stamp).failure(3).says(&["error[stamp/write]"]);
    let stamp = "cmp policy lock fleet --stamp nowhere";
    shell(&fleet, stamp).failure(1).says(&["error[stamp/unreadable]"]);
}

#[test]
fn a_policy_that_cannot_be_read_or_built_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let policy = |words: [&str; 2]| cmp().arg("policy").args(words).dir(folder.path()).run();
    policy(["inspect", "nope.wasm"]).failure(1).says(&["error[policy/unreadable]"]);
    let built = policy(["build", "."]);
    assert!(matches!(built.code, Some(1 | 3)), "{built:?}");
    built.says(&["error[policy/build]"]);
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |words: &[&str]| cmp().arg("serve").args(words).dir(folder.path()).run().failure(3);
    let socket = ["--socket-dir", "."];
    serve(&["--socket-dir", "nope"]).says(&["error[socket/bind]"]);
    serve(&[&socket[..], &["--preload", "nope"]].concat()).says(&["error[policy/preload]"]);
    // An address that is reserved for documents is no machine's own.
    let metrics = [&socket[..], &["--metrics", "192.0.2.1:9464"]].concat();
    serve(&metrics).says(&["error[server/metrics]", "192.0.2.1:9464"]);
    let health = cmp().arg("health").args(socket).dir(folder.path()).run();
    health.failure(3).says(&["error[server/health]"]);
}

#[test]
fn doctor_names_a_file_that_it_cannot_read() {
    let fleet = Scratch::new();
    let doctor = |words: &[&str]| cmp().arg("doctor").args(words).dir(fleet.outside()).run();
    doctor(&["--env", "nope.env"]).failure(1).says(&["error[doctor/environment]", "nope.env"]);
    let words = ["--repo", "fleet", "--app", "sites/rax-dev-iad3", "--application", "nope.yaml"];
    let output = doctor(&words);
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("[doctor/application] nope.yaml"), "{}", output.stdout);
}

#[test]
fn another_cmp_that_cannot_run_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours");
    fs::create_dir(&ours).unwrap();
    symlink(BINARY, ours.join("cmp")).unwrap();
    let other = folder.path().join("other");
    program(&other, "cmp", "#!/no/such/interpreter\n");
    let path = format!("{}:{}", ours.display(), other.display());
    let run = Command::new(ours.join("cmp")).env("PATH", path).args(["a", "b"]).run();
    run.failure(3).says(&["error[cli/handover]"]);
}
