//! Parameters of the plugin: settings of policies, and the digest of the lock.

use std::fs;

use serde_json::{Value, json};
use site_cmp_tests::{Output, Scratch, repo};

use crate::{BINARY, cmp};

const SITE: &str = "rax-dev-iad3";

fn generate(fleet: &Scratch, parameters: &Value, variables: &[(&str, &str)]) -> Output {
    let mut command = cmp()
        .arg("generate")
        .dir(fleet.path().join("sites").join(SITE))
        .env("ARGOCD_APP_PARAMETERS", parameters.to_string());
    for (name, value) in variables {
        command = command.env(name, value);
    }
    command.run()
}

fn overlay(output: &Output) -> Value {
    let application: Value = serde_json::from_str(&output.stdout).unwrap();
    application["spec"]["sources"][0]["helm"]["valuesObject"].clone()
}

/// The Application without the source that passes the parameters on, each in its own form.
fn without_plugin(output: &Output) -> Value {
    let mut application: Value = serde_json::from_str(&output.stdout).unwrap();
    let sources = application["spec"]["sources"].as_array_mut().unwrap();
    sources.retain(|source| source.get("plugin").is_none());
    application
}

#[test]
fn a_parameter_and_its_preview_are_one() {
    let fleet = Scratch::new();
    let arrived = generate(
        &fleet,
        &json!([
            {"name": "nautobot-worker.replicas", "string": "3"},
            {"name": "nautobot-worker.extraQueues", "array": ["bulk", "b<c"]},
        ]),
        &[],
    );
    // The queue's name is refused by the schema's pattern, and the parameter is named.
    arrived.failure(1).says(&["error[policy/settings]", "(parameter nautobot-worker.extraQueues)"]);
    let arrived = generate(
        &fleet,
        &json!([
            {"name": "nautobot-worker.replicas", "string": "3"},
            {"name": "nautobot-worker.extraQueues", "array": ["bulk"]},
            {"name": "nautobot-worker.connections.database.port", "string": "5433"},
        ]),
        &[],
    )
    .success();
    let more = [
        "--target",
        "application",
        "-o",
        "json",
        "--setting",
        "nautobot-worker.replicas=3",
        "--setting",
        "nautobot-worker.extraQueues=[bulk]",
        "--setting",
        "nautobot-worker.connections.database.port=5433",
    ];
    let previewed = fleet.render(BINARY, SITE, &more).success();
    assert_eq!(without_plugin(&arrived), without_plugin(&previewed));
    let overlay = overlay(&arrived);
    assert_eq!(overlay["workers"][SITE]["replicaCount"], 3);
    assert_eq!(overlay["workers"][SITE]["taskQueues"], "rax-dev-iad3,bulk");
    assert_eq!(overlay["nautobot"]["db"]["port"], 5433);
}

#[test]
fn a_parameter_beats_a_variable_and_a_variable_the_profile() {
    let fleet = Scratch::new().changed(
        &format!("sites/{SITE}/profile.yaml"),
        "  nautobot_worker:\n    enabled: true",
        "  nautobot_worker:\n    enabled: true\n    policies: {nautobot-worker: {replicas: 1}}",
    );
    let variable = ("ARGOCD_ENV_NAUTOBOT_WORKER_REPLICAS", "2");
    let replicas = |parameters: &Value, variables: &[(&str, &str)]| {
        let output = generate(&fleet, parameters, variables).success();
        overlay(&output)["workers"][SITE]["replicaCount"].clone()
    };
    let parameter = json!([{"name": "nautobot-worker.replicas", "string": "3"}]);
    assert_eq!(replicas(&json!(null), &[]), 1);
    assert_eq!(replicas(&json!(null), &[variable, ("ARGOCD_ENV_OTHER", "x")]), 2);
    assert_eq!(replicas(&parameter, &[variable]), 3);
}

