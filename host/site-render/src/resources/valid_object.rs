//! Checks that a document of a resource file is one Kubernetes object.

use crate::codes;
use crate::finding::Finding;
use crate::value::{Node, Value};

/// The reason why a document is not a valid Kubernetes object, and the value at fault.
pub(super) struct InvalidObject<'a> {
    pub(super) what: String,
    node: &'a Node,
    hint: Option<&'static str>,
}

/// Checks that a document is one object with a name.
pub(super) fn check_object(document: &Node) -> Result<(), InvalidObject<'_>> {
    let wrong = |what: &str, node| Err(InvalidObject { what: what.to_owned(), node, hint: None });
    if document.as_mapping().is_none() {
        return wrong("is not an object", document);
    }
    if let Some(directive) = find_directive(document) {
        return Err(InvalidObject {
            what: format!("has the directive `{}`", directive.0),
            node: directive.1,
            hint: Some(
                "a key that is null in a later layer is deleted; site-cmp knows no other directive",
            ),
        });
    }
    for key in ["apiVersion", "kind"] {
        if document.get(key).and_then(Node::as_text).is_none_or(str::is_empty) {
            return wrong(&format!("has no `{key}`"), document.get(key).unwrap_or(document));
        }
    }
    let api = document
        .get("apiVersion")
        .filter(|api| api.as_text().is_some_and(|api| api.starts_with("kustomize.config.k8s.io/")));
    if let Some(node) = api {
        let what = "is for kustomize, which does not run here".to_owned();
        let hint = Some("list the folders of its resources under `resources` of the environment");
        return Err(InvalidObject { what, node, hint });
    }
    let named = document.pointer("/metadata/name");
    if document.get("metadata").is_none_or(|node| node.as_mapping().is_none()) {
        return wrong("has no `metadata`", document);
    }
    if named.and_then(Node::as_text).is_none_or(str::is_empty) {
        return wrong("has no name", named.unwrap_or(document));
    }
    // kubectl and Argo CD split a List into its items, which no check would have seen.
    if document.get("items").is_some() && document.get("kind").is_some_and(is_list) {
        return wrong("is a list of objects: write each as a document", document);
    }
    Ok(())
}

/// Returns whether a kind is that of a list, such as `ConfigMapList`.
fn is_list(kind: &Node) -> bool {
    kind.as_text().is_some_and(|kind| kind.ends_with("List"))
}

/// Returns the error for an invalid object.
pub(super) fn object_finding(wrong: &InvalidObject<'_>) -> Finding {
    let message = format!("this document {}", wrong.what);
    let finding = codes::RESOURCES_OBJECT.finding(message).at(wrong.node.origin.key_place());
    match wrong.hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

/// Returns the first key that is a directive of a strategic merge patch, and its value. As data it
/// would reach the API server, which refuses or ignores it.
fn find_directive(node: &Node) -> Option<(&str, &Node)> {
    let is_directive = |key: &str| {
        let names = ["$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/"];
        key.starts_with('$')
            && names
                .iter()
                .any(|name| key.starts_with(name) && (key == *name || name.ends_with('/')))
    };
    match &node.value {
        Value::Mapping(mapping) => mapping.iter().find_map(|(key, child)| {
            if is_directive(key) { Some((&**key, child)) } else { find_directive(child) }
        }),
        Value::Sequence(items) => items.iter().find_map(find_directive),
        _ => None,
    }
}
