//! Hides secrets in values of documents and in data for programs.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use super::key_names::{Sensitivity, is_reference, names_secret, sensitivity};
use super::literals::is_literal;
use super::secret_nodes::{is_secret_below, with_options};
use super::shown_text::{HIDDEN, replace_ranges, shown_text};
use super::source_text::hidden_ranges;
use crate::json;
use crate::value::{Mapping, Node, Value, unescape};

/// Keywords of JSON Schema that hold values.
const SCHEMA_VALUES: [&str; 4] = ["default", "const", "enum", "examples"];

/// Returns whether the value at a JSON Pointer is a secret by the names of its keys.
pub(crate) fn is_secret_path(path: &str) -> bool {
    let last = path.matches('/').count();
    path.split('/').enumerate().fold(false, |secret, (at, key)| {
        // A mapping below `secrets` has names of Secrets.
        let is_parent = key == "secrets" && at < last;
        !is_reference(key) && (secret || names_secret(key) && !is_parent)
    })
}

/// Returns the value at a JSON Pointer as one line of JSON, without secrets.
pub fn shown_json(path: &str, node: &Node) -> String {
    let keys: Vec<String> = path.split('/').map(unescape).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    json::to_string(&shown_node(&keys, node).value)
}

/// Returns the first characters of [`shown_json`], with `…` if it is longer. It copies little more
/// of the value than that.
pub(crate) fn shown_json_clipped(path: &str, node: &Node, characters: usize) -> String {
    let keys: Vec<String> = path.split('/').map(unescape).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    // A character has up to four bytes.
    let room = characters.saturating_mul(4).saturating_add(4);
    json::to_clipped(&shown_start_of(&keys, node, room).value, characters)
}

/// Returns a value without secrets; `keys` are those above it.
pub(crate) fn shown_node(keys: &[&str], node: &Node) -> Node {
    shown_start_of(keys, node, usize::MAX)
}

/// Returns a value without secrets; it ends where its JSON has more than `room` bytes.
fn shown_start_of(keys: &[&str], node: &Node, room: usize) -> Node {
    let secret = keys.iter().enumerate().fold(false, |secret, (at, key)| {
        let is_last = at + 1 == keys.len();
        let ambiguous = sensitivity(key) == Sensitivity::Ambiguous;
        let is_parent = ambiguous && (!is_last || node.as_mapping().is_some());
        !is_reference(key) && (secret || names_secret(key) && !is_parent)
    });
    hide(node, secret, &mut Room(room))
}

/// The bytes of JSON that are still copied.
struct Room(usize);

impl Room {
    /// Takes a text or a value; returns false if there was no room left for it.
    fn take(&mut self, bytes: usize) -> bool {
        let had_room = self.0 > 0;
        self.0 = self.0.saturating_sub(bytes.max(1));
        had_room
    }
}

fn hide(node: &Node, secret: bool, room: &mut Room) -> Node {
    let value = match &node.value {
        Value::Mapping(mapping) => Value::Mapping(Arc::new(hide_entries(mapping, secret, room))),
        Value::Sequence(items) => {
            let items = with_options(items)
                .map_while(|(item, below)| room.take(1).then(|| hide(item, secret || below, room)));
            Value::Sequence(Arc::new(items.collect()))
        }
        Value::Text(text) if secret && is_literal(text) => Value::Text(HIDDEN.into()),
        Value::Number(_) if secret => Value::Text(HIDDEN.into()),
        Value::Text(text) => match shown_lines(text) {
            Cow::Borrowed(_) => node.value.clone(),
            Cow::Owned(shown) => Value::Text(shown.into()),
        },
        other => other.clone(),
    };
    if let Value::Text(text) | Value::Number(text) = &value {
        room.take(text.len());
    }
    Node { value, origin: node.origin.clone() }
}

fn hide_entries(mapping: &Mapping, secret: bool, room: &mut Room) -> Mapping {
    let text_of = |key: &str| mapping.get(key).and_then(Node::as_text);
    let named = text_of("name").is_some_and(names_secret);
    let is_object = text_of("kind") == Some("Secret");
    let entries = mapping.iter().map_while(|(key, child)| {
        let is_value = named && matches!(&**key, "value" | "default");
        let is_data = is_object && matches!(&**key, "data" | "stringData");
        let below = is_value || is_data || is_secret_below(key, secret, child);
        let key: Arc<str> = Arc::from(&*shown_text(key));
        room.take(key.len()).then(|| (key, hide(child, below, room)))
    });
    entries.collect()
}

