//! A fleet, a chart or a policy that is not as it has to be: the code of each.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use site_cmp_tests::{Output, Scratch};

use super::{PROFILE, SITE, refused};
use crate::{BINARY, cmp, hostile};

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const RESOURCES: &str = "environments/dev/resources";

fn resources(fleet: &Scratch) -> Output {
    fleet.render(BINARY, SITE, &["--target", "resources"])
}

/// A chart in a folder outside of the fleet, which is its only argument.
fn chart(fleet: &Scratch, schema: &str) -> Vec<String> {
    let folder = fleet.outside().join("chart");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: nautobot\nversion: 3.1.2\n")
        .unwrap();
    fs::write(folder.join("values.yaml"), "{}\n").unwrap();
    fs::write(folder.join("values.schema.json"), schema).unwrap();
    vec!["--chart".to_owned(), folder.display().to_string()]
}

#[test]
fn an_environment_that_is_incomplete_is_refused() {
    refused(&Scratch::new().without(ENVIRONMENT), &["error[environment/missing]"]);
    let bare = Scratch::new().with(ENVIRONMENT, "partition: dev\n");
    refused(&bare, &["error[environment/no-components]"]);
    let wrong = "partition: dev\nunreadableValues: maybe";
    let fleet = Scratch::new().changed(ENVIRONMENT, "partition: dev", wrong);
    refused(&fleet, &["error[key/wrong-value]", "`maybe`"]);
    let fleet = Scratch::new();
    let more = ["--component", "nope"];
    fleet.render(BINARY, SITE, &more).failure(1).says(&["error[component/unknown]", "nope"]);
}

#[test]
fn a_fleet_without_sites_says_so() {
    let fleet = Scratch::new();
    let all = || cmp().arg("render").arg(fleet.path()).arg("--all").run().failure(1);
    fs::remove_dir_all(fleet.path().join("sites")).unwrap();
    all().says(&["error[fleet/layout]"]);
    fs::create_dir(fleet.path().join("sites")).unwrap();
    all().says(&["error[sources/no-site]"]);
}

#[test]
fn a_site_whose_application_cannot_have_its_name_is_refused() {
    let name = "a".repeat(60);
    let profile = fs::read_to_string(site_cmp_tests::fleet().join(PROFILE)).unwrap();
    let profile = profile.replacen("  name: rax-dev-iad3", &format!("  name: {name}"), 1);
    let fleet = Scratch::new().with(&format!("sites/{name}/profile.yaml"), profile);
    let output = fleet.render(BINARY, &name, &["--target", "application"]).failure(1);
    output.says(&["error[name/application]", "more than the 63 allowed"]);
}

#[test]
fn a_path_that_no_system_takes_is_an_error_of_the_file() {
    let reference = format!("    nautobot_config: $deploy/{}", "a".repeat(300));
    let enabled = "    enabled: true";
    let fleet = Scratch::new().changed(PROFILE, enabled, &format!("{enabled}\n{reference}"));
    refused(&fleet, &["error[file/unreadable]"]);
}

#[test]
fn a_shared_values_file_that_is_absent_is_a_warning() {
    let own = "      - $deploy/{{deploy_path}}/nautobot-worker/values.yaml\n";
    let more = format!("{own}      - $deploy/shared.yaml\n");
    let fleet = Scratch::new().changed(ENVIRONMENT, own, &more);
    super::accepted(&fleet, &["warning[values/absent]", "$deploy/shared.yaml"]);
}

#[test]
fn resource_files_hold_objects_as_helm_and_kubernetes_read_them() {
    let file = format!("{RESOURCES}/more.yaml");
    let with = |text: &str| resources(&Scratch::new().with(&file, text));
    with("--- x\na: 1\n").failure(1).says(&["error[yaml/document-marker]"]);
    with("a: 1\n").failure(1).says(&["error[resources/object]"]);
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
    let after = format!("{object}...\nb: 1\n");
    with(&after).success().says(&["warning[yaml/ignored-document]"]);
}

#[test]
fn a_folder_of_resources_stays_in_the_fleet() {
    let fleet = Scratch::new();
    let folder = fleet.path().join(RESOURCES);
    fs::remove_dir_all(&folder).unwrap();
    symlink("/etc", &folder).unwrap();
    resources(&fleet).failure(1).says(&["error[resources/folder]"]);
}

