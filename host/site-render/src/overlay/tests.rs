use std::sync::Arc;
use std::time::Duration;

use super::combine_edits;
use crate::finding::{Finding, Problems};
use crate::json;
use crate::origin::{Origin, SourceFile};
use crate::policy::{Answer, Change, Documents, Edit, Plan, Usage};
use crate::value::Node;
use crate::yaml;

const BASE: &str = "web: {enabled: true, replicas: 2}\nhosts: [a, b]\nname: x\nold: null\n";

fn base() -> Node {
    let file = Arc::new(SourceFile::new("values.yaml", BASE));
    yaml::read(&file).unwrap().root
}

/// A policy's answer: paths and the JSON they are set to; an empty text removes.
fn answer(policy: &str, edits: &[(&str, &str)]) -> Answer {
    let origin = Origin::Built("a test");
    let edit = |(path, value): &(&str, &str)| Edit {
        path: (*path).to_owned(),
        change: match *value {
            "" => Change::Remove,
            text => Change::Set(json::parse(text, &origin).unwrap()),
        },
        reason: format!("{policy} says so"),
    };
    let nothing = || Node::empty("a test");
    Answer {
        policy: policy.to_owned(),
        version: "1.0.0".to_owned(),
        plan: Plan { edits: edits.iter().map(edit).collect(), ..Plan::default() },
        reads: Vec::new(),
        usage: Usage { fuel: 0, memory: 0, time: Duration::ZERO },
        documents: Documents {
            profile: nothing(),
            values: nothing(),
            settings: nothing(),
            fleet: nothing(),
            cluster: nothing(),
        },
    }
}

fn made(answers: &[Answer]) -> (Node, Vec<Finding>) {
    combine_edits(answers, &base()).unwrap().into_parts()
}

fn refused(answers: &[Answer]) -> Vec<Finding> {
    let Problems(findings) = combine_edits(answers, &base()).unwrap_err();
    findings
}

fn code(edits: &[(&str, &str)]) -> String {
    let found = refused(&[answer("one", edits)]);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].code.to_string()
}

#[test]
fn edits_of_all_policies_become_one_document() {
    let (overlay, _) = made(&[
        answer("one", &[("/web/enabled", "false"), ("/new/a~1b/c~0d", "1")]),
        answer("two", &[("/web/replicas", "0"), ("/hosts", r#"["a"]"#)]),
    ]);
    assert_eq!(
        json::to_string(&overlay.value),
        r#"{"web":{"enabled":false,"replicas":0},"new":{"a/b":{"c~d":1}},"hosts":["a"]}"#
    );
    let Origin::Policy(origin) = &overlay.pointer("/web/replicas").unwrap().origin else {
        panic!("it comes from a policy");
    };
    assert_eq!((&*origin.policy, &*origin.reason), ("two", "two says so"));
}

#[test]
fn two_policies_that_disagree_are_both_named_with_their_reasons() {
    let found = refused(&[
        answer("one", &[("/web/enabled", "false")]),
        answer("two", &[("/web/enabled", "true")]),
    ]);
    assert_eq!(found[0].code, "overlay/conflict");
    for word in [
        "`one`",
        "one says so",
        "to be false",
        "`two`",
        "two says so",
        "to be true",
        "/web/enabled",
    ] {
        assert!(found[0].message.contains(word), "{}", found[0].message);
    }
}

#[test]
fn two_policies_that_agree_do_not_conflict() {
    let agree =
        [answer("one", &[("/web/enabled", "false")]), answer("two", &[("/web/enabled", "false")])];
    assert_eq!(json::to_string(&made(&agree).0.value), r#"{"web":{"enabled":false}}"#);
}

#[test]
fn edits_around_one_another_conflict_in_either_order() {
    let around = answer("one", &[("/web", r#"{"enabled":false}"#)]);
    let inside = answer("two", &[("/web/replicas", "0")]);
    assert_eq!(refused(&[around.clone(), inside.clone()])[0].code, "overlay/conflict");
    assert_eq!(refused(&[inside, around])[0].code, "overlay/conflict");
    assert_eq!(code(&[("/web", "{}"), ("/web/replicas", "0")]), "overlay/overlap");
    assert_eq!(code(&[("/web/replicas", "0"), ("/web/replicas", "1")]), "overlay/overlap");
}

#[test]
fn an_edit_has_to_name_a_key() {
    assert_eq!(code(&[("", "{}")]), "overlay/whole-document");
    assert_eq!(code(&[("web", "1")]), "overlay/path");
    assert_eq!(code(&[("/a~2b", "1")]), "overlay/path");
    assert_eq!(code(&[(&"/a".repeat(5000), "1")]), "overlay/path");
}

#[test]
fn an_edit_below_what_is_no_mapping_is_refused() {
    assert_eq!(code(&[("/name/first", "1")]), "overlay/under-scalar");
    assert_eq!(code(&[("/hosts/0", "1")]), "overlay/in-list");
    assert_eq!(code(&[("/web/replicas/min", "1")]), "overlay/under-scalar");
    made(&[answer("one", &[("/old/key", "1")])]);
}

#[test]
fn all_problems_are_told_at_once() {
    assert_eq!(refused(&[answer("one", &[("", "{}"), ("/hosts/0", "1"), ("/ok", "1")])]).len(), 2);
}

#[test]
fn a_null_that_would_reach_helm_is_a_finding() {
    let (overlay, findings) =
        made(&[answer("one", &[("/web", ""), ("/name", "null"), ("/nowhere", "")])]);
    let codes: Vec<&str> = findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["overlay/null", "overlay/null"]);
    assert_eq!(json::to_string(&overlay.value), r#"{"web":null,"name":null}"#);
}

#[test]
fn a_list_that_drops_items_says_how_many() {
    let (_, findings) = made(&[answer("one", &[("/hosts", r#"["b","c"]"#)])]);
    assert_eq!(findings[0].code, "overlay/list-replaced");
    assert!(findings[0].message.contains("drops 1 of its 2 items"));
    assert!(made(&[answer("one", &[("/hosts", r#"["c","b","a"]"#)])]).1.is_empty());
}
