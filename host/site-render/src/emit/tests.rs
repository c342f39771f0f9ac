use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::digest::sha256;
use crate::finding::Problems;
use crate::fleet::Fleet;
use crate::json::to_serde;
use crate::render;
use crate::request::{Request, Subject, Target};
use crate::setting::{RawValue, Settings};
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, named, request, text};

const PLUGIN: &str = "    plugin: {name: site-cmp@v1, source: deploy, path: \"{{deploy_path}}\"}\n";

fn ours(plugin: &str) -> Fleet {
    let environment = format!("{ENVIRONMENT}    policies: {{run: {{on: true}}}}\n{plugin}");
    let schema = json!({"properties": {"a": {"type": "integer"}, "b": {"type": "array"}, "c": {"type": "object", "additionalProperties": true}}});
    fleet(&environment, PROFILE, &[("run", schema)])
}

fn application(fleet: &Fleet, request: &Request) -> Json {
    to_serde(&render(fleet, request).unwrap().documents[0])
}

fn sources(fleet: &Fleet, settings: Settings) -> Vec<Json> {
    let application = application(fleet, &request(Target::Application, settings));
    application["spec"]["sources"].as_array().unwrap().clone()
}

fn refused(plugin: &str) -> String {
    let asked = request(Target::Application, Settings::default());
    let Problems(found) = render(&ours(plugin), &asked).unwrap_err();
    format!("{} {} {}", found[0].code, found[0].message, found[0].hint.as_deref().unwrap_or(""))
}

/// Returns the digest of the lock of the fleet in memory.
fn digest() -> String {
    let artifact = sha256(b"run");
    let lock =
        format!("version: 1\npolicies:\n  run: {{path: policies/run.wasm, sha256: {artifact}}}\n");
    sha256(lock.as_bytes())
}

#[test]
fn without_a_plugin_nothing_changes() {
    let (with, without) = (ours(PLUGIN), ours(""));
    let mut sources_with = sources(&with, Settings::default());
    sources_with.pop();
    assert_eq!(sources_with, sources(&without, Settings::default()));
}

#[test]
fn the_plugins_source_says_all_that_decides_what_comes_back() {
    let settings = named(&[
        ("run.a", text("1")),
        ("run.b", RawValue::List(vec!["x".to_owned()])),
        ("run.c", RawValue::Map(BTreeMap::from([("k".to_owned(), "v".to_owned())]))),
        ("run.c.l", RawValue::Value(json!([true]))),
    ]);
    assert_eq!(
        sources(&ours(PLUGIN), settings).pop().unwrap(),
        json!({
            "path": "sites/one",
            "plugin": {
                "name": "site-cmp@v1",
                "parameters": [
                    {"name": "site", "string": "one"},
                    {"name": "target", "string": "resources"},
                    {"name": "run.a", "string": "1"},
                    {"name": "run.b", "array": ["x"]},
                    {"name": "run.c", "map": {"k": "v"}},
                    {"name": "run.c.l", "string": "[true]"},
                    {"name": "policies-lock", "string": digest()},
                ],
            },
            "repoURL": "https://git.example.net/fleet.git",
            "targetRevision": "HEAD",
        })
    );
}

#[test]
fn what_the_caller_had_to_say_the_plugin_is_told_too() {
    let other = "  other: {chart: {name: x, repository: x, version: x}, release: x, namespace: x, project: x}\n  worker:";
    let two = ENVIRONMENT.replace("  worker:", other);
    let environment = format!("{two}    policies: {{run: {{on: true}}}}\n{PLUGIN}");
    let fleet = fleet(&environment, PROFILE, &[("run", json!({}))]);
    let mut asked = request(Target::Application, Settings::default());
    asked.subject = Subject::Site { name: "one".to_owned(), environment: Some("dev".to_owned()) };
    asked.component = Some("worker".to_owned());
    let application = application(&fleet, &asked);
    let parameters = &application["spec"]["sources"][2]["plugin"]["parameters"];
    assert_eq!(parameters[1], json!({"name": "environment", "string": "dev"}));
    assert_eq!(parameters[2], json!({"name": "component", "string": "worker"}));
}

#[test]
fn of_a_variable_and_a_parameter_the_stronger_is_passed_on() {
    let schema = json!({"properties": {"a": {"type": "integer"}}});
    let environment = format!("{ENVIRONMENT}    policies: {{run: {{on: true}}}}\n{PLUGIN}");
    let fleet = fleet(&environment, PROFILE, &[("run", schema)]);
    let mut settings = named(&[("run.a", text("2"))]);
    settings.variables = BTreeMap::from([("RUN_A".to_owned(), "1".to_owned())]);
    let source = sources(&fleet, settings.clone()).pop().unwrap();
    assert_eq!(source["plugin"]["parameters"][2], json!({"name": "run.a", "string": "2"}));
    assert_eq!(source["plugin"]["parameters"].as_array().unwrap().len(), 4);
    settings.named.clear();
    let source = sources(&fleet, settings).pop().unwrap();
    assert_eq!(source["plugin"]["parameters"][2], json!({"name": "run.a", "string": "1"}));
}

#[test]
fn a_plugins_source_that_cannot_be_is_refused() {
    let told = refused("    plugin: {name: p, source: deplo, path: x}\n");
    assert!(
        told.contains("environment/plugin") && told.contains("did you mean `deploy`"),
        "{told}"
    );
    let told = refused("    plugin: {name: p, source: deploy, path: ../x}\n");
    assert!(told.starts_with("path/outside"), "{told}");
    let told = refused("    plugin: {name: p, source: deploy, path: x, target: application}\n");
    assert!(told.contains("must be `resources`, found `application`"), "{told}");
    let told = refused("    plugin: {source: deploy, path: x}\n");
    assert!(told.starts_with("key/missing"), "{told}");
    let told = refused("    plugin: site-cmp@v1\n");
    assert!(told.starts_with("key/wrong-kind"), "{told}");
}

#[test]
fn another_locks_digest_is_a_warning() {
    let fleet = ours("");
    let mut asked = request(Target::Application, Settings::default());
    let warned = |asked: &Request| {
        let rendered = render(&fleet, asked).unwrap();
        rendered.findings.iter().filter(|finding| finding.code == "lock/stale").count()
    };
    assert_eq!(warned(&asked), 0);
    asked.policies_lock = Some(digest());
    assert_eq!(warned(&asked), 0);
    asked.policies_lock = Some("0".repeat(1 << 20));
    assert_eq!(warned(&asked), 1);
    let rendered = render(&fleet, &asked).unwrap();
    assert!(rendered.findings.iter().all(|finding| finding.message.len() < 400));
}
