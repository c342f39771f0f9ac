//! Under Argo CD's own plugin server, asked by Argo CD's own client: `argocd/exec` as it is.

use std::fs;

use serde_json::Value;
use site_cmp_tests::Scratch;

use crate::BINARY;
use crate::argo::Argo;

const SITE: &str = "rax-dev-iad3";
const JSON: [&str; 4] = ["--target", "application", "-o", "json"];

/// What repo-server puts before the plugin's own words.
const BEFORE: &str = "error generating manifests in cmp: rpc error: code = Unknown desc = \
                      error generating manifests: `cmp generate` failed exit status 1: ";

fn sites(fleet: &Scratch) -> Vec<String> {
    let sites = fs::read_dir(fleet.path().join("sites")).expect("the fleet has sites");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = sites.flatten().map(name).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

fn parameter(name: &str, value: &str) -> [String; 2] {
    ["--param".to_owned(), format!(r#"{{"name":"{name}","string":"{value}"}}"#)]
}

#[test]
fn every_site_arrives_as_render_writes_it() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let fleet = Scratch::new();
    for site in sites(&fleet) {
        let rendered = fleet.render(BINARY, &site, &JSON).success();
        let arrived = server.generate(&fleet.path(), &format!("sites/{site}"), &[]).success();
        assert!(!arrived.stdout.is_empty(), "{site}: nothing arrived");
        assert_eq!(arrived.stdout, rendered.stdout, "{site}");
    }
}

#[test]
fn a_fleet_below_the_root_of_its_repo_is_found() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let fleet = Scratch::new();
    let app = format!("fleet/sites/{SITE}");
    let rendered = fleet.render(BINARY, SITE, &JSON).success();
    let arrived = server.generate(fleet.outside(), &app, &[]).success();
    assert_eq!(arrived.stdout, rendered.stdout);
}

#[test]
fn parameters_and_environment_reach_the_plugin() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let fleet = Scratch::new();
    let rendered = fleet.render(BINARY, SITE, &JSON).success();
    // Another site's folder: the parameter decides.
    let other = sites(&fleet).into_iter().find(|site| site != SITE).unwrap();
    let app = format!("sites/{other}");
    let arrived = server.generate(&fleet.path(), &app, &parameter("site", SITE)).success();
    assert_eq!(arrived.stdout, rendered.stdout);

    let more = ["--env", "ARGOCD_ENV_SITE=rax-dev-iad3", "--env", "ARGOCD_ENV_POLICIES_LOCK=v2"];
    let arrived = server.generate(&fleet.path(), &app, &more.map(str::to_owned)).success();
    assert_eq!(arrived.stdout, rendered.stdout);

    let rendered = fleet.render(BINARY, SITE, &["--target", "resources", "-o", "json"]).success();
    let app = format!("sites/{SITE}");
    let arrived = server.generate(&fleet.path(), &app, &parameter("target", "resources")).success();
    assert_eq!(arrived.stdout, rendered.stdout);
}

#[test]
fn a_closed_gate_arrives_as_a_marker() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let profile = format!("sites/{SITE}/profile.yaml");
    let fleet = Scratch::new().changed(&profile, "enabled: true", "enabled: false");
    let arrived = server.generate(&fleet.path(), &format!("sites/{SITE}"), &[]).success();
    let marker: Value = serde_json::from_str(&arrived.stdout).unwrap();
    assert_eq!(marker["kind"], "ConfigMap");
    assert_eq!(marker["data"]["reason"], "site.enabled is false");
    assert!(marker["data"]["place"].as_str().unwrap().starts_with(&profile));
}

#[test]
fn an_error_in_a_profile_arrives_with_its_place_first() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let profile = format!("sites/{SITE}/profile.yaml");
    let fleet = Scratch::new().changed(&profile, "enabled: true", r#"enabled: "true""#);
    let text = fs::read_to_string(fleet.path().join(&profile)).unwrap();
    let line = text.lines().position(|line| line.contains(r#"enabled: "true""#)).unwrap() + 1;

    let rendered = fleet.render(BINARY, SITE, &JSON).failure(1);
    let arrived = server.generate(&fleet.path(), &format!("sites/{SITE}"), &[]).failure(1);
    let said = arrived.stderr.strip_prefix(BEFORE).unwrap_or_else(|| panic!("{}", arrived.stderr));
    let first = said.lines().next().unwrap();
    assert_eq!(first, rendered.stderr.lines().next().unwrap());
    assert!(first.contains("gate/not-boolean"), "{first}");
    assert!(first.contains(&format!("({profile}:{line}:12)")), "{first}");
    assert!(said.len() <= 4096, "{} bytes", said.len());
    argo.is_not_named_in(said);
    assert!(!said.contains(fleet.outside().to_str().unwrap()), "{said}");
}

#[test]
fn a_tree_without_the_lock_says_what_to_widen() {
    let Some(argo) = Argo::new() else { return };
    let server = argo.stock();
    let fleet = Scratch::new();
    // As with manifest-generate-paths `.`: the root that is sent is the site's own folder.
    let root = fleet.path().join("sites").join(SITE);
    let arrived = server.generate(&root, ".", &parameter("site", SITE)).failure(1);
    let arrived = arrived.says(&["sources/no-fleet", "manifest-generate-paths"]);
    argo.is_not_named_in(&arrived.stderr);
}
