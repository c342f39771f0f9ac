//! Values files in Jsonnet: Argo CD cannot read them, so what they come to goes out inline.

use super::*;

/// An environment whose sites have a source that is not in the tree.
const PROD: &str = "environments/prod/environment.yaml";

const OWN: &str = "$deploy/{{deploy_path}}/nautobot-worker/values";

/// The site `rax-dev-iad3` has a values file; here it is Jsonnet.
fn fleet(text: &str) -> Scratch {
    Scratch::new()
        .without("sites/rax-dev-iad3/nautobot-worker/values.yaml")
        .with("sites/rax-dev-iad3/nautobot-worker/values.jsonnet", text)
        .changed(ENVIRONMENT, &format!("{OWN}.yaml"), &format!("{OWN}.jsonnet"))
}

fn helm(application: &serde_json::Value) -> serde_json::Value {
    application["spec"]["sources"][0]["helm"].clone()
}

#[test]
fn what_they_come_to_stands_below_the_edits_and_their_reference_is_gone() {
    let yaml = helm(&application(&Scratch::new(), "rax-dev-iad3"));
    let text = "{ nautobot: { enabled: true, own: 1 + 1 }, celery: { concurrency: 4 } }";
    let helm = helm(&application(&fleet(text), "rax-dev-iad3"));
    let files = ["$understack/components/nautobot-worker/values.yaml"];
    assert_eq!(helm["valueFiles"], serde_json::json!(files));
    assert_eq!(yaml["valueFiles"].as_array().unwrap().len(), 2);
    let values = &helm["valuesObject"];
    assert_eq!(values["nautobot"]["own"], 2);
    assert_eq!(values["celery"]["concurrency"], 4);
    assert_eq!(values["nautobot"]["enabled"], false, "a policy's edit is stronger");
}

