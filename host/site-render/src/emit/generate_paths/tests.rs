use std::collections::BTreeSet;

use serde_json::json;

use crate::fleet::Fleet;
use crate::json::to_serde;
use crate::refresh_paths::WatchedPaths;
use crate::render;
use crate::request::{Request, Subject, Target};
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, with_files};

/// More of the component: values and objects of the fleet's repo, and a policy.
const MORE: &str = "    valueFiles:
      - $deploy/environments/dev/values.yaml
      - $deploy/{{deploy_path}}/web/values.yaml
    resources: [rules/objects]
    policies: {copy: {a: 1}}
sources: {deploy: {url: https://git.example.net/fleet.git, path: .}}
";

const PLUGIN: &str = "    plugin: {name: site-cmp@v1, source: deploy, path: \"PATH\"}\n";

const VALUES: [(&str, &str); 2] =
    [("environments/dev/values.yaml", "web: {replicas: 3}\n"), ("sites/two/profile.yaml", PROFILE)];

/// Returns a fleet whose plugin has this path, or no plugin for an empty one.
fn with_plugin(path: &str, more: &str) -> Fleet {
    let plugin = if path.is_empty() { String::new() } else { PLUGIN.replace("PATH", path) };
    let environment = format!("{ENVIRONMENT}{plugin}{more}");
    with_files(&fleet(&environment, PROFILE, &[("copy", json!({}))]), &VALUES)
}

fn request(site: &str) -> Request {
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    Request::new(subject, Target::Application)
}

fn annotation(fleet: &Fleet, site: &str) -> Option<String> {
    let application = to_serde(&render(fleet, &request(site)).unwrap().documents[0]);
    let annotations = &application["metadata"]["annotations"];
    annotations["argocd.argoproj.io/manifest-generate-paths"].as_str().map(str::to_owned)
}

#[test]
fn an_application_names_the_files_of_its_render() {
    for (plugin, expected) in [
        (
            "sites/one",
            "../one;/environments;/policies.lock;/policies/copy.wasm;/rules/objects;/sites/one/web",
        ),
        (
            "fleet/sites/{{site}}/",
            "../one;/environments/dev/values.yaml;/fleet/environments;/fleet/policies.lock;\
             /fleet/policies/copy.wasm;/fleet/rules/objects;/sites/one/web",
        ),
        // The fleet may be in any folder above.
        ("apps/one", "/"),
    ] {
        assert_eq!(annotation(&with_plugin(plugin, MORE), "one").unwrap(), expected);
    }
}

#[test]
fn without_a_plugin_only_the_files_that_argo_cd_reads_count() {
    let found = annotation(&with_plugin("", MORE), "one").unwrap();
    assert_eq!(found, "/environments/dev/values.yaml;/sites/one");
    let patterns = MORE.replace("dev/values.yaml", "dev/*/v-?.yaml");
    // It has no match, and another one would be a change of the Application.
    assert_eq!(annotation(&with_plugin("", &patterns), "one").unwrap(), "/sites/one");
    let none = "    policies: {copy: {a: 1}}\n";
    // The source `deploy` has a folder that Argo CD renders.
    assert_eq!(annotation(&with_plugin("", none), "one").unwrap(), "/sites/one");
}

#[test]
fn the_paths_do_not_depend_on_what_is_cached() {
    let environment = |partition: &str| format!("partition: {partition}\n{ENVIRONMENT}");
    let last = ("environments/last/environment.yaml", &*environment("z"));
    let new = || with_files(&fleet(&environment("a"), PROFILE, &[]), &[last]);
    let paths = |fleet: &Fleet, partition: &str| {
        let find = || fleet.environments.of_partition(partition).unwrap().is_some();
        let (_, files) = fleet.recorded(find);
        files.paths().into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let fleet = new();
    for partition in ["z", "a", "none", "a", "z"] {
        assert_eq!(paths(&fleet, partition), paths(&new(), partition), "{partition}");
    }
    assert!(!paths(&fleet, "a").contains(last.0) && paths(&fleet, "z").contains(last.0));
}

#[test]
fn a_file_that_is_not_watched_is_an_error_with_the_right_annotation() {
    let fleet = with_plugin("sites/one", MORE);
    let watched = |annotation: &str| {
        let watched = WatchedPaths::parse(annotation, "sites/one", Some("fleet/sites/one"));
        let mut request = request("one");
        request.watched = Some(watched);
        render(&fleet, &request).map(drop).map_err(|problems| problems.0[0].clone())
    };
    let refused = watched(".;/fleet/environments").unwrap_err();
    assert_eq!(refused.code, "source/unwatched");
    assert!(refused.message.contains("`policies.lock` and 2 more"), "{}", refused.message);
    let hint = refused.hint.unwrap();
    let advice = hint.split('`').nth(1).unwrap();
    assert_eq!(
        advice,
        "../../environments;../../policies.lock;../../policies/copy.wasm;../../rules/objects;."
    );
    watched(advice).unwrap();
    watched("../..").unwrap();
    // A disabled site depends on its files, too: they enable it.
    let closed = PROFILE.replace("enabled: true", "enabled: false");
    let fleet = with_files(&fleet, &[("sites/one/profile.yaml", &closed)]);
    let mut request = request("one");
    request.watched = Some(WatchedPaths::parse(".", "sites/one", None));
    assert_eq!(render(&fleet, &request).unwrap_err().0[0].code, "source/unwatched");
}
