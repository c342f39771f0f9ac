//! Values as Helm and Argo CD make them of files, charts and subcharts.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::{BINARY, cmp};

const SITE: &str = "rax-dev-iad3";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const SHARED: &str = "base/understack/components/nautobot-worker/values.yaml";
const OWN: &str = "sites/rax-dev-iad3/nautobot-worker/values.yaml";

fn application(fleet: &Scratch) -> Output {
    fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"])
}

fn explain(fleet: &Scratch, path: &str) -> Output {
    cmp().arg("explain").arg(fleet.path()).args([path, "--site", SITE]).run()
}

/// Returns an environment that says more of itself.
fn with_key(fleet: Scratch, key: &str) -> Scratch {
    fleet.changed(ENVIRONMENT, "partition: dev\n", &format!("partition: dev\n{key}\n"))
}

#[test]
fn several_documents_are_a_warning_until_the_version_is_known() {
    let two = "celery: {concurrency: 5}\n---\ncelery: {replicaCount: 3}\n";
    let fleet = || Scratch::new().with(OWN, two);
    application(&fleet()).success().says(&["values/documents", "Helm 3", "argoCdVersion"]);
    for key in ["argoCdVersion: \"3.5\"", "helmVersion: \"4\"", "argoCdVersion: v4.0.1"] {
        let fleet = with_key(fleet(), key);
        let output = application(&fleet).success();
        assert!(!output.stderr.contains("values/documents"), "{}", output.stderr);
        explain(&fleet, "celery.replicaCount").success();
    }
    for key in ["argoCdVersion: \"3.4.2\"", "argoCdVersion: \"3.5\"\nhelmVersion: 3.22.0"] {
        let fleet = with_key(fleet(), key);
        application(&fleet).success().says(&["values/documents", "reads the first"]);
        explain(&fleet, "celery.concurrency").success();
        assert!(!explain(&fleet, "celery.replicaCount").stdout.contains('3'));
    }
    for key in ["argoCdVersion: newest", "helmVersion: \"1\""] {
        application(&with_key(fleet(), key))
            .failure(1)
            .says(&["key/wrong-value", "environment.yaml:"]);
    }
}

#[test]
fn a_value_that_a_later_file_removed_is_explained_with_its_line() {
    let fleet = Scratch::new().with(OWN, "nautobot:\n  db: # host\n");
    application(&fleet).success().says(&["values/removed", "nautobot.db", "values.yaml:2:"]);
    let output = explain(&fleet, "nautobot.db.name").success();
    assert!(
        output.stdout.contains(SHARED) && output.stdout.contains(&format!("{OWN}:2:")),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("null"), "{}", output.stdout);
    explain(&fleet, "nautobot.db.nome").failure(1).says(&["explain/path"]);
}

#[test]
fn a_large_object_is_a_warning() {
    let text = format!("import os\nA = '''{}'''\n", "x".repeat(300 << 10));
    let chosen = "    enabled: true\n    nautobot_config: [$understack/components/nautobot/nautobot_config.py, own.py]";
    let fleet = Scratch::new().with("own.py", text).changed(
        "sites/rax-dev-iad3/profile.yaml",
        "    enabled: true",
        chosen,
    );
    application(&fleet).success().says(&["emit/large", "KiB", "ServerSideApply=true"]);
}

#[test]
fn a_range_of_chart_versions_stays_in_one_major() {
    for range in ["~3.1.0", "^3.1.0", "\">=3.1.0 <4\"", "3.1.*", "\">= 3.1.0, < 3.9\"", "3.x"] {
        let fleet =
            Scratch::new().changed(ENVIRONMENT, "version: 3.1.2", &format!("version: {range}"));
        let output = application(&fleet).success();
        let application: Value = serde_json::from_str(&output.stdout).unwrap();
        let revision = &application["spec"]["sources"][0]["targetRevision"];
        assert_eq!(revision, range.trim_matches('"'));
    }
    for range in ["\"*\"", "\">=3.1\"", "\">=2 <4\"", "\"!=3.1.0\""] {
        let fleet =
            Scratch::new().changed(ENVIRONMENT, "version: 3.1.2", &format!("version: {range}"));
        application(&fleet).failure(1).says(&["chart/range", "environment.yaml:", "~3.1.0"]);
    }
}

/// Writes a chart with a subchart, and returns its folder.
fn chart(fleet: &Scratch) -> PathBuf {
    let folder = fleet.outside().join("nautobot");
    for (path, text) in [
        (
            "Chart.yaml",
            "apiVersion: v2\nname: nautobot\nversion: 3.1.2\ndependencies:\n- {name: sub, version: 1.x.x, condition: sub.enabled}\n- {name: unused, version: 1.0.0, condition: unused.enabled}\n",
        ),
        ("values.yaml", "own: {none: null, a: 1}\nunused: {enabled: false}\n"),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.2.3\n"),
        ("charts/sub/values.yaml", "keep: 1\n"),
        ("charts/unused/Chart.yaml", "apiVersion: v2\nname: unused\nversion: 1.0.0\n"),
        ("charts/unused/values.yaml", "gone: 1\n"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn the_merged_values_have_those_of_subcharts() {
    let fleet = Scratch::new().with(OWN, "top: null\n");
    let folder = chart(&fleet);
    let archive = fleet.outside().join("nautobot.tgz");
    let mut tar = site_cmp_tests::Command::new("tar").arg("-C").arg(fleet.outside());
    tar = tar.args(["-czf"]).arg(&archive).arg("nautobot");
    tar.run().success();
    for chart in [folder, archive] {
        let merged = |fleet: &Scratch| -> Value {
            let chart = chart.to_str().unwrap();
            let more = ["--target", "values", "--merged", "--chart", chart, "-o", "json"];
            serde_json::from_str(&fleet.render(BINARY, SITE, &more).success().stdout).unwrap()
        };
        let values = merged(&fleet);
        assert_eq!(values["sub"], serde_json::json!({"global": {}, "keep": 1}));
        assert_eq!(values["unused"], serde_json::json!({"enabled": false}));
        assert_eq!(values.get("top"), Some(&Value::Null));
        assert_eq!(values["own"].get("none"), None);
        let three = with_key(Scratch::new().with(OWN, "top: null\n"), "helmVersion: \"3\"");
        assert_eq!(merged(&three)["own"].get("none"), Some(&Value::Null));
    }
}

#[test]
fn the_values_of_a_subchart_are_a_mapping() {
    let fleet = Scratch::new().with(OWN, "sub: 1\n");
    let chart = chart(&fleet);
    let more = ["--target", "values", "--merged", "--chart", chart.to_str().unwrap()];
    fleet.render(BINARY, SITE, &more).failure(1).says(&[
        "values/subchart",
        "`sub`",
        "values.yaml:1:6",
    ]);
}

#[test]
fn a_null_in_the_applications_values_is_refused() {
    let fleet = Scratch::new()
        .without(OWN)
        .with(
            "sites/rax-dev-iad3/nautobot-worker/values.jsonnet",
            "{ nautobot: { livenessProbe: null } }",
        )
        .changed(
            ENVIRONMENT,
            "$deploy/{{deploy_path}}/nautobot-worker/values.yaml",
            "$deploy/{{deploy_path}}/nautobot-worker/values.jsonnet",
        );
    application(&fleet).failure(1).says(&[
        "emit/null",
        "/nautobot/livenessProbe",
        "values.jsonnet",
    ]);
    let values = ["--target", "values", "-o", "json"];
    fleet.render(BINARY, SITE, &values).success();
}