#[test]
fn no_parameter_reaches_beyond_settings() {
    let fleet = Scratch::new();
    for (name, words) in [
        ("overlay", &["is read-only", "only policies"][..]),
        ("chart.version", &["is read-only"]),
        ("fuel", &["unknown parameter `fuel`"]),
        ("site.enabled", &["does not use policy `site`"]),
        (
            "worker-placement.nodeSelector",
            &["does not use policy `worker-placement`", "nautobot-worker"],
        ),
        ("nautobot-worker.__proto__", &["has no setting"]),
        ("nautobot-worker./replicas", &["has no setting"]),
        ("nautobot-worker.replicas\n\u{1b}[31m", &["has no setting"]),
    ] {
        let output = generate(&fleet, &json!([{"name": name, "string": "1"}]), &[]);
        let output = output.failure(1).says(words);
        assert!(output.stderr.len() <= 4096 && !output.stderr.contains('\u{1b}'), "{name}");
    }
    let long = json!([{"name": format!("nautobot-worker.{}", "x".repeat(100_000)), "string": "1"}]);
    let output = generate(&fleet, &long, &[]).failure(1);
    assert!(output.stderr.lines().next().unwrap().len() < 400, "{}", output.stderr);
}

#[test]
fn another_locks_digest_warns_and_changes_nothing() {
    let fleet = Scratch::new();
    let digest = site_render::sha256(&fs::read(fleet.path().join("policies.lock")).unwrap());
    let said = |digest: &str| {
        generate(&fleet, &json!([{"name": "policies-lock", "string": digest}]), &[]).success()
    };
    let (same, other) = (said(&digest), said("of yesterday"));
    assert!(!same.stderr.contains("lock/stale"), "{}", same.stderr);
    let other = other.says(&["warning[lock/stale]", "of yesterday", &digest]);
    assert_eq!(same.stdout, other.stdout);
}

#[test]
fn announced_parameters_can_be_given_back() {
    let fleet = site_cmp_tests::fleet();
    let listed =
        cmp().arg("parameters").arg(&fleet).args(["--site", "rax-prod-dfw1", "-o", "json"]);
    let listed = listed.run().success();
    let all: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let settings = all.iter().filter(|one| one["name"].as_str().unwrap().contains('.'));
    let given: Vec<Value> = settings
        .filter_map(|one| {
            let kind = one["collectionType"].as_str().unwrap();
            let value = one.get(kind)?;
            Some(json!({"name": one["name"], kind: value}))
        })
        .collect();
    assert!(given.len() > 10, "{given:?}");
    let run = |parameters: Value| {
        cmp()
            .arg("generate")
            .dir(fleet.join("sites/rax-prod-dfw1"))
            .env("ARGOCD_APP_PARAMETERS", parameters.to_string())
            .run()
            .success()
    };
    assert_eq!(run(json!(given)).stdout, run(json!(null)).stdout);
}

#[test]
fn the_plugins_source_renders_with_its_own_parameters() {
    let case = repo().join("tests/cases/a-plugin-renders-a-source-of-the-application/fleet");
    let scratch = Scratch::new().beside(&case);
    let fleet = scratch.path();
    let site = "rax-prod-iad3";
    let rendered = cmp()
        .arg("render")
        .arg(&fleet)
        .args(["--site", site, "--target", "application", "-o", "json"])
        .run()
        .success();
    let application: Value = serde_json::from_str(&rendered.stdout).unwrap();
    let source = application["spec"]["sources"].as_array().unwrap().last().unwrap();
    let path = source["path"].as_str().unwrap();
    let arrived = cmp()
        .arg("generate")
        .dir(fleet.join(path))
        .env("ARGOCD_APP_SOURCE_PATH", path)
        .env("ARGOCD_APP_PARAMETERS", source["plugin"]["parameters"].to_string())
        .run()
        .success();
    assert!(!arrived.stderr.contains("lock/stale"), "{}", arrived.stderr);
    let made: Value = serde_json::from_str(&arrived.stdout).unwrap();
    assert_eq!(made["kind"], "ConfigMap");
    assert_eq!(made["data"]["UNDERSTACK_SITE"], site);
}

#[test]
fn a_setting_on_the_command_line_must_look_like_one() {
    let fleet = Scratch::new();
    for wrong in ["replicas", "replicas=3", "a.b", "a.b=[", "a.b={x: *y}"] {
        fleet.render(BINARY, SITE, &["--setting", wrong]).failure(2);
    }
    fleet.render(BINARY, SITE, &["--setting", "nautobot-worker.replicas='3'"]).success();
    let last =
        ["--setting", "nautobot-worker.replicas=2", "--setting", "nautobot-worker.replicas=3"];
    assert!(fleet.render(BINARY, SITE, &last).success().stdout.contains("replicaCount: 3"));
}
