//! What is sent as manifests: objects that repo-server cannot misread, or an error.

use serde_json::json;

use super::{APP, SITE, World, parameter};
use crate::BINARY;
use crate::argo::STOCK;
use crate::hostile::{Edit, Guest, RESULT, fleet, policy};

/// A policy that returns these objects beside the chart.
fn returning(objects: &[serde_json::Value]) -> Guest {
    let mut guest = policy();
    let mut words = Vec::new();
    for object in objects {
        words.extend(guest.text(&object.to_string()));
        words.extend(guest.text("a reason"));
    }
    let list = guest.words(&words);
    let mut result = [0; RESULT];
    result[3..5].copy_from_slice(&[list, u32::try_from(objects.len()).unwrap()]);
    let result = guest.words(&result);
    guest.returns(result)
}

fn config_map(name: &str) -> serde_json::Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name } })
}

/// What comes of a policy's objects, at the target that holds them alone.
fn resources(objects: &[serde_json::Value]) -> Option<(World, crate::argo::Answer)> {
    let world = World::of(fleet(&returning(objects)))?;
    let answer = world.ask(APP, &["--param", &parameter("target", "resources")]);
    Some((world, answer))
}

#[test]
fn an_open_site_that_gives_nothing_is_an_error() {
    let Some((world, answer)) = resources(&[]) else { return };
    answer.says(&["error[emit/nothing]", SITE]);
    let _stock = world.argo.stock();
    let stock = world.ask_of(STOCK, APP, &["--param", &parameter("target", "resources")]);
    stock.says(&["error[emit/nothing]"]);
}

#[test]
fn a_closed_site_gives_nothing_only_where_the_application_says_so() {
    let profile = format!("{APP}/profile.yaml");
    let closed = site_cmp_tests::Scratch::new().changed(&profile, "enabled: true", "enabled: no");
    let Some(world) = World::of(closed) else { return };
    assert_eq!(world.ask(APP, &[]).manifest()["kind"], "ConfigMap");
    let empty = world.ask(APP, &["--param", &parameter("closed-gate", "empty")]);
    assert_eq!(empty.texts(), [""; 0]);
}

#[test]
fn several_objects_arrive_in_their_order() {
    let names = ["b", "a", "c"];
    let Some((_world, answer)) = resources(&names.map(config_map)) else { return };
    let arrived = answer.manifests();
    let found: Vec<_> = arrived.iter().map(|object| &object["metadata"]["name"]).collect();
    assert_eq!(found, names);
}

#[test]
fn an_object_without_a_kind_is_caught_with_its_policy() {
    let nameless = json!({ "apiVersion": "v1", "metadata": { "name": "a" } });
    let Some((_world, answer)) = resources(&[nameless]) else { return };
    answer.says(&["error[policy/manifest]", "policy `nautobot-worker`", "has no `kind`"]);
    let Some((_world, answer)) = resources(&[json!("a string")]) else { return };
    answer.says(&["error[policy/manifest]", "policy `nautobot-worker`", "is not an object"]);
}

#[test]
fn the_same_object_twice_is_an_error() {
    let Some((_world, answer)) = resources(&[config_map("a"), config_map("a")]) else { return };
    answer.says(&["error[policy/manifest]", "is also returned by policy `nautobot-worker`"]);
}

#[test]
fn a_namespace_of_its_own_and_a_label_stay() {
    let mut object = config_map("a");
    object["metadata"]["namespace"] = json!("elsewhere");
    object["metadata"]["labels"] = json!({ "app.kubernetes.io/instance": "other" });
    let Some((_world, answer)) = resources(&[object]) else { return };
    let metadata = answer.manifest()["metadata"].clone();
    assert_eq!(metadata["namespace"], "elsewhere");
    assert_eq!(metadata["labels"]["app.kubernetes.io/instance"], "other");
    assert_eq!(
        metadata["annotations"]["argocd.argoproj.io/tracking-id"],
        "demo:/ConfigMap:elsewhere/a"
    );
}

#[test]
fn words_that_are_booleans_in_yaml_survive() {
    let mut object = config_map("a");
    let data = json!({ "on": "yes", "mode": "0o14", "n": "null", "tilde": "~", "e": "1e3" });
    object["data"] = data.clone();
    let Some((world, answer)) = resources(&[object]) else { return };
    assert_eq!(answer.manifest()["data"], data);
    let _stock = world.argo.stock();
    let stock = world.ask_of(STOCK, APP, &["--param", &parameter("target", "resources")]);
    assert_eq!(stock.manifest()["data"], data);
}

#[test]
fn values_of_a_policy_arrive_as_it_set_them() {
    let mut guest = policy();
    let plan = guest.plan(&[Edit { path: "/on", json: Some(r#""yes""#), reason: "because" }]);
    let Some(world) = World::of(fleet(&guest.returns(plan))) else { return };
    let application = world.ask(APP, &[]).manifest();
    let mut sources = application["spec"]["sources"].as_array().unwrap().iter();
    let chart = sources.find(|source| source["helm"].is_object()).unwrap();
    assert_eq!(chart["helm"]["valuesObject"]["on"], "yes");
    world.fleet.render(BINARY, SITE, &[]).success();
}
