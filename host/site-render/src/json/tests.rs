//! Tests of reading and writing JSON.

use super::*;

const ORIGIN: Origin = Origin::Built("a test");

fn again(text: &str) -> String {
    to_string(&parse(text, &ORIGIN).unwrap())
}

#[test]
fn digits_and_order_are_kept() {
    let text = r#"{"b":1e3,"a":[1.50,-0,12345678901234567890123,1E300,0.10],"c":{}}"#;
    let same = text.replace("1e3", "1e+3").replace("1E300", "1e+300");
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

#[test]
fn a_text_is_written_up_to_a_limit() {
    let value = parse(r#"{"a":["x","yy",{"b":null}],"c":"zzz"}"#, &ORIGIN).unwrap();
    let whole = to_string(&value);
    assert_eq!(to_string_within(&value, whole.len()).as_deref(), Some(whole.as_str()));
    for limit in 0..whole.len() {
        assert_eq!(to_string_within(&value, limit), None, "{limit}");
    }
    assert!(beginning(&value, 9).len() > 9 && whole.starts_with(&beginning(&value, 9)));
    assert_eq!(beginning(&value, whole.len()), whole);
}

#[test]
fn the_values_of_a_text_are_counted_without_parsing_it() {
    for (text, count) in
        [("1", 1), ("[]", 2), ("[{},{}]", 5), (r#"{"a":"[,:{"}"#, 3), (r#"["\",",1]"#, 3)]
    {
        assert_eq!(count_values(text), count, "{text}");
    }
}

#[test]
fn equal_values_have_the_same_json() {
    let read = |text| parse(text, &ORIGIN).unwrap();
    let texts = [
        "null",
        "true",
        "1",
        "1.0",
        "\"1\"",
        "[]",
        "[1]",
        "[1,2]",
        "{}",
        r#"{"a":1}"#,
        r#"{"a":1,"b":2}"#,
        r#"{"b":2,"a":1}"#,
    ];
    for one in texts {
        for other in texts {
            assert_eq!(is_same(&read(one), &read(other)), one == other, "{one} {other}");
        }
    }
}

#[test]
fn a_number_outside_the_range_of_a_double_is_no_json() {
    for text in ["1e400", "-1e400", r#"{"a":[1,1e999]}"#] {
        let why = parse(text, &Origin::Built("test")).unwrap_err();
        assert!(why.contains("is out of range"), "{why}");
    }
    assert!(parse("1e308", &Origin::Built("test")).is_ok());
}
