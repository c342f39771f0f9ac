//! Charts that would make helm ask an address, or read a folder outside the repo.
//!
//! The limits of an operator who says nothing do not allow helm on a server at all. Where they
//! allow one repository, no other is asked, and a helm that never ends is stopped.

use serde_json::json;

use super::super::fleet::HostileFleet;
use super::{Attack, Case, Owed, on_each_core, target_call};

const OFF: Owed = Owed::Error(&["error[emit/helm-off]"]);
/// Limits that allow one repository and little time.
const ALLOWED: &str =
    "helm: {enabled: true, repositories: [https://charts.example.net], milliseconds: 2000}\n";

pub(super) const CASES: &[Case] = &[
    Case::new(
        9,
        "a-chart-repository-at-an-address-of-the-pod",
        |seed| on_each_core(chart("web", "http://127.0.0.1:9", seed)),
        OFF,
    ),
    Case::new(
        9,
        "a-registry-at-an-address-of-the-pod",
        |seed| on_each_core(chart("web", "oci://127.0.0.1:9/charts", seed)),
        OFF,
    ),
    Case::new(
        10,
        "a-chart-outside-the-repo",
        |seed| on_each_core(chart("/tmp/other/chart", "", seed)),
        OFF,
    ),
    Case::new(
        10,
        "a-chart-above-the-repo",
        |seed| on_each_core(chart("../../chart", "", seed)),
        OFF,
    ),
    Case::new(
        11,
        "a-chart-repository-that-never-answers",
        |seed| Attack::Calls(vec![chart("web", "https://192.0.2.1/charts", seed); 2]),
        OFF,
    ),
    Case::new(
        11,
        "an-allowed-chart-repository-that-never-answers",
        |seed| on_each_core(chart("web", "https://charts.example.net", seed)),
        Owed::Error(&["error[emit/helm-limit]", "milliseconds"]),
    )
    .under(ALLOWED),
    Case::new(
        11,
        "another-chart-repository-than-the-allowed",
        |seed| on_each_core(chart("web", "https://charts.example.net.evil.example", seed)),
        Owed::Error(&["error[emit/helm-repository]"]),
    )
    .under(ALLOWED),
    Case::new(
        11,
        "a-chart-outside-the-repo-where-helm-is-allowed",
        |seed| on_each_core(chart("/tmp/other/chart", "", seed)),
        Owed::Error(&["error["]),
    )
    .under(ALLOWED),
];

/// Returns the call of a repo that wants a chart rendered by helm.
fn chart(name: &str, repository: &str, seed: u64) -> super::Call {
    let repository = if repository.is_empty() { "https://charts.example.net" } else { repository };
    let chart = json!({"name": name, "repository": repository, "version": "1.0.0"});
    target_call(&HostileFleet::new().component("chart", chart), seed, "manifests")
}
