use policy_sdk::{Document, DocumentName};
use serde_json::{Value, json};

use super::Pod;
use crate::site_label::SiteLabel;

fn read(values: Value, check: impl FnOnce(Pod<'_>)) {
    let labels = json!({"appLabels": {"understack.rackspace.com/site": "iad3"}});
    let site = SiteLabel::read(&Document::new(DocumentName::Profile, labels)).unwrap();
    check(Pod::new(&Document::new(DocumentName::Values, values), &site));
}

#[test]
fn the_workers_own_value_wins_key_by_key_and_a_null_too() {
    let values = json!({
        "celery": {"command": ["a"], "args": ["b"], "podSecurityContext": {"fsGroup": 1, "x": 2}},
        "workers": {"iad3": {"command": null, "podSecurityContext": {"fsGroup": 3}}},
    });
    read(values, |pod| {
        assert_eq!(pod.place("command").as_deref(), Some("/workers/iad3/command"));
        assert_eq!(pod.place("args").as_deref(), Some("/celery/args"));
        assert_eq!(pod.place("sidecars"), None);
        assert_eq!(pod.scalar("podSecurityContext/fsGroup").unwrap().0, "3");
        assert_eq!(pod.scalar("podSecurityContext/x").unwrap().1, "/celery/podSecurityContext/x");
    });
}

#[test]
fn a_switch_is_on_as_a_charts_if_has_it() {
    for (value, is_on) in [
        (json!(true), true),
        (json!(false), false),
        (json!("false"), true),
        (json!(""), false),
        (json!(0), false),
        (json!(null), false),
        (json!([]), false),
        (json!({"a": 1}), true),
    ] {
        read(json!({"celery": {"x": value}}), |pod| assert_eq!(pod.is_on("x", true), is_on));
    }
    read(json!({}), |pod| assert!(pod.is_on("x", true) && !pod.is_on("x", false)));
}
