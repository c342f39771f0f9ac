//! Refuses secrets as plain text in values: a secret must be a reference.
//!
//! Values files and edits are searched, because they are emitted. A chart's own defaults are
//! the responsibility of its author. The message never has the value, and its place never
//! shows the line.

use crate::codes;
use crate::disclosure::key_names::{self, Sensitivity};
use crate::disclosure::literals::is_literal;
use crate::disclosure::marks::Marks;
use crate::disclosure::secret_nodes::with_options;
use crate::disclosure::token_shapes::has_known_shape;
use crate::disclosure::url_credentials::has_url_credential;
use crate::finding::{Finding, Severity, Stage};
use crate::finding_list::FindingList;
use crate::origin::Location;
use crate::value::{Node, Value, escape};

/// Reports an error for each secret that is plain text.
pub(super) fn find_secrets(values: &Node, findings: &mut FindingList) {
    walk(values, false, &mut String::new(), findings);
}

/// Searches a value; `in_secret` says whether it is in the data of a Kubernetes Secret.
fn walk(node: &Node, in_secret: bool, path: &mut String, findings: &mut FindingList) {
    let length = path.len();
    match &node.value {
        Value::Mapping(mapping) => {
            let marks = Marks::of(node);
            for (key, child) in &**mapping {
                path.push('/');
                path.push_str(&escape(key));
                if is_certain(marks, key) && child.as_text().is_some_and(is_literal) {
                    findings.push_with(Severity::Error, || literal_secret(child, path));
                } else {
                    walk(child, in_secret || marks.is_object_data(key), path, findings);
                }
                path.truncate(length);
            }
        }
        Value::Sequence(items) => {
            let items = with_options(items, key_names::is_certain);
            for (index, (item, of_option)) in items.enumerate() {
                path.push('/');
                path.push_str(&index.to_string());
                if of_option && item.as_text().is_some() {
                    findings.push_with(Severity::Error, || literal_secret(item, path));
                } else {
                    walk(item, in_secret, path, findings);
                }
                path.truncate(length);
            }
        }
        Value::Text(text) if in_secret && is_literal(text) || has_secret(text) => {
            findings.push_with(Severity::Error, || literal_secret(node, path));
        }
        _ => {}
    }
}

/// Returns whether the value of a key is a secret for certain. Of the keys beside a name only
/// `value` is: the default or the text of an option named `password` may be words.
fn is_certain(marks: Marks, key: &str) -> bool {
    key_names::is_certain(key)
        || key.eq_ignore_ascii_case("value") && marks.sensitivity(key) == Sensitivity::Certain
}

/// Returns whether a text has a private key, a token of a known issuer, or a URL with a
/// credential.
fn has_secret(text: &str) -> bool {
    has_known_shape(text) || has_url_credential(text)
}

fn literal_secret(node: &Node, path: &str) -> Finding {
    let place = node.origin.place().map(Location::without_text);
    codes::SECRET_LITERAL.finding(format!("`{path}` has a secret as plain text"))
        .stage(Stage::Validate)
        .at(place)
        .on(path.to_owned())
        .hint("keep it in a Secret and refer to it; values end up in Git, in Argo CD's cache and in its UI")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::find_secrets;
    use crate::finding_list::FindingList;
    use crate::json::from_serde;
    use crate::origin::Origin;
    use crate::value::Node;

    fn paths_of_secrets(value: &serde_json::Value) -> Vec<Option<String>> {
        let origin = Origin::Built("a test");
        let node = Node { value: from_serde(value, &origin), origin };
        let mut findings = FindingList::default();
        find_secrets(&node, &mut findings);
        findings.into_vec().into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn a_literal_behind_an_option_or_beside_a_reference_is_refused() {
        for (value, count) in [
            (json!({"args": ["--password", "hunter2", "--user", "u"]}), 1),
            (json!({"args": ["--password", "$(PASSWORD)", "--api-key", "--verbose"]}), 0),
            (json!({"args": ["--password-file", "/run/x"]}), 0),
            (json!({"password": "${A}hunter2", "apiKey": "vault:hunter2"}), 2),
            (json!({"password": "{{ .Values.x }}", "apiKey": "vault:a/b#KEY"}), 0),
            (json!({"u": "amqp://:it'sx@h", "v": "http://u:12/x@h", "w": "https:\\/\\/u:p@h"}), 3),
            (json!({"u": "oci://registry:5000/image@sha256:00", "v": "http://h:80/@a/b"}), 0),
        ] {
            assert_eq!(paths_of_secrets(&value).len(), count, "{value}");
        }
    }

    #[test]
    fn a_literal_is_found_by_what_is_beside_it() {
        for (value, path) in [
            (json!({"env": [{"name": "DB_PASSWORD", "value": "x"}]}), Some("/env/0/value")),
            (json!([{"Name": "DB_PASSWORD", "Value": "x"}]), Some("/0/Value")),
            (json!([{"key": "API_KEY", "value": "x"}]), Some("/0/value")),
            (json!({"a": {"kind": "Secret", "data": {"b": "x"}}}), Some("/a/data/b")),
            (json!({"kind": "Secret", "stringData": {"b": ["x"]}}), Some("/stringData/b/0")),
            (json!({"kind": "Secret", "data": {"b": "{{ .Values.b }}"}}), None),
            (json!({"kind": "ConfigMap", "data": {"b": "x"}}), None),
            (json!({"name": "password", "text": "Your password"}), None),
            (json!([{"name": "DB_PASSWORD", "value": "$(PASSWORD)"}]), None),
        ] {
            let expected: Vec<_> = path.iter().map(|path| Some((*path).to_owned())).collect();
            assert_eq!(paths_of_secrets(&value), expected, "{value}");
        }
    }
}
