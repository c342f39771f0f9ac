//! Where Jsonnet may stand: profile, environment, the files of a global half.

use super::*;

/// Moves a YAML file and reads it by Jsonnet.
fn by_jsonnet(fleet: Scratch, folder: &str, name: &str) -> Scratch {
    let text = std::fs::read(fleet.path().join(format!("{folder}/{name}.yaml"))).unwrap();
    fleet
        .without(&format!("{folder}/{name}.yaml"))
        .with(&format!("{folder}/{name}.yml"), text)
        .with(
            &format!("{folder}/{name}.jsonnet"),
            format!("std.parseYaml(importstr '{name}.yml')\n"),
        )
}

#[test]
fn a_profile_is_what_it_comes_to() {
    let fleet = Scratch::new().without(PROFILE).with(
        "sites/rax-dev-den1/profile.yaml",
        "apiVersion: site-cmp/v1
kind: SiteProfile
metadata: {name: rax-dev-den1}
environment: dev
understack_ref: 2026.8.0
deploy_url: https://git.example.net/site-profiles.git
deploy_path_prefix: sites
appLabels:
  understack.rackspace.com/partition: dev
  understack.rackspace.com/site: rax-dev-den1
site:
  enabled: true
  nautobot_worker:
    enabled: true
    policies: {nautobot-worker: {replicas: 2, extraQueues: [rack-a1, rack-a2]}}
",
    );
    // Only the list of the files that were read differs.
    let without_paths = |mut application: serde_json::Value| {
        application["metadata"]["annotations"] = serde_json::Value::Null;
        application
    };
    let [one, other] = [&Scratch::new(), &fleet].map(|fleet| application(fleet, SITE));
    assert_ne!(one, other);
    assert_eq!(without_paths(one), without_paths(other));
    let bare = Scratch::new().without(PROFILE).with(
        "sites/rax-dev-den1/deploy.jsonnet",
        "(import '../../lib/rax-dev.libsonnet').profile('rax-dev-den1')\n",
    );
    bare.render(BINARY, SITE, &[]).success().says(&["gate/closed"]);
}

#[test]
fn an_environment_is_what_it_comes_to() {
    let fleet = by_jsonnet(Scratch::new(), "environments/dev", "environment");
    // Jsonnet sorts keys, and sources of an Application stand in their order.
    let sorted = |mut application: serde_json::Value| {
        let sources = application["spec"]["sources"].as_array_mut().unwrap();
        sources.sort_by_key(ToString::to_string);
        application
    };
    for site in [SITE, "rax-dev-iad3"] {
        assert_eq!(sorted(application(&Scratch::new(), site)), sorted(application(&fleet, site)));
    }
}

#[test]
fn the_files_of_a_global_half_are_what_they_come_to() {
    let global = |fleet: &Scratch, target: &str| {
        let asked = ["--environment", "dev", "--target", target];
        cmp().arg("render").arg(fleet.path()).args(asked).run().success().stdout
    };
    let file = "base/envoy-configs/values";
    let fleet = by_jsonnet(Scratch::new(), "base/envoy-configs", "values").changed(
        ENVIRONMENT,
        &format!("{file}.yaml"),
        &format!("{file}.jsonnet"),
    );
    assert_eq!(global(&Scratch::new(), "global"), global(&fleet, "global"));
}

#[test]
fn two_of_one_kind_in_a_folder_are_an_error_that_names_both() {
    let fleet = Scratch::new().with("sites/rax-dev-den1/deploy.yaml", "site: {enabled: true}\n");
    let words = ["profile/twice", "a deploy.yaml and a profile.jsonnet", "profile.jsonnet:1:1"];
    refused(&fleet, &words);
    let fleet = Scratch::new().with("environments/dev/environment.jsonnet", "{}");
    let words = ["environment/twice", "an environment.yaml and an environment.jsonnet"];
    refused(&fleet, &words);
    let fleet = Scratch::new().without(PROFILE);
    std::fs::create_dir_all(fleet.path().join("sites/rax-dev-den1")).unwrap();
    refused(&fleet, &["profile/missing", "profile.yaml, deploy.yaml, profile.jsonnet"]);
}

#[test]
fn a_profile_beside_the_fleet_is_evaluated_and_imports_nothing() {
    let fleet = Scratch::new();
    let path = fleet.outside().join("den1.jsonnet");
    let asked = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let command = cmp().arg("render").arg(fleet.path()).arg("--profile").arg(&path);
        command.args(["--site", "den1", "--environment", "dev", "--target", "values"]).run()
    };
    asked("{ site: { enabled: 1 == 2 } }").success().says(&["gate/closed"]);
    let output = asked("{ site: import 'fleet/lib/rax-dev.libsonnet' }").failure(1);
    output.says(&["jsonnet/import", "cannot import files", "den1.jsonnet:1:16"]);
}

#[test]
fn every_front_door_reads_it() {
    let fleet = Scratch::new();
    let expected = application(&fleet, SITE);
    let folder = fleet.path().join("sites").join(SITE);
    let parameters = r#"[{"name": "target", "string": "application"}]"#;
    let generated =
        cmp().arg("generate").dir(folder).env("ARGOCD_APP_PARAMETERS", parameters).run().success();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&generated.stdout).unwrap(), expected);
    let at = |command: &str| cmp().arg(command).arg(fleet.path()).args(["--site", SITE]);
    assert!(at("explain").run().success().stdout.contains("rack-a2"));
    let parameters = at("parameters").run().success().stdout;
    assert!(parameters.contains("Set by sites/rax-dev-den1/prof"), "{parameters}");
    let checked = cmp().arg("check").arg(fleet.path()).run().success();
    assert!(checked.stderr.contains("10 sites, 0 errors"), "{}", checked.stderr);
}

#[test]
fn an_error_about_a_value_names_the_file() {
    let enabled = "(import '../../lib/rax-dev.libsonnet').profile('rax-dev-den1')\n+ { site: { enabled: 'yes' } }\n";
    refused(&profile(enabled), &["gate/not-boolean", "profile.jsonnet:1:1"]);
}

#[test]
fn numbers_are_read_as_yaml_reads_them() {
    let values =
        "{ worker: { big: 12345678901234567, small: 0.1, whole: 1e3, huge: 1e21, minus: -5 } }";
    let fleet = Scratch::new().with("more.jsonnet", values).with(
        "more.yaml",
        "worker: {big: 12345678901234568, small: 0.1, whole: 1000, huge: 1000000000000000000000, minus: -5}\n",
    );
    let merged = |file: &str| {
        let file = fleet.path().join(file);
        let more = ["--merged", "-o", "json", "--values", file.to_str().unwrap()];
        fleet.render(BINARY, SITE, &more).success().stdout
    };
    let worker = |file: &str| {
        let values: serde_json::Value = serde_json::from_str(&merged(file)).unwrap();
        values["worker"].clone()
    };
    assert_eq!(worker("more.jsonnet"), worker("more.yaml"));
    assert!(merged("more.jsonnet").contains("\"huge\":1e+21"));
}
