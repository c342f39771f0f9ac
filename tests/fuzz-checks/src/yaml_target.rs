//! The YAML reader and writer, beside Go's reader: `sigs.k8s.io/yaml` on go-yaml v2, with the
//! documents of a file split and merged by Helm's code.

use serde_json::Value;
use site_render::finding::Finding;
use site_render::yaml::Parsed;
use site_render::{json, yaml};

use super::change_lines::{Language, change_lines};
use super::oracle::Oracle;
use super::yaml_differences::{Reading, Verdict};

/// How often Go reads a document again whose value differs from ours.
const AGAIN: usize = 24;

const LANGUAGE: Language = Language {
    lines: &[
        "a: 1",
        "b:",
        "- x",
        "- - y",
        "- a: 1",
        "? k",
        ": v",
        "? - k",
        "a: &x {b: 1}",
        "<<: *x",
        "<<: [*x, {c: 2}]",
        "c: *x",
        "- &y z",
        "- *y",
        "*y : 1",
        "s: |",
        "s: |-",
        "s: |+",
        "s: >",
        "s: >-",
        "s: >2",
        "s: |1+",
        "  text",
        "   more",
        "",
        "# note",
        "---",
        "--- # note",
        "--- a",
        "...",
        "%YAML 1.1",
        "{a: 1, b: [2, 3]}",
        "[a, {b: c}, ]",
        "q: \"a\\",
        "  b\"",
        "q: 'it''s",
        "plain text",
        "  goes on",
        "a: 'x' # note",
        "t: !!str 1",
        "t: !!binary aGk=",
        "t: !!set {a, b}",
        "t: !own {a: 1}",
        "- !!int '1'",
    ],
    words: &[
        ":",
        ": ",
        "-",
        "- ",
        "?",
        "? ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "#",
        " #",
        "&x",
        "*x",
        "!!str",
        "!!int",
        "!!float",
        "!!bool",
        "!!null",
        "!!binary",
        "!!map",
        "!!seq",
        "!!merge",
        "!!timestamp",
        "!",
        "!own",
        "|",
        ">",
        "|-",
        ">+",
        "|2",
        "'",
        "''",
        "\"",
        "\\",
        "\\n",
        "\\x41",
        "\\u0041",
        "\\/",
        "\\e",
        "%",
        "@",
        "`",
        "~",
        "null",
        "Null",
        "yes",
        "NO",
        "on",
        "y",
        "n",
        "true",
        "0",
        "-0",
        "+1",
        "007",
        "08",
        "0o7",
        "0x1F",
        "0b11",
        "1_000",
        "1:30",
        "1.5",
        "1.",
        ".5",
        "1e3",
        "1E+2",
        "1e999",
        ".inf",
        "-.INF",
        ".nan",
        "12345678901234567890",
        "9223372036854775808",
        "2001-01-01",
        "2001-01-01T00:00:00Z",
        "<<",
        "=",
        "---",
        "...",
        "\t",
        "\r",
        "\u{a0}",
        "\u{e9}",
        "\u{feff}",
        "\u{1f600}",
        "a",
        "key",
        "a b",
        "a: b",
        "a:b",
        "a#b",
        "a #b",
        "- a",
        "x",
    ],
};

/// Returns a changed document.
pub(super) fn change(document: &str, seed: u32) -> String {
    change_lines(document, seed, LANGUAGE)
}

/// Reads a document as we do and as Go does. If we read it, Go must also read what we write.
pub(super) fn check(document: &[u8], go: &mut Oracle) {
    let read = read(document);
    if let Verdict::Different(difference) = compare_reading(document, &read, go) {
        panic!("readings differ {difference}");
    }
    if let Ok((parsed, value)) = &read {
        check_written(&yaml::write(&parsed.root, &|_| None), value, go);
    }
}

/// What we read, and its value; or why we refuse the document.
type Read = Result<(Parsed, Value), Box<Finding>>;

fn read(document: &[u8]) -> Read {
    let parsed = yaml::decode("fuzz.yaml", document).and_then(|file| yaml::read(&file))?;
    let value = parse_json(&json::to_string(&parsed.root.value));
    Ok((parsed, value))
}

/// Reads a document as we do and as Go does, and compares the values.
pub(super) fn compare(document: &[u8], go: &mut Oracle) -> Verdict {
    compare_reading(document, &read(document), go)
}

fn compare_reading(document: &[u8], read: &Read, go: &mut Oracle) -> Verdict {
    // Nothing else is decoded, and the refusal has its own test.
    let Ok(text) = std::str::from_utf8(document) else { return Verdict::Same { is_read: false } };
    let ours = match read {
        Ok((_, value)) => Ok(value.clone()),
        Err(finding) => Err(&**finding),
    };
    let (theirs, rest) = read_in_go(text, go);
    let verdict = Reading { document: text, ours: ours.clone(), theirs, rest }.verdict();
    if !matches!((&verdict, &ours), (Verdict::Different(_), Ok(_))) {
        return verdict;
    }
    // Go orders keys at random before it drops those with the same text.
    let mut again = (0..AGAIN).map(|_| read_in_go(text, go).0);
    if again.any(|theirs| theirs.ok().as_ref() == ours.as_ref().ok()) {
        return Verdict::Intended("Go takes any of several keys that differ only in their type");
    }
    verdict
}

/// Returns what Go reads, and its error for what Helm does not look at.
fn read_in_go(text: &str, go: &mut Oracle) -> (Result<Value, String>, String) {
    match go.ask(text.as_bytes()) {
        Ok(mut reading) => {
            let rest = reading["rest"].as_str().unwrap_or_default().to_owned();
            (Ok(reading["value"].take()), rest)
        }
        Err(why) => (Err(why), String::new()),
    }
}

/// Checks that Go reads a text of our writer as the value that was written.
pub(super) fn check_written(text: &str, value: &Value, go: &mut Oracle) {
    let (back, rest) = read_in_go(text, go);
    assert!(
        back.as_ref().is_ok_and(|back| is_same(back, value)) && rest.is_empty(),
        "Go misreads what we write\n  text  {text:?}\n  value {value}\n  back  {back:?} {rest}"
    );
}

/// Returns whether Go has read a value. Of a number other than an integer of 64 bits it prints another
/// text of the same double.
fn is_same(back: &Value, value: &Value) -> bool {
    match (back, value) {
        (Value::Number(back), Value::Number(written)) => {
            let is_double = !written.is_i64() && !written.is_u64();
            back == written || is_double && back.as_f64() == written.as_f64()
        }
        (Value::Array(back), Value::Array(written)) => {
            back.len() == written.len()
                && back.iter().zip(written).all(|(back, written)| is_same(back, written))
        }
        (Value::Object(back), Value::Object(written)) => {
            let same = |(key, written)| back.get(key).is_some_and(|back| is_same(back, written));
            back.len() == written.len() && written.iter().all(same)
        }
        _ => back == value,
    }
}

/// Parses JSON that we have written.
fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in our JSON {text:?}"))
}
