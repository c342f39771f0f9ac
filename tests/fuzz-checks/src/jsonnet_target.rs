//! The values that Jsonnet evaluates to, beside Go's JSON.

use std::sync::Arc;

use serde_json::Value;
use site_render::origin::SourceFile;
use site_render::{json, jsonnet};

use super::change_lines::{Language, change_lines};
use super::oracle::Oracle;

const LANGUAGE: Language = Language {
    lines: &["{", "}", "[", "]", "\"a\": 1,", "\"b\": {\"c\": [1, 2]},", "1,", "\"x\",", "null"],
    words: &[
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "\"a\"",
        "\"a\":",
        "\"\"",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "1",
        "1.0",
        "1.5",
        "1e3",
        "1E-7",
        "1e20",
        "1e21",
        "1e-6",
        "1e-7",
        "1e308",
        "1e309",
        "-1e400",
        "1e-400",
        "5e-324",
        "9007199254740993",
        "12345678901234567890",
        "0.1",
        "123456789.123456789",
        "01",
        "+1",
        ".5",
        "1.",
        "\"\\u0041\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\n\"",
        "\"<&>\"",
        "\"\u{2028}\"",
        "\"\u{e9}\"",
        "\\",
    ],
};

/// What we refuse although Go reads it: a part of the message, and the reason.
const REFUSALS: &[(&str, &str)] = &[
    ("recursion limit exceeded", "our limit of nesting is below Go's"),
    ("lone leading surrogate", "it is no character; Go replaces it"),
    ("unexpected end of hex escape", "half of a surrogate pair; Go replaces it"),
    ("invalid unicode code point", "it is no character; Go replaces it"),
];

/// Returns a changed JSON text.
pub(super) fn change(text: &str, seed: u32) -> String {
    change_lines(text, seed, LANGUAGE)
}

/// Compares numbers as doubles, which they are in Jsonnet: half way between two digits, Go and Rust
/// print different ones of the same number.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same = |(key, value)| theirs.get(key).is_some_and(|other| is_same(value, other));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => ours == theirs,
    }
}

/// Returns whether Go refuses a number that a later value of its key replaces. No evaluator writes a
/// key twice.
fn is_overwritten(why: &str, printed: &str) -> bool {
    let number =
        why.split_once("cannot unmarshal number ").and_then(|(_, rest)| rest.split(' ').next());
    number.is_some_and(|number| !printed.contains(number))
}

/// Reads a JSON text as the result of an evaluation.
pub(super) fn check(text: &[u8], go: &mut Oracle) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let file = Arc::new(SourceFile::new("fuzz.jsonnet", text));
    let theirs = go.ask(text.as_bytes());
    match (jsonnet::values(&file, text), theirs) {
        (Ok(node), theirs) => {
            let printed = json::to_string(&node.value);
            let ours: Value = serde_json::from_str(&printed).expect("it is JSON");
            if theirs.as_ref().is_err_and(|why| is_overwritten(why, &printed)) {
                return;
            }
            assert!(
                theirs.as_ref().is_ok_and(|theirs| is_same(&ours, theirs)),
                "Go reads otherwise\n  of {text:?}\n  ours   {ours}\n  theirs {theirs:?}"
            );
        }
        (Err(_), Err(_)) => {}
        (Err(why), Ok(theirs)) => {
            let listed = REFUSALS.iter().any(|(part, _)| why.contains(part));
            assert!(listed, "refused: {why}\n  of {text:?}\n  theirs {theirs}");
        }
    }
}
