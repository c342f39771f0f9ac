//! JSON in and out of [`Value`]s, number digits kept.
//!
//! What is printed here is valid YAML too, for every reader that a document may meet.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::origin::Origin;
use crate::value::{Mapping, Node, Value};

#[cfg(test)]
mod tests;

/// Parses JSON text; every node gets `origin`.
pub fn parse(text: &str, origin: &Origin) -> Result<Value, String> {
    let tree: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    Ok(from_serde(&tree, origin))
}

/// One line of JSON, keys in their order, every character beyond printable ASCII that
/// YAML 1.1 readers trip over escaped.
pub fn to_string(value: &Value) -> String {
    let mut json = String::new();
    print_value(value, &mut json);
    json
}

/// The same tree as `serde_json`'s, for libraries that want it.
pub fn to_serde(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => serde_json::Value::Bool(*value),
        Value::Number(digits) => serde_number(digits),
        Value::Text(text) => serde_json::Value::String(text.to_string()),
        Value::Sequence(items) => serde_json::Value::Array(items.iter().map(to_serde).collect()),
        Value::Mapping(mapping) => serde_json::Value::Object(
            mapping.iter().map(|(key, node)| (key.to_string(), to_serde(node))).collect(),
        ),
    }
}

/// `serde_json`'s tree as ours; every node gets `origin`.
pub fn from_serde(value: &serde_json::Value, origin: &Origin) -> Value {
    let node = |value| Node { value: from_serde(value, origin), origin: origin.clone() };
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Number(number.to_string().into()),
        serde_json::Value::String(text) => Value::Text(text.as_str().into()),
        serde_json::Value::Array(items) => {
            Value::Sequence(Arc::new(items.iter().map(node).collect()))
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(k, v)| (k.as_str().into(), node(v)));
            Value::Mapping(Arc::new(entries.collect::<Mapping>()))
        }
    }
}

/// Digits that are no JSON number cannot come from our readers; as text they are seen.
fn serde_number(digits: &str) -> serde_json::Value {
    serde_json::from_str::<serde_json::Number>(digits)
        .map_or_else(|_| serde_json::Value::String(digits.to_owned()), serde_json::Value::Number)
}

fn print_value(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => json.push_str(digits),
        Value::Text(text) => print_string(text, json),
        Value::Sequence(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                print_value(&item.value, json);
            }
            json.push(']');
        }
        Value::Mapping(mapping) => {
            json.push('{');
            for (index, (key, node)) in mapping.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                print_string(key, json);
                json.push(':');
                print_value(&node.value, json);
            }
            json.push('}');
        }
    }
}

fn print_string(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if must_escape(c) => {
                // Writing to a string cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// Go escapes the first three kinds for HTML's sake; YAML 1.1 trips over the others.
fn must_escape(c: char) -> bool {
    matches!(
        c,
        '<' | '>' | '&'
            | '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