#[test]
fn a_site_without_one_renders_as_it_did() {
    let text = "{ own: true }";
    let one = helm(&application(&fleet(text), "rax-dev-hkg1"));
    let other = helm(&application(&Scratch::new(), "rax-dev-hkg1"));
    assert_eq!(one["valuesObject"], other["valuesObject"]);
    assert_eq!(one["valueFiles"].as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_argo_cd_reads_may_not_come_after_one() {
    let after = format!("{OWN}.jsonnet\n      - $deploy/other.yaml");
    let fleet = fleet("{}").changed(ENVIRONMENT, &format!("{OWN}.jsonnet"), &after);
    let output = fleet.render(BINARY, "rax-dev-iad3", &[]).failure(1);
    output.says(&[
        "values/after-jsonnet",
        "$deploy/other.yaml",
        "environment.yaml:",
        "values.jsonnet",
    ]);
}

#[test]
fn one_that_all_sites_share_has_to_be_there() {
    let shared = format!("{OWN}.jsonnet\n      - $deploy/lib/shared.jsonnet");
    let fleet =
        fleet("{ a: { b: 1, c: 1 } }").changed(ENVIRONMENT, &format!("{OWN}.jsonnet"), &shared);
    let output = fleet.render(BINARY, "rax-dev-iad3", &[]).failure(1);
    output.says(&["file/missing", "lib/shared.jsonnet"]);
    let fleet = fleet.with("lib/shared.jsonnet", "{ a: { c: 2 } }");
    let values = &helm(&application(&fleet, "rax-dev-iad3"))["valuesObject"];
    assert_eq!(values["a"], serde_json::json!({"b": 1, "c": 2}), "the later one is stronger");
}

#[test]
fn one_that_is_not_at_hand_is_an_error() {
    let reference = "$understack/components/nautobot-worker/values";
    let fleet = Scratch::new()
        .changed(PROD, &format!("{reference}.yaml"), &format!("{reference}.jsonnet"))
        .changed(PROD, &format!("      - {OWN}.yaml\n"), "");
    let output = fleet.render(BINARY, "rax-prod-iad3", &[]).failure(1);
    output.says(&["values/unreadable", "values.jsonnet", "--source understack=DIR"]);
    std::fs::create_dir_all(fleet.outside().join("other/components/nautobot-worker")).unwrap();
    let file = fleet.outside().join("other/components/nautobot-worker/values.jsonnet");
    std::fs::write(&file, "import '../lib.libsonnet'").unwrap();
    std::fs::write(fleet.outside().join("other/components/lib.libsonnet"), "{own: 3}").unwrap();
    let mapped = format!("understack={}", fleet.outside().join("other").display());
    std::fs::create_dir_all(fleet.outside().join("other/components/nautobot")).unwrap();
    let config = "components/nautobot/nautobot_config.py";
    let text = std::fs::read(fleet.path().join("base/understack").join(config)).unwrap();
    std::fs::write(fleet.outside().join("other").join(config), text).unwrap();
    let output = fleet.render(BINARY, "rax-prod-iad3", &["--source", &mapped]).success();
    assert!(output.stdout.contains("own: 3"), "{}", output.stdout);
    std::fs::write(&file, "import '../../../fleet/lib/rax-dev.libsonnet'").unwrap();
    let output = fleet.render(BINARY, "rax-prod-iad3", &["--source", &mapped]).failure(1);
    output.says(&["jsonnet/import", "leaves its tree", "$understack/components"]);
}

/// As go-jsonnet 0.22 does, which reads YAML with the library that Helm has.
#[test]
fn yaml_in_jsonnet_is_read_as_go_reads_it() {
    let text = r#"{
      octal: std.parseYaml("defaultMode: 0400").defaultMode,
      one: std.parseYaml("a: 1"),
      marked: std.parseYaml("---\na: 1\n"),
      two: std.parseYaml("a: 1\n---\nb: yes\n"),
      none: std.parseYaml("") == null,
      text: std.parseYaml("a: 1_000\nb: 0o17\nc: '1'\n"),
      line: std.parseYaml("--- [1]"),
      json: std.parseJson('{"a": 1, "b": [2.5]}'),
    }"#;
    let values = helm(&application(&fleet(text), "rax-dev-iad3"))["valuesObject"].clone();
    assert_eq!(values["octal"], 256);
    assert_eq!(values["one"], serde_json::json!({"a": 1}));
    assert_eq!(values["marked"], serde_json::json!([{"a": 1}]));
    assert_eq!(values["two"], serde_json::json!([{"a": 1}, {"b": true}]));
    assert_eq!(values["none"], true);
    assert_eq!(values["line"], serde_json::json!([[1]]));
    assert_eq!(values["json"], serde_json::json!({"a": 1, "b": [2.5]}));
    for text in ["{ a: std.parseYaml('a: .inf') }", "{ a: std.parseYaml('a: [') }"] {
        let output = fleet(text).render(BINARY, "rax-dev-iad3", &[]).failure(1);
        output.says(&["failed to parse YAML"]);
    }
}

/// Evaluated, a value has lost the name that the library gave it.
#[test]
fn a_secret_of_a_library_is_not_shown_where_a_policy_copies_it() {
    let secret = "Zx9Kq7hunter3";
    let profile = "sites/rax-dev-hkg1/profile.yaml";
    let fleet = Scratch::new();
    let text = std::fs::read_to_string(fleet.path().join(profile)).unwrap();
    let body: serde_json::Value = site_render::yaml::read(&std::sync::Arc::new(
        site_render::origin::SourceFile::new("profile.yaml", text),
    ))
    .map(|parsed| site_render::json::to_serde(&parsed.root))
    .unwrap();
    let settings = "{site+: {nautobot_worker+: {policies+: {'nautobot-worker'+: {extraQueues: [(import '../../lib/s.libsonnet').password]}}}}}";
    let fleet = fleet
        .without(profile)
        .with("sites/rax-dev-hkg1/profile.jsonnet", format!("{body} + {settings}"))
        .with("lib/s.libsonnet", format!("{{ password: '{secret}' }}"));
    for words in [&["explain"][..], &["explain", "-o", "json"], &["parameters", "-o", "json"]] {
        let (command, more) = words.split_first().unwrap();
        let site = ["--site", "rax-dev-hkg1"];
        let output =
            crate::cmp().arg(command).arg(fleet.path()).args(site).args(more).run().success();
        assert!(output.stdout.contains("***"), "{}", output.stdout);
        assert!(!output.stdout.contains(secret), "{}", output.stdout);
    }
}
