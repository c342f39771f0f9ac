//! Sites appear, change, close, open, and break.

use std::fs;

use site_cmp_tests::{Command, Stopwatch};

use super::{CHILD, SITE, World};
use crate::BINARY;
use crate::fleet::{CHART, CLOSED, OPEN, child, profile};
use crate::world::NEWER_CHART;

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const POLICY: &str = "policies/nautobot-worker.wasm";
/// A text of the worker's policy, and another of its length.
const TEXT: &str = "/run/prometheus-multiproc";
const OTHER_TEXT: &str = "/run/prometheus-multipro2";

/// The ApplicationSet makes an Application of each folder, and those make the sites'.
pub(super) fn sites_appear(world: &mut World) -> String {
    world.install("projects.yaml");
    // For the scenario with twenty sites.
    let more = r#"[{"op": "add", "path": "/spec/destinations/-", "value": {"server": "*", "namespace": "tenant-*"}}]"#;
    let patch = ["patch", "-n", "argocd", "appproject", "understack", "--type=json", "-p", more];
    world.global.kubectl(&patch).success();
    world.install("applicationset.yaml");
    for site in OPEN {
        world.wait_until_site_is_well(site, None);
        world.wait_for_worker(site, site);
    }
    world.wait_until_well(CLOSED, None);
    assert!(world.application(&child(CLOSED)).is_none());
    String::new()
}

pub(super) fn a_profile_changes(world: &mut World) -> String {
    let settings = "    policies:\n      nautobot-worker:\n        extraQueues: [bulk]\n";
    world.fleet.edit(
        &profile(SITE),
        "  nautobot_worker:\n    enabled: true\n",
        &format!("  nautobot_worker:\n    enabled: true\n{settings}"),
    );
    let start = Stopwatch::start();
    let revision = world.push("iad3 takes jobs of bulk");
    world.wait_for_worker(SITE, "bulk");
    let changed = start.seconds();
    world.wait_until_site_is_well(SITE, Some(&revision));
    format!(": changed after {changed:.1} s")
}

/// The environment's version is the only thing to change.
pub(super) fn the_chart_changes(world: &mut World) -> String {
    let [old, new] = [CHART, NEWER_CHART].map(|version| format!("version: {version}"));
    world.fleet.edit(ENVIRONMENT, &old, &new);
    let revision = world.push("dev has a newer chart");
    for site in OPEN {
        world.wait_for_worker(site, &format!("nautobot-{NEWER_CHART}"));
        world.wait_until_site_is_well(site, Some(&revision));
    }
    String::new()
}

pub(super) fn a_gate_closes(world: &mut World) -> String {
    world.fleet.edit(&profile(SITE), "\n  enabled: true", "\n  enabled: false");
    let revision = world.push("iad3 closes");
    world.wait_until_gone(CHILD);
    world.wait_for_no_worker(SITE);
    world.wait_until_well(SITE, Some(&revision));
    String::new()
}

pub(super) fn a_gate_opens(world: &mut World) -> String {
    world.fleet.edit(&profile(SITE), "\n  enabled: false", "\n  enabled: true");
    let revision = world.push("iad3 opens");
    world.wait_for_worker(SITE, "bulk");
    world.wait_until_site_is_well(SITE, Some(&revision));
    String::new()
}

/// The message is at the parent and the child, the worker stays, and a commit that mends the profile
/// clears both without a hard refresh.
pub(super) fn a_profile_breaks(world: &mut World) -> String {
    world.fleet.edit(&profile(SITE), "\n  enabled: true", "\n  enabled: \"true\"");
    world.push("iad3 breaks");
    let words = ["profile.yaml:", "enabled"];
    world.wait_for_condition(SITE, &words);
    world.wait_for_condition(CHILD, &words);
    world.refresh("normal");
    world.wait_for_condition(SITE, &words);
    assert_eq!(world.workers(SITE).len(), 1, "{}", world.table());
    let revision = world.revert();
    world.wait_until_site_is_well(SITE, Some(&revision));
    String::new()
}

/// Argo CD's cache knows nothing of policies, and yet no old manifest is served.
pub(super) fn a_policy_changes(world: &mut World) -> String {
    replace_in_policy(world, TEXT, OTHER_TEXT);
    world.push("another policy, and the old lock");
    let words = ["policy/digest", "nautobot-worker.wasm"];
    world.wait_for_condition(SITE, &words);
    world.wait_for_condition(CHILD, &words);
    assert_eq!(world.workers(SITE).len(), 1, "{}", world.table());
    lock(world, OTHER_TEXT);
    String::new()
}

pub(super) fn a_policy_is_rolled_back(world: &mut World) -> String {
    replace_in_policy(world, OTHER_TEXT, TEXT);
    lock(world, TEXT);
    String::new()
}

/// Pins the policies as they are, commits, and waits until the worker contains a text.
fn lock(world: &World, text: &str) {
    Command::new(BINARY).args(["policy", "lock"]).arg(world.fleet.path("")).run().success();
    let revision = world.push("the lock of a policy");
    world.wait_for_worker(SITE, text);
    world.wait_until_site_is_well(SITE, Some(&revision));
}

/// Replaces a text of the policy by one of the same length, wherever it stands.
fn replace_in_policy(world: &World, from: &str, to: &str) {
    let policy = world.fleet.path(POLICY);
    let mut bytes = fs::read(&policy).unwrap();
    let length = from.len();
    let places: Vec<_> =
        (0..=bytes.len() - length).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty(), "the policy does not contain the text");
    for place in places {
        bytes[place..place + length].copy_from_slice(to.as_bytes());
    }
    fs::write(&policy, bytes).unwrap();
}
