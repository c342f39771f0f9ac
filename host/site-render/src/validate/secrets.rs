//! Secrets are references: a literal one in values is refused.
//!
//! What is looked at is what we would pass on: values files, edits. A chart's own
//! defaults are its author's business. The message never holds the value, and its place
//! never shows the line.

use crate::finding::{Finding, Stage};
use crate::origin::Place;
use crate::value::{Mapping, Node, Value, escape};

/// Last words of keys that hold a secret, lower case, without `-` and `_`.
const SECRET_KEYS: &[&str] = &[
    "password",
    "passwd",
    "secretkey",
    "apitoken",
    "authtoken",
    "apikey",
    "accesskey",
    "privatekey",
    "clientsecret",
];

/// Beginnings of values that stand for a secret and are none.
const REFERENCES: &[&str] = &["$(", "${", "{{", "ref+", "vault:"];

/// An error for each literal secret.
pub(crate) fn check(values: &Node) -> Vec<Finding> {
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
                let named =
                    child.as_text().is_some_and(|text| is_literal(text) && names_a_secret(key));
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
    (names_a_secret(name) && is_literal(value.as_text()?)).then_some(value)
}

/// Whether a key is one under which a secret would stand.
pub(crate) fn names_a_secret(key: &str) -> bool {
    // Most keys are short and end in none of these letters: look before copying.
    if !key.ends_with(['d', 'D', 'y', 'Y', 'n', 'N', 't', 'T']) {
        return false;
    }
    let plain: String =
        key.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    !plain.starts_with("existing") && SECRET_KEYS.iter().any(|word| plain.ends_with(word))
}

/// Whether a text is more than a reference to a secret.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.is_empty() && !REFERENCES.iter().any(|start| text.starts_with(start))
}

/// A private key, or a URL with a password in it.
fn holds_a_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || in_url(text)
}

/// Whether a text begins like a URL with a password in it.
pub(crate) fn in_url(text: &str) -> bool {
    let userinfo = |text: &str| {
        let (_, rest) = text.split_once("://")?;
        let (user, _) = rest.split(['/', ' ', '\n']).next()?.split_once('@')?;
        user.split_once(':').map(|(_, password)| is_literal(password))
    };
    userinfo(text).unwrap_or(false)
}

fn literal(node: &Node, path: &str) -> Finding {
    let place = node.origin.place().map(Place::without_text);
    Finding::error(Stage::Validate, "secret/literal", format!("`{path}` holds a secret as text"))
        .at(place)
        .on(path.to_owned())
        .hint("keep it in a Secret and refer to that; values end in Git, in Argo CD's cache and in its UI")
}
