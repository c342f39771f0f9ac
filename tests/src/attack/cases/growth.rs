//! Inputs that are only long. Their work grows with their length if it is done well.

use serde_json::json;

use super::super::fleet::HostileFleet;
use super::super::guests;
use super::{Case, Owed, global_call, on_each_core, site_call, target_call};

pub(super) const CASES: &[Case] = &[
    Case::new(
        14,
        "20000-documents-of-values",
        |seed| {
            on_each_core(site_call(
                &HostileFleet::new().values("values.yaml", documents(20_000)),
                seed,
            ))
        },
        Owed::Any,
    ),
    Case::new(
        14,
        "20000-documents-of-a-profile",
        |seed| {
            let fleet = HostileFleet::new();
            let profile = format!("{}\n{}", fleet.profile("edge"), documents(20_000));
            on_each_core(site_call(&fleet.file(super::super::fleet::PROFILE, profile), seed))
        },
        Owed::Any,
    ),
    Case::new(
        15,
        "4000-objects-of-one-file",
        |seed| {
            let objects: String = (0..4000)
            .map(|at| {
                format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings-{at:05}}}\n")
            })
            .collect();
            on_each_core(resources(seed, &[&objects]))
        },
        Owed::Any,
    ),
    Case::new(
        16,
        "an-edit-of-150000-items-over-20000",
        |seed| {
            let items: String = (0..20_000).map(|at| format!("- {}\n", 100_000 + at)).collect();
            let policy = guests::repeating("hostile", &["/list".to_owned()], "1,", 150_000);
            let fleet = HostileFleet::new()
                .values("values.yaml", format!("list:\n{items}"))
                .policy("hostile", policy, json!({}));
            on_each_core(site_call(&fleet, seed))
        },
        Owed::Any,
    ),
    Case::new(
        17,
        "lists-of-4000-variables",
        |seed| on_each_core(resources(seed, &[&deployment("a", 4000), &deployment("b", 4000)])),
        Owed::Any,
    ),
    Case::new(
        17,
        "lists-of-20000-variables-that-are-the-same",
        |seed| on_each_core(resources(seed, &[&deployment("a", 20_000), &deployment("a", 20_000)])),
        Owed::Any,
    ),
    Case::new(
        18,
        "39-links-before-each-of-3000-sites",
        |seed| on_each_core(global_call(&linked(HostileFleet::new(), 3000), seed)),
        Owed::Any,
    ),
    Case::new(
        18,
        "39-links-before-a-values-file",
        |seed| {
            let fleet = (0..300).fold(HostileFleet::new(), |fleet, at| {
                fleet.values(&format!("real/values-{at}.yaml"), format!("k{at}: 1\n"))
            });
            let names: Vec<_> =
                (0..300).map(|at| json!(format!("$deploy/l00/values-{at}.yaml"))).collect();
            let fleet = chain(fleet, "real").component("valueFiles", json!(names));
            on_each_core(site_call(&fleet, seed))
        },
        Owed::Any,
    ),
];

/// Returns a stream of documents with one key each.
fn documents(count: usize) -> String {
    (0..count).map(|at| format!("---\nk{at}: 1\n")).collect()
}

/// Returns the call of a repo with resource folders, one file each.
fn resources(seed: u64, files: &[&str]) -> super::Call {
    let folders: Vec<_> = (0..files.len()).map(|at| format!("resources-{at}")).collect();
    let fleet = HostileFleet::new().component("resources", json!(folders));
    let fleet = folders.iter().zip(files).fold(fleet, |fleet, (folder, text)| {
        fleet.file(&format!("{folder}/objects.yaml"), (*text).to_owned())
    });
    target_call(&fleet, seed, "resources")
}

/// Returns a Deployment whose container has many variables.
fn deployment(prefix: &str, variables: usize) -> String {
    let variables: Vec<_> =
        (0..variables).map(|at| json!({"name": format!("{prefix}{at}"), "value": "1"})).collect();
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "env": variables}]}}},
    })
    .to_string()
}

/// Returns the fleet with all its sites behind a chain of links.
fn linked(fleet: HostileFleet, sites: usize) -> HostileFleet {
    let fleet = (0..sites).fold(fleet, |fleet, site| {
        let name = format!("site-{site:05}");
        let profile = fleet.profile(&name).to_string();
        fleet
            .file(&format!("real/{name}/profile.yaml"), profile)
            .link(&format!("sites/{name}"), &format!("../l00/{name}"))
    });
    chain(fleet, "real").component("global", json!({"namespace": "web"}))
}

/// Adds links from `l00` to a folder, each with a target as long as a path may be.
fn chain(fleet: HostileFleet, folder: &str) -> HostileFleet {
    const LINKS: usize = 38;
    let detour = format!("{folder}/../").repeat(4000 / (folder.len() + 4));
    (0..LINKS).fold(fleet, |fleet, at| {
        let next = if at + 1 == LINKS { folder.to_owned() } else { format!("l{:02}", at + 1) };
        fleet.link(&format!("l{at:02}"), &format!("{detour}{next}"))
    })
}
