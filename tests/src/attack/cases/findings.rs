//! Repos with more mistakes than anybody reads.

use serde_json::json;

use super::super::fleet::{HostileFleet, PROFILE};
use super::super::guests;
use super::{Case, Owed, global_call, on_each_core, site_call, target_call};

const FINDING: Owed = Owed::Error(&["error[", "more"]);
/// Where a slow machine ends the call before everything is read.
const LIMIT: Owed = Owed::Error(&["error["]);

pub(super) const CASES: &[Case] = &[
    Case::new(
        7,
        "20000-wrong-items-of-a-list",
        |seed| {
            let schema = json!({
                "title": seed.to_string(),
                "properties": {"list": {"items": {"type": "integer"}}},
            });
            let lines: String = (0..20_000).map(|at| format!("          - x{at}\n")).collect();
            let profile = format!(
                "apiVersion: site-cmp/v1\nkind: SiteProfile\nmetadata: {{name: edge}}\n\
             environment: dev\ndeploy_url: https://git.example.net/fleet.git\ncluster_server: https://edge.example.net\nsite:\n  enabled: true\n  web:\n    enabled: true\n    \
             policies:\n      hostile:\n        list:\n{lines}"
            );
            let policy = guests::idle("hostile", &schema);
            let fleet =
                HostileFleet::new().policy("hostile", policy, json!({})).file(PROFILE, profile);
            super::Attack::Calls(vec![site_call(&fleet, seed); 3])
        },
        FINDING,
    ),
    Case::new(
        7,
        "5000-sites-with-a-mistake-each",
        |seed| {
            let fleet = HostileFleet::new()
                .section("policies", json!({"absent": {}}))
                .section("enabled", json!("perhaps"))
                .component("global", json!({"namespace": "web"}))
                .with_sites(5000);
            on_each_core(global_call(&fleet, seed))
        },
        LIMIT,
    ),
    Case::new(
        7,
        "20000-keys-that-come-twice",
        |seed| {
            let lines: String = (0..20_000).map(|at| format!("k{at}: 1\nk{at}: 2\n")).collect();
            on_each_core(site_call(&HostileFleet::new().values("values.yaml", lines), seed))
        },
        Owed::Any,
    ),
    Case::new(
        7,
        "20000-objects-that-are-none",
        |seed| {
            let documents: String = (0..20_000).map(|at| format!("---\nname: n{at}\n")).collect();
            let fleet = HostileFleet::new()
                .component("resources", json!(["resources"]))
                .file("resources/many.yaml", documents);
            on_each_core(target_call(&fleet, seed, "resources"))
        },
        FINDING,
    ),
    Case::new(
        8,
        "100000-variables-of-no-setting",
        |seed| on_each_core(variables(seed, "HOSTILE")),
        Owed::Error(&["error[argocd/parameter]", "more than the 2097152"]),
    ),
    Case::new(
        8,
        "100000-variables-of-a-policy-that-is-not-used",
        |seed| on_each_core(variables(seed, "UNUSED")),
        Owed::Error(&["error[argocd/parameter]", "more than the 2097152"]),
    ),
];

/// Returns a call with many variables that begin with the name of a policy.
fn variables(seed: u64, policy: &str) -> super::Call {
    let settings: serde_json::Map<_, _> =
        (0..50).map(|at| (format!("setting{at}"), json!({"type": "string"}))).collect();
    let schema = json!({"title": seed.to_string(), "properties": settings});
    let idle = |name: &str| guests::idle(name, &schema);
    let unused = idle("unused");
    let mut fleet =
        HostileFleet::new().policy("unused", unused, json!({})).component("policies", json!({}));
    fleet = fleet.policy("hostile", idle("hostile"), json!({}));
    let mut call = site_call(&fleet, seed);
    let names = (0..100_000).map(|at| format!("ARGOCD_ENV_{policy}_X{at}"));
    call.variables.extend(names.map(|name| (name, "1".to_owned())));
    call
}
