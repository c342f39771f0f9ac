use serde_json::json;

use crate::finding::{Finding, Severity};
use crate::fleet_check::check_fleet;
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, with_files};

const CODE: &str = "policy/counterpart";

/// The findings of this code for a site whose policy `run` names the counterpart `list`, with
/// this global section.
fn found(global: &str, profile: &str) -> Vec<Finding> {
    let schema = json!({"x-global-counterparts": {"list": "nobody lists what sites run"}});
    let environment = format!("{ENVIRONMENT}    policies: {{run: {{on: true}}}}\n{global}");
    let fleet = fleet(&environment, profile, &[("run", schema), ("list", json!({}))]);
    // A second site adds no second finding.
    let fleet = with_files(&fleet, &[("sites/two/profile.yaml", profile)]);
    let mut findings = check_fleet(&fleet, None).findings;
    findings.retain(|finding| finding.code == CODE);
    findings
}

#[test]
fn a_counterpart_that_the_global_section_lacks_is_a_note_at_the_policys_place() {
    for global in ["", "    global: {policies: {}}\n", "    global: {policies: {other: {}}}\n"] {
        let found = found(global, PROFILE);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].severity, Severity::Note);
        assert_eq!(
            found[0].message,
            "sites of environment `dev` use policy `run`, and the environment's global section does not use policy `list`: nobody lists what sites run"
        );
        let hint = "add `list: {}` under components.worker.global.policies";
        assert_eq!(found[0].hint.as_deref(), Some(hint));
        let place = found[0].place.as_ref().unwrap().to_string();
        assert!(place.starts_with("environments/dev/environment.yaml:"), "{place}");
    }
}

#[test]
fn a_counterpart_that_is_used_and_a_site_that_is_closed_say_nothing() {
    assert!(found("    global: {policies: {list: {}}}\n", PROFILE).is_empty());
    let closed = PROFILE.replace("  enabled: true\n  worker", "  enabled: false\n  worker");
    assert!(found("", &closed).is_empty());
}

#[test]
fn a_keyword_of_another_kind_says_nothing() {
    for schema in [json!({}), json!({"x-global-counterparts": ["list"]}), json!(true)] {
        let environment = format!("{ENVIRONMENT}    policies: {{run: {{}}}}\n");
        let fleet = fleet(&environment, PROFILE, &[("run", schema)]);
        assert!(check_fleet(&fleet, None).findings.iter().all(|finding| finding.code != CODE));
    }
}
