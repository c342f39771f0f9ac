//! The example fleet of `site-profiles`, as its readers have it. Tests of everything else run
//! on the frozen fleet of `tests/fixtures/fleet`.

use std::collections::BTreeSet;
use std::fs;

use site_cmp::policy_build;
use site_cmp_tests::{policies, repo};

use crate::cmp;

#[test]
fn the_example_has_no_error() {
    let output = cmp().arg("check").arg(repo().join("site-profiles")).run().success();
    let said = output.stdout + &output.stderr;
    assert!(said.contains("0 errors"), "{said}");
}

#[test]
fn each_site_of_the_example_renders() {
    let fleet = repo().join("site-profiles");
    for site in fs::read_dir(fleet.join("sites")).unwrap() {
        let site = site.unwrap().file_name();
        cmp().arg("render").arg(&fleet).arg("--site").arg(site).run().success();
    }
}

/// The lock is the list of policies that fleets see; the folder of their sources is the only
/// list that is written.
#[test]
fn the_example_pins_every_policy_built_from_its_sources() {
    let fleet = repo().join("site-profiles");
    cmp().args(["policy", "lock", "--check"]).arg(&fleet).run().success();
    let lock = site_cmp_tests::read_yaml(&fleet.join("policies.lock"));
    let locked: BTreeSet<&str> =
        lock["policies"].as_object().unwrap().keys().map(String::as_str).collect();
    let names = policies();
    assert_eq!(locked, names.iter().map(String::as_str).collect::<BTreeSet<_>>());
    for name in &names {
        let source = policy_build::source_digest(&repo().join("plugin/policies").join(name));
        let source = source.unwrap();
        assert!(
            lock["policies"][name]["source"] == *source,
            "{name} changed since it was built; run `just policies`"
        );
    }
}

/// The page of errors is generated from a list of catalogues; each policy with one is in it.
#[test]
fn each_policy_has_its_codes_in_the_page_of_errors() {
    let page = fs::read_to_string(repo().join("docs/errors.md")).unwrap_or_default();
    for name in policies() {
        let catalogue = repo().join("plugin/policies").join(&name).join("src/codes.rs");
        let is_listed = page.contains(&format!("policy `{name}`"));
        assert!(is_listed || !catalogue.exists(), "docs/errors.md lacks the codes of {name}");
    }
}

/// Each policy of the project has a line in the README and a crate in the workspace.
#[test]
fn each_policy_is_in_the_workspace_and_in_a_document() {
    let manifest = fs::read_to_string(repo().join("Cargo.toml")).unwrap();
    let documents: String = fs::read_dir(repo().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .chain([repo().join("README.md")])
        .map(|path| fs::read_to_string(path).unwrap_or_default())
        .collect();
    for name in policies() {
        assert!(
            manifest.contains("\"plugin/policies/*\"")
                || manifest.contains(&format!("plugin/policies/{name}\"")),
            "the workspace does not have {name}"
        );
        assert!(documents.contains(&name), "no document names the policy {name}");
    }
}
