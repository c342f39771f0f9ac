//! Hides secrets in values of documents.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::clip::cut;
use super::literals::is_literal;
use super::marks::{DocumentNode, Marks};
use super::secret_nodes::{value_among_keys, with_names};
use super::shown_text::{HIDDEN, hidden_in_text, replace_ranges, shown_text};
use super::source_text::hidden_ranges;
use crate::json;
use crate::value::{Mapping, Node, Value};

/// Returns a value as one line of JSON, without secrets; `secret` says whether it is one itself.
pub(crate) fn shown_json(node: &Node, secret: bool) -> String {
    json::to_string(&shown_node(node, secret).value)
}

/// Returns the first characters of [`shown_json`], with `…` if it is longer. It copies little more
/// of the value than that.
pub(crate) fn shown_json_clipped(node: &Node, secret: bool, characters: usize) -> String {
    // A character has up to four bytes.
    let room = characters.saturating_mul(4).saturating_add(4);
    let json = json::beginning(&hide(node, secret, &mut Room(room)).value, room);
    cut(&json, characters)
}

/// Returns a value without secrets; `secret` says whether it is one itself.
pub(crate) fn shown_node(node: &Node, secret: bool) -> Node {
    hide(node, secret, &mut Room(usize::MAX))
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
        Value::Mapping(mapping) => {
            Value::Mapping(Arc::new(hide_entries(node, mapping, secret, room)))
        }
        Value::Sequence(items) => {
            let items = with_names(items)
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

fn hide_entries(node: &Node, mapping: &Mapping, secret: bool, room: &mut Room) -> Mapping {
    let marks = Marks::of(node);
    let secret_key = value_among_keys(mapping);
    let entries = mapping.iter().map_while(|(key, child)| {
        let below = marks.is_secret(key, secret, child.is_mapping());
        let is_secret = secret_key == Some(&**key);
        let key: Arc<str> = Arc::from(if is_secret { HIDDEN.into() } else { shown_text(key) });
        room.take(key.len()).then(|| (key, hide(child, below, room)))
    });
    entries.collect()
}

/// Returns a text, which may be a whole file, without secrets.
pub(crate) fn shown_lines(text: &str) -> Cow<'_, str> {
    replace_ranges(text, hidden_in_lines(text))
}

/// Returns the byte ranges of the secrets in a text, which may be a whole file, in no order.
pub(super) fn hidden_in_lines(text: &str) -> Vec<Range<usize>> {
    if text.contains('\n') { hidden_ranges(text) } else { hidden_in_text(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{shown_json, shown_json_clipped};
    use crate::disclosure::secret_nodes::is_secret_at;
    use crate::json::from_serde;
    use crate::origin::Origin;
    use crate::value::Node;

    fn shown(path: &str, value: &serde_json::Value) -> String {
        let origin = Origin::Built("a test");
        let node = Node { value: from_serde(value, &origin), origin };
        let is_parent = node.as_mapping().is_some();
        let path = if is_parent { format!("{path}/") } else { path.to_owned() };
        shown_json(&node, is_secret_at(&serde_json::Value::Null, &path))
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
            shown("/a", &json!([["password", "x1"], ["DB_PASSWORD", 5], ["A_PASSWORD", "A_USER"]])),
            r#"[["password","***"],["DB_PASSWORD","***"],["A_PASSWORD","A_USER"]]"#
        );
        assert_eq!(
            shown("/a", &json!([{"DB_PASSWORD": null, "x": null}, {"token": null, "user": null}])),
            r#"[{"DB_PASSWORD":null,"***":null},{"token":null,"user":null}]"#
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
        let whole = shown_json(&node, false);
        assert!(whole.contains("***"));
        for length in 0..whole.chars().count() {
            let start: String = whole.chars().take(length).chain(['…']).collect();
            assert_eq!(shown_json_clipped(&node, false, length), start);
        }
        assert_eq!(shown_json_clipped(&node, false, whole.len()), whole);
        let many = Node::built(from_serde(&json!(vec!["x"; 1000]), &node.origin), "a test");
        assert_eq!(shown_json_clipped(&many, true, 8), "[\"***\",\"…");
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
}
