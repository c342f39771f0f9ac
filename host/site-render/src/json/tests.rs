//! Tests of reading and writing JSON.

use super::{from_serde, parse, to_serde, to_string};
use crate::origin::Origin;
use crate::value::Node;

const ORIGIN: Origin = Origin::Built("a test");

fn again(text: &str) -> String {
    to_string(&parse(text, &ORIGIN).unwrap())
}

#[test]
fn digits_and_order_are_kept() {
    let text = r#"{"b":1e3,"a":[1.50,-0,12345678901234567890123,1E400,0.10],"c":{}}"#;
    let same = text.replace("1e3", "1e+3").replace("1E400", "1e+400");
    assert!([text.to_owned(), same].contains(&again(text)), "{}", again(text));
}

#[test]
fn what_yaml_readers_trip_over_is_escaped() {
    let text = "\"\u{7f}\u{85}\u{2028}\u{feff}\u{fffe}<&>\u{1}é→\"".replace('\u{1}', "\\u0001");
    let expected = r#""\u007f\u0085\u2028\ufeff\ufffe\u003c\u0026\u003e\u0001é→""#;
    assert_eq!(again(&text), expected);
}

#[test]
fn a_deep_document_is_an_error() {
    assert!(parse(&"[".repeat(100_000), &ORIGIN).is_err());
    assert!(parse(&"[".repeat(200), &ORIGIN).unwrap_err().contains("recursion"));
}

#[test]
fn broken_text_is_an_error_with_a_place() {
    assert!(parse("{\"a\": }", &ORIGIN).unwrap_err().contains("line 1"));
}

#[test]
fn serde_trees_go_both_ways() {
    let tree: serde_json::Value = serde_json::from_str(r#"{"a":[null,true,"x",1.5]}"#).unwrap();
    let node = Node { value: from_serde(&tree, &ORIGIN), origin: ORIGIN };
    assert_eq!(to_serde(&node), tree);
}
