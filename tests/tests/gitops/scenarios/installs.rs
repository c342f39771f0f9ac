//! The installs of `argocd/`, over Argo CD's own.

use std::fs;

use serde_json::Value;
use site_cmp_tests::{built, with_components};

use super::World;

/// Every component, and the containers that the repo-server then has.
const COMPONENTS: [&str; 3] = ["exec", "native", "native/monitoring"];
const CONTAINERS: [&str; 3] = ["argocd-repo-server", "site-cmp", "site-cmp-native"];

/// The API server takes every object, and the repo-server stays the Deployment's first container,
/// which `kubectl logs` shows.
pub(super) fn are_accepted(world: &mut World) -> String {
    let file = world.global.kubeconfig.with_file_name("install.yaml");
    fs::write(&file, overlay(&COMPONENTS)).unwrap();
    let apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-o", "json"];
    let args = [&apply[..], &["-f", file.to_str().unwrap()]].concat();
    let applied: Value =
        serde_json::from_str(&world.global.kubectl(&args).success().stdout).unwrap();
    let items = applied["items"].as_array().unwrap();
    let repo_server = items.iter().find(|item| {
        item["kind"] == "Deployment" && item["metadata"]["name"] == "argocd-repo-server"
    });
    let containers = repo_server.unwrap()["spec"]["template"]["spec"]["containers"].as_array();
    let names = containers.unwrap().iter().map(|one| one["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), CONTAINERS);
    String::new()
}

/// Returns the objects of Argo CD's install with these components.
fn overlay(components: &[&str]) -> String {
    let install = fs::read_to_string(built("peers/crds/argocd/install.yaml").unwrap()).unwrap();
    with_components(&built("peers/kustomize").unwrap(), "build", &install, components)
}
