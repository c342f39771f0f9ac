//! Converts JSON to and from [`Value`]s, and keeps the digits of numbers.
//!
//! The output is valid YAML too, and every YAML reader parses it to the same values.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::origin::Origin;
use crate::value::{Mapping, Node, Value};

#[cfg(test)]
mod tests;

/// Parses JSON text; every node gets `origin`.
pub fn parse(text: &str, origin: &Origin) -> Result<Value, String> {
    let tree = parse_tree(text)?;
    Ok(from_serde(&tree, origin))
}

/// Parses a JSON text whose numbers are in the range of a double: Go reads others as texts.
pub(crate) fn parse_tree(text: &str) -> Result<serde_json::Value, String> {
    fn outside(tree: &serde_json::Value) -> Option<&serde_json::Number> {
        match tree {
            serde_json::Value::Array(items) => items.iter().find_map(outside),
            serde_json::Value::Object(entries) => entries.values().find_map(outside),
            serde_json::Value::Number(number) => {
                number.as_f64().is_none_or(|double| !double.is_finite()).then_some(number)
            }
            _ => None,
        }
    }
    let tree = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match outside(&tree) {
        Some(number) => Err(format!("the number {number} is out of range")),
        None => Ok(tree),
    }
}

/// Returns the value as one line of JSON. Keys keep their order. Characters beyond printable ASCII
/// that YAML 1.1 readers misread are escaped.
pub fn to_string(value: &Value) -> String {
    let mut json = String::new();
    print_value(value, &mut json);
    json
}

/// Returns the value as JSON like [`to_string`], or `None` if that has more than `limit` bytes. It
/// stops at the limit, so a caller can bound its memory before it is taken.
pub fn to_string_within(value: &Value, limit: usize) -> Option<String> {
    let mut json = String::new();
    print_limited(value, &mut json, limit).then_some(json)
}

/// Returns the beginning of a value's JSON: all of it, or more bytes than the limit. A secret at its
/// end may be in two.
pub(crate) fn beginning(value: &Value, limit: usize) -> String {
    let mut json = String::new();
    print_limited(value, &mut json, limit);
    json
}

/// Returns whether two values have the same JSON, including the order of their keys.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Number(one), Value::Number(other)) | (Value::Text(one), Value::Text(other)) => {
            one == other
        }
        (Value::Sequence(one), Value::Sequence(other)) => {
            let mut pairs = one.iter().zip(other.iter());
            one.len() == other.len() && pairs.all(|(one, other)| is_same(&one.value, &other.value))
        }
        (Value::Mapping(one), Value::Mapping(other)) => {
            let mut pairs = one.iter().zip(other.iter());
            one.len() == other.len()
                && pairs.all(|((key, one), (same, other))| {
                    key == same && is_same(&one.value, &other.value)
                })
        }
        _ => false,
    }
}

/// Returns an upper bound of the number of keys and values in a JSON text, without parsing it: a
/// text may take a hundred times its length as a tree.
pub fn count_values(text: &str) -> usize {
    let (mut count, mut in_string, mut escaped) = (1, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b':' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// Converts a node to `serde_json`'s tree, for libraries that need it.
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

/// Converts `serde_json`'s tree; every node gets `origin`.
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

/// Converts the digits of a number. Our readers produce valid JSON numbers only; anything else
/// becomes a string, so that the error is visible in the output.
fn serde_number(digits: &str) -> serde_json::Value {
    serde_json::from_str::<serde_json::Number>(digits)
        .map_or_else(|_| serde_json::Value::String(digits.to_owned()), serde_json::Value::Number)
}

/// Appends a value as JSON.
fn print_value(value: &Value, json: &mut String) {
    print_limited(value, json, usize::MAX);
}

/// Appends a value as JSON; returns false if the text exceeds the limit, where it stops.
fn print_limited(value: &Value, json: &mut String, limit: usize) -> bool {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => json.push_str(digits),
        Value::Text(text) => print_string(text, json, limit),
        Value::Sequence(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                if !print_limited(&item.value, json, limit) {
                    return false;
                }
            }
            json.push(']');
        }
        Value::Mapping(mapping) => {
            json.push('{');
            for (index, (key, node)) in mapping.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                print_string(key, json, limit);
                json.push(':');
                if !print_limited(&node.value, json, limit) {
                    return false;
                }
            }
            json.push('}');
        }
    }
    json.len() <= limit
}

/// Appends a quoted and escaped string, up to the character that exceeds the limit.
fn print_string(text: &str, json: &mut String, limit: usize) {
    json.push('"');
    for c in text.chars() {
        if json.len() > limit {
            return;
        }
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if must_escape(c) => {
                // Writing to a `String` cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// Returns whether a character must be escaped. Go escapes the first three for HTML; YAML 1.1
/// readers misread the others.
fn must_escape(c: char) -> bool {
    matches!(
        c,
        '<' | '>' | '&'
            | '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
