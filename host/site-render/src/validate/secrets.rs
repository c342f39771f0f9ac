//! Secrets are references: a literal one in values is refused.
//!
//! What is looked at is what we would pass on: values files, edits. A chart's own
//! defaults are its author's business. The message never holds the value, and its place
//! never shows the line.

use crate::codes;
use crate::finding::{Finding, Stage};
use crate::origin::Place;
use crate::secret;
use crate::value::{Mapping, Node, Value, escape};

/// An error for each literal secret.
pub(crate) fn find_secrets(values: &Node) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(values, &mut String::new(), &mut findings);
    findings
}

fn walk(node: &Node, path: &mut String, findings: &mut Vec<Finding>) {
    let length = path.len();
    match &node.value {
        Value::Mapping(mapping) => {
            if let Some(found) = environment_variable(mapping) {
                findings.push(literal(found, path));
            }
            for (key, child) in &**mapping {
                path.push('/');
                path.push_str(&escape(key));
                let named = child
                    .as_text()
                    .is_some_and(|text| secret::is_literal(text) && secret::is_named_by(key));
                if named {
                    findings.push(literal(child, path));
                } else {
                    walk(child, path, findings);
                }
                path.truncate(length);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push('/');
                path.push_str(&index.to_string());
                walk(item, path, findings);
                path.truncate(length);
            }
        }
        Value::Text(text) if holds_a_secret(text) => findings.push(literal(node, path)),
        _ => {}
    }
}

/// The value of `{name: DB_PASSWORD, value: ...}`, where it is a literal.
fn environment_variable(mapping: &Mapping) -> Option<&Node> {
    let name = mapping.get("name")?.as_text()?;
    let value = mapping.get("value")?;
    (secret::is_named_by(name) && secret::is_literal(value.as_text()?)).then_some(value)
}

/// A private key, or a URL with a password in it.
fn holds_a_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || secret::is_in_url(text)
}

fn literal(node: &Node, path: &str) -> Finding {
    let place = node.origin.place().map(Place::without_text);
    codes::SECRET_LITERAL.finding(format!("`{path}` holds a secret as text"))
        .stage(Stage::Validate)
        .at(place)
        .on(path.to_owned())
        .hint("keep it in a Secret and refer to that; values end in Git, in Argo CD's cache and in its UI")
}
