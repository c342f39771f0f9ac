use std::sync::Arc;

use super::{ChartDefaults, HelmVersion, coalesce_chart, merge_files};
use crate::origin::SourceFile;
use crate::value::Node;
use crate::{json, yaml};

fn values(text: &str) -> Node {
    let file = Arc::new(SourceFile::new("values.yaml", text));
    yaml::read(&file).unwrap().root
}

fn text(node: &Node) -> String {
    json::to_string(&node.value)
}

fn merged(base: &str, over: &str) -> String {
    text(&merge_files(&values(base), &values(over)))
}

fn coalesced(chart: &str, user: &str) -> String {
    let chart = ChartDefaults::of_values(values(chart));
    text(&coalesce_chart(&chart, &values(user), HelmVersion::Four).unwrap())
}

#[test]
fn maps_merge_and_all_else_replaces() {
    assert_eq!(merged("a: {b: 1, c: 2}", "a: {c: 3, d: 4}"), r#"{"a":{"b":1,"c":3,"d":4}}"#);
    assert_eq!(merged("a: [1, 2]", "a: [3]"), r#"{"a":[3]}"#);
    assert_eq!(merged("a: {b: 1}", "a: x"), r#"{"a":"x"}"#);
    assert_eq!(merged("a: x", "a: {b: 1}"), r#"{"a":{"b":1}}"#);
    assert_eq!(merged("a: 1", "{}"), r#"{"a":1}"#);
}

#[test]
fn among_files_a_null_is_kept() {
    assert_eq!(merged("a: {b: 1}", "a: null"), r#"{"a":null}"#);
    assert_eq!(merged("a: {b: 1}", "a: {b: null}"), r#"{"a":{"b":null}}"#);
    assert_eq!(merged("a: null", "a: {b: 1}"), r#"{"a":{"b":1}}"#);
}

#[test]
fn against_a_charts_defaults_a_null_takes_the_default_away() {
    assert_eq!(coalesced("a: 1\nb: 2", "a: null"), r#"{"b":2}"#);
    assert_eq!(coalesced("a: {b: 1, c: 2}", "a: {b: null}"), r#"{"a":{"c":2}}"#);
    assert_eq!(coalesced("{}", "a: null\nb: 1"), r#"{"a":null,"b":1}"#);
    assert_eq!(coalesced("a: null\nb: {c: null}", "a: null\nb: {c: null}"), r#"{"b":{"c":null}}"#);
    assert_eq!(coalesced("a: {}", "a: {b: null}"), r#"{"a":{"b":null}}"#);
    assert_eq!(coalesced("a: null\nb: 1", "{}"), r#"{"b":1}"#);
    assert_eq!(
        coalesced("a: {b: {c: null, d: [null]}}\ne: {f: {c: null}}", "e: {g: 1}"),
        r#"{"a":{"b":{"d":[null]}},"e":{"f":{},"g":1}}"#
    );
}

#[test]
fn the_users_values_win_over_the_charts() {
    assert_eq!(coalesced("a: {b: 1, c: [1]}", "a: {c: [2]}"), r#"{"a":{"b":1,"c":[2]}}"#);
    assert_eq!(coalesced("a: {b: 1}", "a: x"), r#"{"a":"x"}"#);
    assert_eq!(coalesced("a: x", "a: {b: 1}"), r#"{"a":{"b":1}}"#);
}

#[test]
fn every_leaf_keeps_its_origin() {
    let both = merge_files(&values("a: 1\nb: 2"), &values("\n\nb: 3"));
    let line = |key: &str| both.get(key).unwrap().origin.place().unwrap().at.line;
    assert_eq!((line("a"), line("b")), (1, 3));
}

#[test]
fn helm_3_keeps_the_nulls_of_a_chart() {
    let chart = ChartDefaults::of_values(values("m: {q: null, r: 1}\nk: null\nl: 1"));
    let merged =
        |helm| text(&coalesce_chart(&chart, &values("m: {r: null}\nl: null"), helm).unwrap());
    assert_eq!(merged(HelmVersion::Three), r#"{"m":{"q":null},"k":null}"#);
    assert_eq!(merged(HelmVersion::Four), r#"{"m":{}}"#);
}

#[test]
fn a_subchart_gets_its_defaults_and_the_globals() {
    let sub = ChartDefaults {
        name: "sub".to_owned(),
        ..ChartDefaults::of_values(values("keep: 1\nglobal: {a: {own: 1}}"))
    };
    let chart =
        ChartDefaults { charts: vec![sub], ..ChartDefaults::of_values(values("sub: {b: 2}")) };
    let merged = |user: &str| {
        coalesce_chart(&chart, &values(user), HelmVersion::Four).map(|merged| text(&merged))
    };
    assert_eq!(
        merged("top: null").unwrap(),
        r#"{"top":null,"sub":{"b":2,"global":{"a":{"own":1}},"keep":1}}"#
    );
    assert_eq!(
        merged("global: {a: {from: 2}}\nsub: {keep: null}").unwrap(),
        r#"{"global":{"a":{"from":2}},"sub":{"b":2,"global":{"a":{"from":2,"own":1}}}}"#
    );
    assert_eq!(merged("sub: 1").unwrap_err(), "sub");
}
