//! Every file of the examples and of the tests is valid by the schema that `cmp schema` prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use site_cmp_tests::{read_yaml, repo};

use super::printed_schema;
use crate::cmp;

/// Files that are invalid on purpose: each belongs to a test of an error or of a warning.
const INVALID: &[&str] = &[
    // An anchor at a key of its own, which is reported as unknown.
    "tests/cases/understack/anchors/deploy.yaml",
    "tests/cases/understack/differs-a-label-that-is-a-number/deploy.yaml",
    "tests/cases/understack/differs-a-ref-that-is-a-number/deploy.yaml",
    "tests/cases/understack/differs-the-site-label-on/deploy.yaml",
    "tests/cases/understack/differs-the-string-false-opens-the-site/deploy.yaml",
];

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::options().build(&schema).unwrap()
}

/// Returns the files of some names below the folders of examples and tests.
fn files(names: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders =
        ["site-profiles", "tests/cases", "tests/fixtures"].map(PathBuf::from).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(repo().join(&folder)).unwrap() {
            let name = entry.unwrap().file_name();
            let path = folder.join(&name);
            if repo().join(&path).is_dir() {
                folders.push(path);
            } else if names.iter().any(|known| name == *known) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no {names:?}");
    found
}

/// Returns the errors of a file, one line each.
fn errors(validator: &Validator, file: &Path) -> Vec<String> {
    let document = read_yaml(&repo().join(file));
    let errors = validator.iter_errors(&document);
    errors.map(|error| format!("{}: {}: {error}", file.display(), error.instance_path())).collect()
}

/// Returns the invalid files of some names, after a look at the reasons.
fn invalid(kind: &str, names: &[&str]) -> BTreeSet<String> {
    let validator = validator(&printed_schema(kind));
    let mut invalid = BTreeSet::new();
    for file in files(names) {
        let errors = errors(&validator, &file);
        let shown = file.display().to_string();
        if !errors.is_empty() {
            assert!(INVALID.contains(&shown.as_str()), "{}", errors.join("\n"));
            invalid.insert(shown);
        }
    }
    invalid
}

#[test]
fn every_file_is_valid_unless_it_is_meant_to_be_wrong() {
    let mut wrong = invalid("profile", &["profile.yaml", "deploy.yaml"]);
    wrong.extend(invalid("environment", &["environment.yaml"]));
    wrong.extend(invalid("cluster", &["cluster.yaml"]));
    wrong.extend(invalid("lock", &["policies.lock"]));
    let meant: BTreeSet<String> = INVALID.iter().map(|&path| path.to_owned()).collect();
    assert_eq!(wrong, meant);
}

#[test]
fn the_limits_of_the_installs_are_valid() {
    let validator = validator(&printed_schema("limits"));
    for install in ["exec", "native"] {
        let file = PathBuf::from(format!("argocd/{install}/limits.yaml"));
        assert_eq!(errors(&validator, &file), [""; 0]);
    }
}

#[test]
fn a_typo_in_a_profile_or_a_setting_is_reported() {
    let validator = validator(&printed_schema("profile"));
    let file = "site-profiles/sites/rax-dev-hkg1/profile.yaml";
    let text = std::fs::read_to_string(repo().join(file)).unwrap();
    for (from, to) in [
        ("deploy_url:", "deploy_ulr:"),
        ("environment: dev", "environment: [dev]"),
        ("  enabled: true", "  enabled: \"true\""),
        ("nautobot_config:", "nautobot_confg:"),
        ("extraQueues:", "extraQueue:"),
        ("replicas: 3", "replicas: many"),
        ("nautobot-worker:", "nautobot-workers:"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let document = site_cmp_tests::parse_yaml(file, changed.as_bytes());
        assert!(!validator.is_valid(&document), "{to}");
    }
}

#[test]
fn an_example_file_names_its_schema() {
    for file in files(&["profile.yaml", "environment.yaml"]) {
        let Ok(inside) = file.strip_prefix("site-profiles") else { continue };
        let kind = inside.file_stem().unwrap().to_str().unwrap();
        let line = format!("# yaml-language-server: $schema=../../schemas/{kind}.schema.json\n");
        let text = std::fs::read_to_string(repo().join(&file)).unwrap();
        // The server reads the line only above the document.
        assert!(text.starts_with(&line), "{} does not begin with {line}", file.display());
    }
}

#[test]
fn a_schema_is_printed_without_a_fleet_too() {
    let outside = tempfile::tempdir().unwrap();
    let print = |kind: &str| cmp().args(["schema", kind]).dir(outside.path()).run().success();
    for kind in ["profile", "environment", "cluster", "lock", "limits"] {
        validator(&print(kind).stdout);
    }
    let any = "components: {web: {chart: {name: a, repository: b, version: '1'}, release: c, \
               namespace: d, project: e, policies: {run: {any: setting}}}}";
    let document = site_cmp_tests::parse_yaml("environment.yaml", any.as_bytes());
    assert!(validator(&print("environment").stdout).is_valid(&document));
    cmp().args(["schema", "profile", "nowhere"]).dir(outside.path()).run().failure(1);
}
