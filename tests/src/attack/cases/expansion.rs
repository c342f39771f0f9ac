//! Small inputs that become large: aliases of YAML, plans of policies, and files whose sum
//! nobody counts.

use serde_json::json;

use super::super::fleet::{HostileFleet, PROFILE};
use super::super::guests;
use super::{Case, Owed, global_call, on_each_core, site_call, target_call};

/// Bytes of the text that aliases repeat.
const TEXT: usize = 7_000_000;
/// How often they repeat it.
const ALIASES: usize = 400;
/// Nodes of one values file: just below the limit of a file.
const NODES: usize = 990_000;

const LIMIT: Owed = Owed::Error(&["error["]);

pub(super) const CASES: &[Case] = &[
    Case::new(
        2,
        "settings-repeat-a-large-text",
        |seed| on_each_core(aliased_settings(seed)),
        LIMIT,
    ),
    Case::new(
        2,
        "keys-repeat-a-large-text",
        |seed| {
            let entries = "- {*a : 1}\n".repeat(ALIASES);
            let values = format!("a: &a {}\nlist:\n{entries}", "x".repeat(TEXT / 2));
            let fleet = HostileFleet::new().global_schema(&json!({"type": "object"}), &values);
            on_each_core(global_call(&fleet, seed))
        },
        LIMIT,
    ),
    Case::new(
        2,
        "values-repeat-a-large-text",
        |seed| {
            let fleet = HostileFleet::new()
                .global_schema(&json!({"type": "object"}), &repeated("list", TEXT));
            on_each_core(global_call(&fleet, seed))
        },
        LIMIT,
    ),
    Case::new(
        2,
        "an-object-repeats-a-large-text",
        |seed| {
            let object = format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\n{}",
                repeated("data", TEXT)
            );
            let fleet = HostileFleet::new()
                .component("resources", json!(["resources"]))
                .file("resources/large.yaml", object);
            on_each_core(target_call(&fleet, seed, "resources"))
        },
        LIMIT,
    ),
    Case::new(
        2,
        "merge-keys-repeat-a-large-text",
        |seed| {
            let entries = "- {<<: *a, b: 1}\n".repeat(ALIASES);
            let values = format!("a: &a {{c: {}}}\nlist:\n{entries}", "x".repeat(TEXT));
            let fleet = HostileFleet::new().global_schema(&json!({"type": "object"}), &values);
            on_each_core(global_call(&fleet, seed))
        },
        LIMIT,
    ),
    Case::new(
        3,
        "four-plans-of-empty-objects",
        |seed| on_each_core(plans("{},", 349_000, seed)),
        LIMIT,
    ),
    Case::new(3, "four-plans-of-digits", |seed| on_each_core(plans("1,", 520_000, seed)), LIMIT),
    Case::new(
        3,
        "four-plans-of-nested-lists",
        |seed| on_each_core(plans("[[]],", 209_000, seed)),
        LIMIT,
    ),
    Case::new(
        6,
        "four-values-files-of-a-million-nodes",
        |seed| {
            let text = format!("list: [{}0]\n", "0,".repeat(NODES));
            let files = (0..4).fold(HostileFleet::new(), |fleet, at| {
                fleet.values(
                    &format!("values-{at}.yaml"),
                    text.replace("list", &format!("list{at}")),
                )
            });
            on_each_core(site_call(&files, seed))
        },
        LIMIT,
    ),
    Case::new(
        6,
        "four-resource-files-of-a-million-nodes",
        |seed| {
            let text = format!("data: [{}0]\n", "0,".repeat(NODES));
            let fleet = HostileFleet::new().component("resources", json!(["resources"]));
            let fleet = (0..4).fold(fleet, |fleet, at| {
                let head = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}}}\n");
                fleet.file(&format!("resources/{at}.yaml"), head + &text)
            });
            on_each_core(target_call(&fleet, seed, "resources"))
        },
        LIMIT,
    ),
    Case::new(
        6,
        "forty-profiles-of-many-nodes",
        |seed| {
            let fleet = HostileFleet::new()
                .section("note", json!(vec![0; NODES / 10]))
                .component("global", json!({"namespace": "web"}))
                .with_sites(40);
            on_each_core(global_call(&fleet, seed))
        },
        LIMIT,
    ),
];

/// Returns the call of a repo whose profile repeats a text in the settings of a policy.
fn aliased_settings(seed: u64) -> super::Call {
    let profile = format!(
        "apiVersion: site-cmp/v1\nkind: SiteProfile\nmetadata: {{name: edge}}\nenvironment: dev\n\
         deploy_url: https://git.example.net/fleet.git\ncluster_server: https://edge.example.net\n\
         site:\n  enabled: true\n  web:\n    enabled: true\n    policies:\n      hostile:\n        {}",
        repeated("list", TEXT)
    );
    let policy = guests::idle("hostile", &json!({"title": seed.to_string()}));
    let fleet = HostileFleet::new().policy("hostile", policy, json!({})).file(PROFILE, profile);
    site_call(&fleet, seed)
}

/// Returns a list, in flow style, that has a text of so many bytes and aliases of it.
fn repeated(key: &str, bytes: usize) -> String {
    let aliases = ", *a".repeat(ALIASES - 1);
    format!("{key}: [&a {}{aliases}]\n", "x".repeat(bytes))
}

/// Returns the call of a repo with four policies, each with seven edits of a list.
fn plans(item: &str, count: u32, seed: u64) -> super::Call {
    let fleet = (0..4).fold(HostileFleet::new(), |fleet, at| {
        let name = format!("p{at}");
        let paths: Vec<String> = (0..7).map(|edit| format!("/p{at}/s{seed}e{edit}")).collect();
        let policy = guests::repeating(&name, &paths, item, count);
        fleet.policy(&name, policy, json!({}))
    });
    site_call(&fleet, seed)
}
