//! The authority's lifetime, held against what it issues.

use policy_sdk::{Severity, harness};
use serde_json::{Value, json};

use super::{decide, objects};

/// The place and message of the finding for these settings.
fn found(settings: Value) -> Option<(String, String)> {
    let plan = decide(&["a"], settings).unwrap();
    let found = harness::findings(&plan, "mtls/lifetime");
    assert!(found.len() < 2, "{found:?}");
    found.first().map(|finding| {
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.hint.is_some());
        (finding.path.clone().unwrap(), finding.message.clone())
    })
}

#[test]
fn an_authority_that_says_nothing_renews_early_enough_for_what_it_issues() {
    for (duration, spec) in [("26280h", ("87600h", "26280h")), ("43800h", ("87600h", "43800h"))] {
        let settings = json!({"authority": {}, "duration": duration});
        assert_eq!(found(settings.clone()), None);
        let authority = objects(&decide(&["a"], settings).unwrap()).remove(1);
        let lifetime = (&authority["spec"]["duration"], &authority["spec"]["renewBefore"]);
        assert_eq!(lifetime, (&json!(spec.0), &json!(spec.1)));
    }
}

#[test]
fn an_authority_that_ends_before_what_it_issues_is_an_error_at_the_setting_that_says_so() {
    let (path, message) = found(json!({"authority": {"duration": "26280h"}})).unwrap();
    assert_eq!(path, "/authority/duration");
    assert!(message.contains("lives 26280h") && message.contains("live 26280h"), "{message}");
    assert_eq!(found(json!({"authority": {"duration": "26281h"}})), None);
    for authority in [json!({}), json!({"duration": "87600h"})] {
        let (path, _) = found(json!({"authority": authority, "duration": "90000h"})).unwrap();
        assert_eq!(path, "/duration");
    }
}

#[test]
fn an_authority_that_renews_too_late_for_what_it_issues_is_an_error() {
    let (path, message) = found(json!({"authority": {"renewBefore": "2160h"}})).unwrap();
    assert_eq!(path, "/authority/renewBefore");
    assert!(message.contains("2160h before its end"), "{message}");
    assert_eq!(found(json!({"authority": {"renewBefore": "26280h"}})), None);
    assert!(found(json!({"authority": {"renewBefore": "26279h"}})).is_some());
    let short = json!({"authority": {"renewBefore": "2160h"}, "duration": "2160h"});
    assert_eq!(found(short), None);
}

#[test]
fn of_an_authority_that_is_made_elsewhere_nothing_is_known() {
    assert_eq!(found(json!({"duration": "876000h"})), None);
}
