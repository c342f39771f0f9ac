//! Tests that Go and our reader parse the output to the same values.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;

use super::super::write;
use super::nasty::NASTY;
use super::verdicts::{ours, save, text, verdict};
use crate::json;
use crate::origin::Origin;
use crate::value::Node;

const ORIGIN: Origin = Origin::Built("a test");

fn node(json: &Json) -> Node {
    Node { value: json::from_serde(json, &ORIGIN), origin: ORIGIN }
}

fn emit(json: &Json) -> String {
    write(&node(json), &|_| None)
}

fn nasty() -> Vec<String> {
    let mut all: Vec<String> = text("scalars.txt").lines().map(str::to_owned).collect();
    all.extend(NASTY.iter().map(ToString::to_string));
    all.push("x".repeat(2000));
    all.push("long words ".repeat(200));
    all.push(format!("{}\n{}\n", "x".repeat(500), "y".repeat(500)));
    all
}

fn cases() -> Vec<Json> {
    let mut cases = Vec::new();
    for text in nasty() {
        let string = Json::String(text.clone());
        cases.push(
            serde_json::json!({"v": string, "w": [string, {"x": string, "y": [[string], string]}]}),
        );
        let key = serde_json::json!({text.clone(): 1});
        let nested = serde_json::json!({text: {"a": {"b": "c"}}});
        cases.extend([string, key, serde_json::json!([nested])]);
    }
    for digits in [
        "0",
        "-0",
        "-0.0",
        "1",
        "-1",
        "1.5",
        "1e3",
        "1E+3",
        "1e-7",
        "1e21",
        "0.1",
        "9007199254740993",
        "9223372036854775807",
        "18446744073709551615",
        "123456789012345678",
        "1.7976931348623157e308",
        "5e-324",
        "100000000000000000000",
        "0.000001",
        "1.0",
    ] {
        let number: Json = serde_json::from_str(digits).unwrap();
        cases.extend([number.clone(), serde_json::json!({"n": number, "l": [number, [number]]})]);
    }
    for nested in [
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        r#"{"a":{}}"#,
        r#"{"a":[]}"#,
        "[[[1]]]",
        r#"[[{"a":[{"b":[]}]}]]"#,
        "null",
        "true",
        "[null,true,false]",
        r#"{"a":null,"b":{"c":null}}"#,
        r#"[[1,2],[3,[4,5]],{"a":[6,[7]],"b":8}]"#,
        r#"{"a":{"b":{"c":[{"d":1,"e":[1,2]},{"f":{}}]}},"g":"x\ny\n"}"#,
        r#"["x\ny\n",["x\ny"],{"a":"x\n  y\n"}]"#,
    ] {
        cases.push(serde_json::from_str(nested).unwrap());
    }
    cases
}

/// Compares numbers by value: Go prints `1e3` as 1000.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(l), Json::Number(r)) => {
            l == r || l.as_f64().map(f64::to_bits) == r.as_f64().map(f64::to_bits)
        }
        (Json::Array(l), Json::Array(r)) => {
            l.len() == r.len() && l.iter().zip(r).all(|(l, r)| same(l, r))
        }
        (Json::Object(l), Json::Object(r)) => {
            l.len() == r.len()
                && l.iter().all(|(key, value)| r.get(key).is_some_and(|r| same(value, r)))
        }
        _ => left == right,
    }
}

#[test]
fn go_and_we_read_back_what_was_written() {
    let cases = cases();
    let emitted: Vec<String> = cases.iter().map(emit).collect();
    if std::env::var_os("BLESS").is_some() {
        let json = serde_json::to_string_pretty(&emitted).unwrap();
        save("emitted.json", &format!("{json}\n"));
        return;
    }
    let committed: Vec<String> = serde_json::from_str(&text("emitted.json")).unwrap();
    assert!(
        emitted == committed,
        "fixtures/yaml/verdicts/README.md says how to renew emitted.json"
    );
    let verdicts: Vec<Json> = serde_json::from_str(&text("emitted-verdicts.json")).unwrap();
    assert_eq!(verdicts.len(), cases.len());
    let mut wrong = String::new();
    for ((case, yaml), go) in cases.iter().zip(&emitted).zip(&verdicts) {
        let read_by_go = verdict(go);
        let read_by_us = ours(yaml);
        if !read_by_go.as_ref().is_some_and(|go| same(case, go)) {
            let _ = writeln!(wrong, "go: {yaml:?}\n  {case}\n  {go}");
        }
        if !read_by_us.as_ref().is_ok_and(|ours| same(case, ours)) {
            let _ = writeln!(wrong, "us: {yaml:?}\n  {case}\n  {read_by_us:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_layout_is_kubectl_s() {
    let value = serde_json::json!({
        "image": {"tag": "1.25", "repo": "nginx:1"}, "empty": {}, "none": [], "list": ["yes", {"a": 1, "b": [2]}, [3, 4]],
        "script": "a\n  b\n", "on": null,
    });
    let expected = "\
image:
  tag: \"1.25\"
  repo: nginx:1
empty: {}
none: []
list:
- \"yes\"
- a: 1
  b:
  - 2
- - 3
  - 4
script: |
  a
    b
\"on\": null
";
    assert_eq!(emit(&value), expected);
}

#[test]
fn comments_stand_above_their_entry_and_stay_in_their_line() {
    let value = serde_json::json!({"a/b": 1, "l": [{"c": 2, "d": 3}, [{"e": 4}]], "m": {"o": 5}});
    let comment = |node: &Node| match node.scalar()? {
        "1" => Some("one\r: x\u{2028}y: 2\u{1b}\ntwo".to_owned()),
        number => Some(format!("value {number}")),
    };
    let expected = "\
# one\\r: x\\u2028y: 2\\x1b
# two
a/b: 1
l:
-
  # value 2
  c: 2
  # value 3
  d: 3
- -
    # value 4
    e: 4
m:
  # value 5
  o: 5
";
    let yaml = write(&node(&value), &comment);
    assert_eq!(yaml, expected);
    assert!(same(&ours(&yaml).unwrap(), &value));
}

#[test]
fn cloning_shares_the_tree() {
    let root = node(&serde_json::json!({"a": [1]}));
    let (crate::value::Value::Mapping(one), crate::value::Value::Mapping(two)) =
        (&root.value, &root.clone().value)
    else {
        panic!("no mapping");
    };
    assert!(Arc::ptr_eq(one, two));
}
