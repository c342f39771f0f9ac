//! `cmp doctor`: what it finds, what it says to do, what it never touches.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command as Process;

use serde_json::Value;
use site_cmp_tests::{Command, Scratch};

use crate::cmp;

const APP: &str = "fleet/sites/rax-dev-iad3";

/// What was found of one thing.
fn seen<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|seen| seen["check"] == check).unwrap_or(&Value::Null)
}

/// A report, whose exit code agrees with it.
fn report(command: Command) -> Value {
    let output = command.args(["-o", "json"]).run();
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}\nstdout: {}\nstderr: {}", output.stdout, output.stderr)
    });
    let failed = report["checks"].as_array().unwrap().iter().any(|seen| seen["verdict"] == "fail");
    assert_eq!(output.code, Some(i32::from(failed)), "{report:#}");
    assert_eq!(report["ok"], !failed);
    report
}

/// A look at a repo, from a machine without plugins.
fn at_repo(repo: &Path, app: &str) -> Command {
    cmp().arg("doctor").arg("--repo").arg(repo).args(["--app", app])
}

/// An environment of the repo-server in which nothing could be better.
fn well_set(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("env");
    let lines = [
        "ARGOCD_CMP_CHUNK_SIZE=65536",
        "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS=.git",
        "ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS=true",
    ];
    fs::write(&file, lines.join("\n")).unwrap();
    file
}

#[test]
fn a_listening_socket_is_well_and_a_stale_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let env = well_set(folder.path());
    let look = || {
        let doctor = cmp().args(["doctor", "--user", "0", "--env"]).arg(&env);
        report(doctor.arg("--socket-dir").arg(folder.path()))
    };
    assert_eq!(seen(&look(), "socket/listens")["verdict"], "fail", "there is none yet");
    let server = UnixListener::bind(folder.path().join("site-cmp@v1.sock")).unwrap();
    let well = look();
    assert_eq!(well["ok"], true, "{well:#}");
    let checks = well["checks"].as_array().unwrap();
    assert!(checks.iter().all(|seen| seen["verdict"] == "ok"), "{well:#}");
    drop(server);
    let stale = look();
    assert!(seen(&stale, "socket/listens")["says"].as_str().unwrap().contains("stale"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "the socket and the file with the environment");
}

#[test]
fn a_name_without_an_at_a_missing_folder_and_a_closed_one_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = || cmp().arg("doctor").env("ARGOCD_PLUGINSOCKFILEPATH", folder.path());
    let found = report(doctor().args(["--name", "site-cmp-v1"]));
    assert_eq!(seen(&found, "socket/name")["verdict"], "fail");
    assert_eq!(seen(&found, "socket/folder"), &Value::Null, "no folder holds such a socket");

    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let found = report(doctor().args(["--user", "4000000000"]));
    assert_eq!(seen(&found, "socket/reachable")["verdict"], "fail");
    let told = seen(&found, "socket/reachable")["change"].as_str().unwrap();
    assert!(told.contains(folder.path().to_str().unwrap()), "{told}");

    let found = report(cmp().args(["doctor", "--socket-dir", "/no/such/folder"]));
    assert_eq!(seen(&found, "socket/folder")["verdict"], "fail");
}

#[test]
fn a_repo_is_measured_and_the_annotation_that_sends_least_is_named() {
    let fleet = Scratch::new();
    let env = well_set(fleet.outside());
    fs::create_dir(fleet.outside().join(".git")).unwrap();
    fs::write(fleet.outside().join(".git/pack"), vec![9; 100_000]).unwrap();
    fs::write(fleet.outside().join("elsewhere"), "x".repeat(1000)).unwrap();
    let found = report(at_repo(fleet.outside(), APP));
    let (whole, fleets) = (seen(&found, "repo/whole"), seen(&found, "repo/fleet"));
    assert_eq!(whole["figures"]["gitBytes"], 100_000);
    assert!(whole["figures"]["bytes"].as_u64() > fleets["figures"]["bytes"].as_u64());
    assert_eq!(fleets["figures"]["gitBytes"], 0);
    let less = report(at_repo(fleet.outside(), APP).arg("--env").arg(&env));
    assert_eq!(seen(&less, "repo/whole")["figures"]["gitBytes"], 0, "it is left out");

    let used = &seen(&found, "repo/render")["figures"];
    let policy = fs::metadata(fleet.path().join("policies/nautobot-worker.wasm")).unwrap().len();
    assert!(used["bytes"].as_u64().unwrap() > policy, "the policy is read: {used}");
    assert!(used["bytes"].as_u64() < fleets["figures"]["bytes"].as_u64());
    let told = seen(&found, "repo/annotation")["says"].as_str().unwrap();
    assert!(told.contains("manifest-generate-paths: ../..`"), "{told}");
    assert_eq!(found["ok"], true, "{found:#}");
}