/// Returns a text, which may be a whole file, without secrets.
fn shown_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { replace_ranges(text, hidden_ranges(text)) } else { shown_text(text) }
}

/// Hides secrets in data for programs: in each text, and in the default and allowed values of a
/// schema's property that names a secret. Keys and structure remain.
pub fn shown_data(data: &mut Json) {
    hide_data(data, false);
}

fn hide_data(data: &mut Json, secret: bool) {
    match data {
        Json::String(text) => {
            if let Cow::Owned(shown) = shown_lines(text) {
                *text = shown;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| hide_data(item, false)),
        Json::Object(entries) => {
            for (key, child) in entries.iter_mut() {
                if secret && SCHEMA_VALUES.contains(&key.as_str()) {
                    hide_all(child);
                } else {
                    hide_data(child, names_secret(key));
                }
            }
        }
        _ => {}
    }
}

fn hide_all(data: &mut Json) {
    match data {
        Json::Array(items) => items.iter_mut().for_each(hide_all),
        Json::Object(entries) => entries.values_mut().for_each(hide_all),
        Json::Null | Json::Bool(_) => {}
        other => *other = HIDDEN.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{shown_data, shown_json, shown_json_clipped};
    use crate::json::from_serde;
    use crate::origin::Origin;
    use crate::value::Node;

    fn shown(path: &str, value: &serde_json::Value) -> String {
        let origin = Origin::Built("a test");
        shown_json(path, &Node { value: from_serde(value, &origin), origin })
    }

    #[test]
    fn a_value_is_hidden_by_the_keys_above_and_in_it() {
        assert_eq!(shown("/a/dbPassword", &json!("x")), r#""***""#);
        assert_eq!(
            shown("/password/0", &json!(["x", 5, true, null])),
            r#"["***","***",true,null]"#
        );
        assert_eq!(
            shown("/a", &json!({"token": "x", "user": "u", "existingSecret": "e"})),
            r#"{"token":"***","user":"u","existingSecret":"e"}"#
        );
        assert_eq!(
            shown("/env", &json!([{"name": "DB_PASSWORD", "value": "x"}])),
            r#"[{"name":"DB_PASSWORD","value":"***"}]"#
        );
        assert_eq!(
            shown("/x", &json!({"kind": "Secret", "data": {"a": "x"}})),
            r#"{"kind":"Secret","data":{"a":"***"}}"#
        );
        assert_eq!(
            shown("/args", &json!(["--password", "x", "--user", "u", "--token", "$(T)", "v"])),
            r#"["--password","***","--user","u","--token","$(T)","v"]"#
        );
        assert_eq!(
            shown("/config", &json!("A = 1\nPASSWORD = 'x'\n")),
            r#""A = 1\nPASSWORD = ***\n""#
        );
        assert_eq!(shown("/url", &json!("amqp://u:p1@h")), r#""amqp://***@h""#);
    }

    #[test]
    fn a_clipped_value_begins_like_the_whole_one() {
        let value = json!([{"password": "hunter2", "a": "é\n"}, [], {}, null, 12, "x".repeat(99)]);
        let origin = Origin::Built("a test");
        let node = Node { value: from_serde(&value, &origin), origin };
        let whole = shown_json("/a", &node);
        assert!(whole.contains("***"));
        for length in 0..whole.chars().count() {
            let start: String = whole.chars().take(length).chain(['…']).collect();
            assert_eq!(shown_json_clipped("/a", &node, length), start);
        }
        assert_eq!(shown_json_clipped("/a", &node, whole.len()), whole);
        let many = Node::built(from_serde(&json!(vec!["x"; 1000]), &node.origin), "a test");
        assert_eq!(shown_json_clipped("/password", &many, 8), "[\"***\",\"…");
    }

    #[test]
    fn references_are_shown() {
        for value in [
            json!("$(DB_PASSWORD)"),
            json!({"valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}}),
        ] {
            assert_eq!(shown("/password", &value), value.to_string());
        }
        let volume = json!({"secret": {"secretName": "x", "items": ["y"]}});
        assert_eq!(shown("/volumes/0", &volume), volume.to_string());
    }

    #[test]
    fn a_schema_keeps_its_structure() {
        let mut schema = json!({"password": {"type": "string", "default": "x", "enum": ["x"]}});
        shown_data(&mut schema);
        assert_eq!(
            schema,
            json!({"password": {"type": "string", "default": "***", "enum": ["***"]}})
        );
    }
}
