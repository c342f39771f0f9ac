//! Reports secrets in plain text: an object is readable in Git, in Argo CD's cache and in its UI.
//!
//! The host applies the same rule to values. Here it applies to every emitted object: those that
//! the chart renders from the values, and all others.

use policy_sdk::{Document, Object, Plan, pointer};

use crate::codes;

/// Endings of names that hold a secret, in lower case, without `-`, `_` and `.`: those that the
/// host looks for in values.
const WORDS: [&str; 9] = [
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

/// Beginnings of values that refer to a secret.
const REFERENCES: [&str; 6] = ["$(", "${", "{{", "ref+", "vault:", "<path:"];

/// The end of a private key's first PEM line, and beginnings of such a line in base64
/// (`-----BEGIN` and the first word).
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const ENCODED: [&str; 5] = [
    "LS0tLS1CRUdJTiBQUklWQVRFIEtF",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRF",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFU",
    "LS0tLS1CRUdJTiBFTkNSWVBURUQg",
    "LS0tLS1CRUdJTiBPUEVOU1NIIFBS",
];

/// The pointer to a secret in plain text, and its name for the message.
type LiteralSecret = (String, String);

/// Reports each place of an object that has a secret in plain text.
pub(crate) fn report_secrets(plan: &mut Plan, object: &Object) {
    let body = &object.body;
    let mut found = Vec::new();
    match (object.group(), &*object.kind) {
        ("", "Secret") => {
            for part in ["/data", "/stringData"] {
                find_entries(body, part, |_, value| is_literal(value), &mut found);
            }
        }
        ("", "ConfigMap") => find_entries(body, "/data", is_secret, &mut found),
        ("external-secrets.io", "ExternalSecret") => {
            // A template that reads a value of the store is not the secret itself.
            let literal = |key: &str, value: &str| is_secret(key, value) && !value.contains("{{");
            find_entries(body, "/spec/target/template/data", literal, &mut found);
        }
        _ => {}
    }
    if let Some(pod) = object.pod_spec() {
        for list in ["/initContainers", "/containers"] {
            pod.items(list).iter().for_each(|container| find_variables(container, &mut found));
        }
    }
    if found.is_empty() && has_private_key(body) {
        found.push((body.path(""), "a private key".to_owned()));
    }
    for (path, name) in found {
        let message = format!("{} contains {name} in plain text", object.label());
        plan.report(
            codes::SECRET_LITERAL
                .finding(message)
                .at(path)
                .hint("store it in a secret store and refer to it (policy site-secrets)"),
        );
    }
}

/// Adds the entries of a map that hold a secret.
fn find_entries(
    body: &Document,
    part: &str,
    holds: impl Fn(&str, &str) -> bool,
    found: &mut Vec<LiteralSecret>,
) {
    for key in body.keys(part) {
        let path = [part, &pointer([&*key])].concat();
        if holds(&key, &body.scalar(&path).unwrap_or_default()) {
            found.push((body.path(&path), format!("the secret {key}")));
        }
    }
}

/// Adds the environment variables of a container that hold a secret.
fn find_variables(container: &Document, found: &mut Vec<LiteralSecret>) {
    for variable in container.items("/env") {
        let name = variable.scalar("/name").unwrap_or_default();
        if is_secret(&name, &variable.scalar("/value").unwrap_or_default()) {
            found.push((variable.path("/value"), format!("the secret {name}")));
        }
    }
}

/// Returns whether the object's text contains a private key anywhere: a key of an unknown kind can
/// be in any field.
fn has_private_key(body: &Document) -> bool {
    let text = body.raw("").unwrap_or_default();
    text.contains(PRIVATE_KEY) || ENCODED.iter().any(|start| text.contains(start))
}

/// Returns whether a value is a literal under a name of a secret.
fn is_secret(name: &str, value: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    is_literal(value) && WORDS.iter().any(|word| plain.ends_with(word))
}

/// Returns whether a text is neither empty nor a reference.
fn is_literal(text: &str) -> bool {
    !text.is_empty() && !REFERENCES.iter().any(|start| text.starts_with(start))
}