#[test]
fn an_application_is_held_to_its_plugin_and_annotation() {
    let fleet = Scratch::new();
    let env = well_set(fleet.outside());
    let file = fleet.outside().join("application.yaml");
    let look = |annotation: &str, plugin: &str| {
        let text = format!(
            "kind: Application\nmetadata: {{annotations: {{argocd.argoproj.io/\
             manifest-generate-paths: {annotation}}}}}\nspec: {{source: {{path: {APP}, \
             plugin: {{name: {plugin}}}}}}}\n"
        );
        fs::write(&file, text).unwrap();
        let doctor = at_repo(fleet.outside(), APP).arg("--env").arg(&env);
        report(doctor.arg("--application").arg(&file))
    };
    assert_eq!(look("../..", "site-cmp@v1")["ok"], true);
    let found = look(".", "site-cmp");
    assert_eq!(seen(&found, "application/plugin")["verdict"], "fail");
    assert_eq!(seen(&found, "application/generate-paths")["verdict"], "fail");
    fs::write(&file, "kind: [").unwrap();
    let found = report(at_repo(fleet.outside(), APP).arg("--application").arg(&file));
    assert_eq!(seen(&found, "application/file")["verdict"], "fail");
}

#[test]
fn an_exclusion_that_a_render_needs_is_told() {
    let fleet = Scratch::new();
    let env = fleet.outside().join("env");
    let name = "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS";
    fs::write(&env, format!("{name}=.git;fleet/environments/*\n")).unwrap();
    let found = report(at_repo(fleet.outside(), APP).arg("--env").arg(&env));
    let told = seen(&found, "repo/exclusions");
    assert_eq!(told["verdict"], "fail", "{found:#}");
    assert!(told["says"].as_str().unwrap().contains("environments/dev/environment.yaml"));
}

#[test]
fn a_hostile_repo_is_measured_and_not_entered() {
    let fleet = Scratch::new();
    let at = |name: &str| fleet.path().join(name);
    assert!(Process::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    symlink("loop-b", at("loop-a")).unwrap();
    symlink("loop-a", at("loop-b")).unwrap();
    symlink("../../../../etc/passwd", at("sites/out")).unwrap();
    symlink("../../common", at("sites/up")).unwrap();
    fs::File::create(at("huge")).unwrap().set_len(8 << 40).unwrap();
    fs::write(at("a\u{1b}[31mb"), "").unwrap();
    let found = report(at_repo(fleet.outside(), APP));
    assert_eq!(seen(&found, "repo/whole")["verdict"], "warn", "the huge file is not packed");
    assert_eq!(seen(&found, "repo/limits")["verdict"], "fail", "nor would the server take it");
    let links = seen(&found, "repo/links");
    assert_eq!(links["verdict"], "fail");
    assert!(links["says"].as_str().unwrap().ends_with("fleet/sites/out"), "{links}");
    let text = at_repo(fleet.outside(), APP).run();
    assert!(!text.stdout.contains('\u{1b}'), "{}", text.stdout);
    assert!(text.stdout.contains("links that lead outside the fleet: fleet/sites/up"));
}

#[test]
fn a_site_that_does_not_render_says_why() {
    let profile = "sites/rax-dev-iad3/profile.yaml";
    let fleet = Scratch::new().changed(profile, "enabled: true", r#"enabled: "true""#);
    let found = report(at_repo(fleet.outside(), APP));
    let told = seen(&found, "repo/render");
    assert_eq!(told["verdict"], "fail");
    assert!(told["says"].as_str().unwrap().contains("gate/not-boolean"), "{told}");
    assert!(told["says"].as_str().unwrap().contains(profile), "{told}");
}

#[test]
fn a_place_that_is_no_application_of_a_fleet_is_told() {
    let fleet = Scratch::new();
    for (app, check) in [
        ("fleet/sites/nobody", "repo/app"),
        ("fleet/policies.lock", "repo/app"),
        ("", "repo/fleet"),
    ] {
        let found = report(at_repo(fleet.outside(), app));
        assert_eq!(seen(&found, check)["verdict"], "fail", "{app}");
    }
    let found = report(at_repo(Path::new("/no/such/repo"), APP));
    assert_eq!(seen(&found, "repo/walk")["verdict"], "fail");
    at_repo(fleet.outside(), "../x").run().failure(2);
    cmp().args(["doctor", "--app", "x"]).run().failure(2);
}

#[test]
fn limits_that_cannot_be_read_are_a_finding_among_others() {
    let fleet = Scratch::new().with("limits.yaml", "fule: 1\n");
    let doctor = at_repo(fleet.outside(), APP).arg("--limits");
    let found = report(doctor.arg(fleet.path().join("limits.yaml")));
    assert_eq!(seen(&found, "limits/file")["verdict"], "fail");
    assert_eq!(seen(&found, "repo/whole")["verdict"], "ok", "the rest is looked at all the same");
}
