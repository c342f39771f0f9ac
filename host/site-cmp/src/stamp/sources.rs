//! Which sources of Applications and ApplicationSets the plugin renders, and which of them
//! say another digest.

use serde_json::Value as Json;
use site_render::json;
use site_render::value::{Node, Value, escape};

use super::{PARAMETER, Stamp};

/// The plugins, by document and pointer, whose digest is another or none.
pub(super) fn unstamped(documents: &[Node], stamp: Stamp<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let plugins = plugins(document, stamp);
        let open = plugins.into_iter().filter(|pointer| {
            document.pointer(pointer).is_some_and(|plugin| {
                let mut entries = entries(plugin).peekable();
                entries.peek().is_none() || entries.any(|entry| !says(entry, stamp.digest))
            })
        });
        found.extend(open.map(|pointer| (index, pointer)));
    }
    found
}

/// The document as JSON, without what a stamp may change.
pub(super) fn comparable(document: &Node, stamp: Stamp<'_>) -> Json {
    let mut tree = json::to_serde(document);
    for pointer in plugins(document, stamp) {
        let Some(plugin) = tree.pointer_mut(&pointer).and_then(Json::as_object_mut) else {
            continue;
        };
        if let Some(parameters) = plugin.get_mut("parameters").and_then(Json::as_array_mut) {
            parameters.retain(|entry| entry["name"] != PARAMETER);
        }
        if plugin.get("parameters").is_some_and(|p| p.is_null() || *p == Json::Array(Vec::new())) {
            plugin.remove("parameters");
        }
    }
    tree
}

/// The parameters of a plugin that hold a digest: one, if all is well.
pub(super) fn entries(plugin: &Node) -> impl Iterator<Item = &Node> {
    let parameters = plugin.get("parameters").and_then(Node::as_sequence).unwrap_or_default();
    parameters.iter().filter(|entry| entry.get("name").and_then(Node::as_text) == Some(PARAMETER))
}

/// Whether a parameter holds the digest. One that an ApplicationSet fills in is its
/// author's business.
pub(super) fn says(entry: &Node, digest: &str) -> bool {
    let said = entry.get("string").and_then(Node::as_text);
    said.is_some_and(|said| said == digest || said.contains("{{"))
}

/// Pointers to the `plugin` of each source that a plugin of these names renders.
fn plugins(document: &Node, stamp: Stamp<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let text = |key: &str| document.get(key).and_then(Node::as_text).unwrap_or_default();
    match text("kind") {
        "Application" | "ApplicationSet" if text("apiVersion").starts_with("argoproj.io/") => {
            walk(document, &mut String::new(), stamp, &mut found);
        }
        "List" => {
            let items = document.get("items").and_then(Node::as_sequence).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                let below = plugins(item, stamp).into_iter();
                found.extend(below.map(|pointer| format!("/items/{index}{pointer}")));
            }
        }
        _ => {}
    }
    found
}

/// Every `source` and every one of `sources`: they stand in an Application's spec, in an
/// ApplicationSet's template and in the templates of its generators.
fn walk(node: &Node, path: &mut String, stamp: Stamp<'_>, found: &mut Vec<String>) {
    let length = path.len();
    let step = |key: &str, child: &Node, path: &mut String, found: &mut Vec<String>| {
        path.push('/');
        path.push_str(key);
        let below = path.rsplit('/').nth(1).unwrap_or_default();
        let is_source = key == "source" || (below == "sources" && node.as_sequence().is_some());
        let name = child.pointer("/plugin/name").and_then(Node::as_text);
        if is_source && name.is_some_and(|name| stamp.plugins.iter().any(|known| known == name)) {
            found.push(format!("{path}/plugin"));
        }
        walk(child, path, stamp, found);
        path.truncate(length);
    };
    match &node.value {
        Value::Mapping(mapping) => {
            for (key, child) in &**mapping {
                step(&escape(key), child, path, found);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                step(&index.to_string(), item, path, found);
            }
        }
        _ => {}
    }
}
