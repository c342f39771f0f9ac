//! For the same `deploy.yaml`, the Application that argocd-understack renders.
//!
//! A case is a folder: `deploy.yaml`, `release` (the site's name), and what understack's
//! chart answers: `expected.yaml`, `none`, or `refused`. Where we differ on purpose,
//! `ours` says how; docs/understack.md says why.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use site_cmp_tests::{Output, fleet, read_yaml, repo};

use crate::cmp;

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(repo().join("tests/cases/understack"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    cases
}

fn rendered(case: &Path) -> Output {
    let release = fs::read_to_string(case.join("release")).unwrap();
    let profile = case.join("deploy.yaml");
    let fleet = fleet();
    cmp()
        .args(["render", fleet.to_str().unwrap(), "--profile", profile.to_str().unwrap()])
        .args(["--environment", "prod", "--site", release.trim()])
        .args(["--target", "application", "-o", "json"])
        .run()
}

/// The Application without what is ours to choose: where the overlay stands, and the files whose
/// change renders it again.
fn comparable(mut application: Value) -> Value {
    if let Some(helm) =
        application.pointer_mut("/spec/sources/0/helm").and_then(Value::as_object_mut)
    {
        helm.remove("values");
        helm.remove("valuesObject");
    }
    if let Some(annotations) =
        application.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut)
    {
        annotations.remove("argocd.argoproj.io/manifest-generate-paths");
    }
    application
}

fn check_same(case: &Path, expected: &Value) {
    let output = rendered(case).success();
    let ours: Value = serde_json::from_str(&output.stdout).unwrap();
    assert!(
        ours.pointer("/spec/sources/0/helm/valuesObject/workers").is_some(),
        "{}: no overlay",
        case.display()
    );
    assert_eq!(comparable(ours), comparable(expected.clone()), "{}", case.display());
}

fn check_closed(case: &Path) {
    let output = rendered(case).success();
    let marker: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(marker["kind"], "ConfigMap", "{}", case.display());
}

fn check_difference(case: &Path, ours: &str) {
    let mut patched = None;
    for line in ours.lines() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        match words[..] {
            ["closed"] => check_closed(case),
            ["error", code] => drop(rendered(case).failure(1).says(&[code])),
            ["error", code, place] => drop(rendered(case).failure(1).says(&[code, place])),
            ["value", pointer, value] => {
                let expected =
                    patched.get_or_insert_with(|| read_yaml(&case.join("expected.yaml")));
                *expected.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
            }
            _ => panic!("{}: `{line}` says nothing", case.display()),
        }
    }
    if let Some(expected) = patched {
        check_same(case, &expected);
    }
}

#[test]
fn the_same_application_but_for_the_differences_that_are_listed() {
    let listed = fs::read_to_string(repo().join("docs/understack.md")).unwrap();
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap();
        if let Some(difference) = name.strip_prefix("differs-") {
            assert!(listed.contains(difference), "docs/understack.md does not list {difference}");
            check_difference(&case, &fs::read_to_string(case.join("ours")).unwrap());
        } else if case.join("none").exists() {
            check_closed(&case);
        } else {
            check_same(&case, &read_yaml(&case.join("expected.yaml")));
        }
    }
}