#[test]
fn a_chart_has_a_schema_and_the_values_satisfy_it() {
    for (schema, code) in [
        (r#"{"type": "no"}"#, "error[schema/broken]"),
        (r#"{"properties": {"celery": {"type": "string"}}}"#, "error[schema/chart]"),
    ] {
        let fleet = Scratch::new();
        let more = chart(&fleet, schema);
        let more: Vec<&str> = more.iter().map(String::as_str).chain(["--merged"]).collect();
        fleet.render(BINARY, SITE, &more).failure(1).says(&[code]);
    }
}

#[test]
fn an_artifact_that_is_not_locked_is_a_warning_of_check() {
    let artifact = fs::read(site_cmp_tests::fleet().join("policies/worker-placement.wasm"));
    let fleet = Scratch::new().with("policies/other.wasm", artifact.unwrap());
    let checked = cmp().arg("check").arg(fleet.path()).run();
    let said = checked.stdout + &checked.stderr;
    assert!(said.contains("[lock/unpinned]"), "{said}");
    let lock = || cmp().args(["policy", "lock"]).arg(fleet.path()).run().failure(1);
    lock().says(&["error[lock/name]", "`worker-placement`"]);
    fs::remove_dir_all(fleet.path().join("policies")).unwrap();
    lock().says(&["error[lock/unreadable]"]);
}

#[test]
fn a_lock_is_read_like_any_file_of_the_fleet() {
    let fleet = Scratch::new();
    let lock = fleet.path().join("policies.lock");
    let run = |more: &[&str]| cmp().args(["policy", "lock"]).args(more).arg(fleet.path()).run();
    let keys = "password:\n  hunterLK1\nlist:\n- name: DB_PASSWORD\n  value: hunterLK2\n";
    fs::write(&lock, fs::read_to_string(&lock).unwrap() + keys).unwrap();
    let checked = run(&["--check"]).failure(1);
    let checked = checked.says(&["error[lock/outdated]", "- password:"]);
    assert!(!checked.stderr.contains("hunterLK"), "{}", checked.stderr);

    run(&[]).success();
    let pin =
        format!("  mine:\n    path: policies/mine.wasm\n    sha256: \"{}\"\n", "0".repeat(64));
    fs::write(&lock, fs::read_to_string(&lock).unwrap() + &pin).unwrap();
    let said = run(&[]).success();
    assert!(said.stdout.contains("removed the pin of `mine`"), "{said:?}");

    fs::write(fleet.outside().join("v.yaml"), "outside\n").unwrap();
    for target in [fleet.outside().join("v.yaml"), "/dev/zero".into()] {
        fs::remove_file(&lock).unwrap();
        symlink(target, &lock).unwrap();
        run(&["--check"]).failure(1).says(&["error[lock/unreadable]", "leaves the tree"]);
    }
    fs::remove_file(&lock).unwrap();
    assert!(Command::new("mkfifo").arg(&lock).status().unwrap().success());
    run(&["--check"]).failure(1).says(&["error[lock/unreadable]", "not a regular file"]);
}

#[test]
fn what_a_render_cannot_read_is_an_error_of_its_file() {
    let link = |name: &str, target: &str| {
        let fleet = Scratch::new();
        symlink(target, fleet.path().join(name)).unwrap();
        let checked = cmp().arg("check").arg(fleet.path()).run();
        Output { stderr: checked.stdout + &checked.stderr, stdout: String::new(), code: None }
    };
    let resource = format!("{RESOURCES}/x.yaml");
    link(&resource, "/etc/passwd").says(&["error[file/outside]", &resource]);
    link(&resource, "nothing").says(&["error[file/missing]", &resource]);
    link("sites/out", "/etc").says(&["error[file/outside]", "sites/out"]);
    link("sites/none", "nothing").says(&["error[profile/missing]", "is not a folder"]);
    link("policies/x.wasm", "nothing").says(&["[lock/unpinned]", "policies/x.wasm"]);
    let fleet = Scratch::new();
    let pipe = fleet.path().join(&resource);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    resources(&fleet).failure(1).says(&["error[file/not-a-file]", &resource]);
    fs::remove_file(&pipe).unwrap();
    let name = fleet.path().join(RESOURCES).join(OsStr::from_bytes(b"x\xff.yaml"));
    fs::write(name, "a: b: c").unwrap();
    resources(&fleet).failure(1).says(&["error[resources/folder]", "is not UTF-8"]);
}

#[test]
fn a_policy_that_fails_or_describes_itself_wrongly_is_named() {
    let mut fails = hostile::policy();
    let result = fails.failure("no such queue");
    refused(&hostile::fleet(&fails.returns(result)), &["error[policy/internal]", "no such queue"]);
    let schema = hostile::policy().described("nautobot-worker", r#"{"type": "no"}"#, 0);
    refused(&hostile::fleet(&schema), &["error[policy/schema]", "nautobot-worker"]);
}

#[test]
fn a_config_can_be_chosen_only_where_the_component_has_one() {
    let mut guest = hostile::policy();
    let layer = guest.text("$deploy/a.py");
    let layers = guest.words(&layer);
    let reason = guest.text("because");
    let mut result = [0; hostile::RESULT];
    result[5..8].copy_from_slice(&[1, layers, 1]);
    result[12..14].copy_from_slice(&reason);
    let result = guest.words(&result);
    let config = "    config:\n      parameter: nautobot.config\n      key: nautobot_config\n      default: $understack/components/nautobot/nautobot_config.py\n";
    let fleet = hostile::fleet(&guest.returns(result)).changed(ENVIRONMENT, config, "");
    refused(&fleet, &["error[config/layers]", "nautobot-worker"]);
}

#[test]
fn a_variable_that_could_be_two_settings_is_refused() {
    let schema = r#"{"type": "object", "properties": {
        "a_b": {"type": "string"},
        "a": {"type": "object", "properties": {"b": {"type": "string"}}}}}"#;
    let fleet = hostile::fleet(&hostile::policy().described("nautobot-worker", schema, 0));
    let generate = cmp().arg("generate").dir(fleet.path().join("sites").join(SITE));
    let output = generate.env("ARGOCD_ENV_NAUTOBOT_WORKER_A_B", "x").run().failure(1);
    output.says(&["error[setting/ambiguous]", "nautobot-worker.a_b"]);
}
