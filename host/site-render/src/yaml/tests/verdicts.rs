//! Compares with the results of the real Go library in `fixtures/yaml/verdicts`.

use std::fs;

use serde_json::Value;

use super::read;
use crate::json;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/yaml/verdicts");

pub(super) fn text(name: &str) -> String {
    fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

pub(super) fn save(name: &str, text: &str) {
    fs::write(format!("{FOLDER}/{name}"), text).unwrap();
}

/// Returns Go's JSON, or `None` if Go rejects the input; the order of keys is ignored.
pub(super) fn verdict(verdict: &Value) -> Option<Value> {
    verdict.as_str().map(|json| serde_json::from_str(json).unwrap())
}

pub(super) fn ours(document: &str) -> Result<Value, String> {
    let parsed = read(document).map_err(|e| e.to_string())?;
    let text = json::to_string(&parsed.root.value);
    Ok(serde_json::from_str(&text).unwrap())
}

/// Returns the names of the inputs with different results.
fn disagreements<'n>(cases: impl Iterator<Item = (&'n str, String, &'n Value)>) -> Vec<&'n str> {
    let mut names = Vec::new();
    for (name, document, go) in cases {
        let (ours, go) = (ours(&document), verdict(go));
        if ours.as_ref().ok() != go.as_ref() {
            eprintln_case(name, &document, &format!("{ours:?}"), &format!("{go:?}"));
            names.push(name);
        }
    }
    names
}

#[expect(clippy::print_stderr, reason = "a failing test shows its cases")]
fn eprintln_case(name: &str, document: &str, ours: &str, go: &str) {
    eprintln!("{name}: {document:?}\n  ours {ours}\n  go   {go}");
}

fn scalars(group: &str, document: impl Fn(&str) -> String) -> Vec<String> {
    let inputs = text("scalars.txt");
    let verdicts: Value = serde_json::from_str(&text("scalars.json")).unwrap();
    let cases = inputs.lines().map(|scalar| {
        let go = &verdicts[group][scalar];
        assert!(!go.is_null(), "no verdict on {scalar}");
        (scalar, document(scalar), go)
    });
    disagreements(cases).into_iter().map(str::to_owned).collect()
}

#[test]
fn plain_scalars_mean_what_go_says() {
    let found = scalars("values", |scalar| format!("v: {scalar}\n"));
    assert_eq!(found, [""; 0]);
}

#[test]
fn keys_mean_what_go_says() {
    let found = scalars("keys", |scalar| format!("? {scalar}\n: v\n"));
    assert_eq!(found, [""; 0]);
}

#[test]
fn documents_mean_what_go_says() {
    let inputs = format!("\n{}", text("documents.txt"));
    let verdicts: Value = serde_json::from_str(&text("documents.json")).unwrap();
    let cases = inputs.split("\n=== ").skip(1).map(|part| {
        let (name, body) = part.split_once('\n').unwrap_or((part, ""));
        let go = &verdicts[name];
        assert!(!go.is_null(), "no verdict on {name}");
        (name, format!("{body}\n"), go)
    });
    assert_eq!(disagreements(cases), [""; 0]);
}
