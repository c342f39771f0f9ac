//! Secrets are references: none stands in an object as text.
//!
//! What an object holds ends in Git, in Argo CD's cache and in its UI. The host holds values
//! to the same; here it is what came of them, and everything else that is emitted.

use policy_sdk::{Document, Finding, Object, Plan, pointer};

/// Last words of names that hold a secret, lower case, without `-`, `_` and `.`: those that
/// the host looks for in values.
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

/// Beginnings of values that stand for a secret and are none.
const REFERENCES: [&str; 6] = ["$(", "${", "{{", "ref+", "vault:", "<path:"];

/// A private key's PEM block, and how one begins in base64 (`-----BEGIN` and its first word).
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const ENCODED: [&str; 5] = [
    "LS0tLS1CRUdJTiBQUklWQVRFIEtF",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRF",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFU",
    "LS0tLS1CRUdJTiBFTkNSWVBURUQg",
    "LS0tLS1CRUdJTiBPUEVOU1NIIFBS",
];

/// A secret as text: where, and what it is called.
type Found = (String, String);

/// Reports each place of an object that holds a secret as text.
pub(crate) fn report(plan: &mut Plan, object: &Object) {
    let body = &object.body;
    let mut found = Vec::new();
    match (object.group(), &*object.kind) {
        ("", "Secret") => {
            for part in ["/data", "/stringData"] {
                entries(body, part, |_, value| is_literal(value), &mut found);
            }
        }
        ("", "ConfigMap") => entries(body, "/data", is_secret, &mut found),
        ("external-secrets.io", "ExternalSecret") => {
            let literal = |key: &str, value: &str| is_secret(key, value) && !value.contains("{{");
            entries(body, "/spec/target/template/data", literal, &mut found);
        }
        _ => {}
    }
    if let Some(pod) = object.pod() {
        for list in ["/initContainers", "/containers"] {
            pod.items(list).iter().for_each(|container| variables(container, &mut found));
        }
    }
    if found.is_empty() && holds_a_private_key(body) {
        found.push((body.path(""), "a private key".to_owned()));
    }
    for (path, what) in found {
        let message = format!("{} holds {what} as text", object.told());
        plan.report(
            Finding::error("secret/literal", message)
                .at(path)
                .hint("keep it in a secret store and refer to that (policy site-secrets)"),
        );
    }
}

/// The entries of a map that hold a secret.
fn entries(
    body: &Document,
    part: &str,
    holds: impl Fn(&str, &str) -> bool,
    found: &mut Vec<Found>,
) {
    for key in body.keys(part) {
        let path = [part, &pointer([&*key])].concat();
        if holds(&key, &body.scalar(&path).unwrap_or_default()) {
            found.push((body.path(&path), format!("the secret {key}")));
        }
    }
}

fn variables(container: &Document, found: &mut Vec<Found>) {
    for variable in container.items("/env") {
        let name = variable.scalar("/name").unwrap_or_default();
        if is_secret(&name, &variable.scalar("/value").unwrap_or_default()) {
            found.push((variable.path("/value"), format!("the secret {name}")));
        }
    }
}

/// Wherever it stands: one look at all of the object's text.
fn holds_a_private_key(body: &Document) -> bool {
    let text = body.raw("").unwrap_or_default();
    text.contains(PRIVATE_KEY) || ENCODED.iter().any(|start| text.contains(start))
}

/// A value that is more than a reference, under a name that a secret would have.
fn is_secret(name: &str, value: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    is_literal(value) && WORDS.iter().any(|word| plain.ends_with(word))
}

fn is_literal(text: &str) -> bool {
    !text.is_empty() && !REFERENCES.iter().any(|start| text.starts_with(start))
}
