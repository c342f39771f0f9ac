//! Tests of the limits against hostile files.

use std::fmt::Write as _;

use super::super::decode;
use super::{error, json, read};

#[test]
fn nesting_has_a_limit() {
    let deepest = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert!(read(&deepest).is_ok());
    for open in ["[", "{a: ", "- ", "[{a: "] {
        let text = error(&open.repeat(10_000));
        assert!(text.ends_with("yaml/depth"), "{open}: {text}");
    }
    let lines = (0..10_000).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level % 2000));
        text
    });
    assert!(error(&lines).ends_with("yaml/depth"));
}

#[test]
fn aliases_do_not_nest_deeper_than_that() {
    let mut text = format!("- &a0 {}1{}\n", "[".repeat(150), "]".repeat(150));
    for level in 1..60 {
        let _ = writeln!(text, "- &a{level} [*a{}]", level - 1);
    }
    assert!(error(&text).ends_with("yaml/depth"));
}

#[test]
fn an_alias_bomb_is_an_error() {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        let list = vec![format!("*a{}", level - 1); 10].join(",");
        let _ = writeln!(text, "a{level}: &a{level} [{list}]");
    }
    assert!(error(&text).ends_with("yaml/aliases"));
}

#[test]
fn a_million_values_are_too_many() {
    assert!(error(&"- 1\n".repeat(1_000_001)).ends_with("yaml/size"));
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let bad = decode("a.yaml", b"a: 1\nb: \xff\n").unwrap_err();
    assert_eq!(bad.message, "a.yaml is not UTF-8: byte 8, on line 2");
    let bad = decode("a.yaml", b"a: 1\nb: x\0y\n").unwrap_err();
    assert_eq!(
        (bad.code.as_ref(), bad.place.unwrap().to_string().as_str()),
        ("yaml/control-character", "a.yaml:2:5")
    );
    for text in ["\u{1}", "\u{7f}", "\u{80}", "\u{9f}", "\u{fffe}", "\u{1b}"] {
        assert_eq!(error(text), "site.yaml:1:1 yaml/control-character", "{text:?}");
    }
    for text in ["# \u{2028}a: 1", "# \u{85}a: 1", "# \u{2029}a: 1"] {
        assert_eq!(error(text), "site.yaml:1:3 yaml/line-break", "{text:?}");
    }
    assert!(read("a: \u{fffd}é☃😀\u{a0}").is_ok());
}

#[test]
fn byte_order_mark_and_carriage_returns_are_accepted() {
    let file = decode("a.yaml", b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n").unwrap();
    assert!(file.text.starts_with("a: 1"));
    assert_eq!(json(&file.text), r#"{"a":1,"b":{"c":"x\ny\n"}}"#);
}
