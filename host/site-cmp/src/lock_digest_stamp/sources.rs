//! Finds the sources of Applications and ApplicationSets that the plugin renders, and those
//! with another digest.

use serde_json::Value as Json;
use site_render::json;
use site_render::value::{Node, Value, escape};

use super::{PARAMETER, Stamp};

/// Returns the plugins with another or no digest, by document and pointer.
pub(super) fn unstamped_sources(documents: &[Node], stamp: Stamp<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let plugins = plugin_pointers(document, stamp);
        let open = plugins.into_iter().filter(|pointer| {
            document.pointer(pointer).is_some_and(|plugin| {
                let mut entries = stamp_entries(plugin).peekable();
                entries.peek().is_none() || entries.any(|entry| !has_digest(entry, stamp.digest))
            })
        });
        found.extend(open.map(|pointer| (index, pointer)));
    }
    found
}

/// Returns the first `templatePatch` of an ApplicationSet that names a plugin and has not the digest.
/// It is a template of YAML, which is not parsed.
pub(super) fn unstamped_patch<'n>(documents: &'n [Node], stamp: Stamp<'_>) -> Option<&'n Node> {
    let mut sets: Vec<&Node> = documents.iter().collect();
    while let Some(document) = sets.pop() {
        let kind = document.get("kind").and_then(Node::as_text).unwrap_or_default();
        if kind == "List" {
            sets.extend(document.get("items").and_then(Node::as_sequence).unwrap_or_default());
        }
        let Some(patch) =
            document.pointer("/spec/templatePatch").filter(|_| kind == "ApplicationSet")
        else {
            continue;
        };
        let text = patch.as_text().unwrap_or_default();
        if stamp.plugins.iter().any(|name| text.contains(&**name)) && !text.contains(stamp.digest) {
            return Some(patch);
        }
    }
    None
}

/// Returns the document as JSON without the parts that a stamp may change.
pub(super) fn without_stamp(document: &Node, stamp: Stamp<'_>) -> Json {
    let mut tree = json::to_serde(document);
    for pointer in plugin_pointers(document, stamp) {
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

/// Returns the parameters of a plugin that have a digest, normally one.
pub(super) fn stamp_entries(plugin: &Node) -> impl Iterator<Item = &Node> {
    let parameters = plugin.get("parameters").and_then(Node::as_sequence).unwrap_or_default();
    parameters.iter().filter(|entry| entry.get("name").and_then(Node::as_text) == Some(PARAMETER))
}

/// Returns whether a parameter has the digest. A template of an ApplicationSet is accepted,
/// because its generator provides the value.
pub(super) fn has_digest(entry: &Node, digest: &str) -> bool {
    let value = entry.get("string").and_then(Node::as_text);
    value.is_some_and(|value| value == digest || value.contains("{{"))
}

/// Returns pointers to the `plugin` of each source that names one of the plugins.
fn plugin_pointers(document: &Node, stamp: Stamp<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let text = |key: &str| document.get(key).and_then(Node::as_text).unwrap_or_default();
    match text("kind") {
        "Application" | "ApplicationSet" if text("apiVersion").starts_with("argoproj.io/") => {
            collect_plugins(document, &mut String::new(), stamp, &mut found);
        }
        "List" => {
            let items = document.get("items").and_then(Node::as_sequence).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                let below = plugin_pointers(item, stamp).into_iter();
                found.extend(below.map(|pointer| format!("/items/{index}{pointer}")));
            }
        }
        _ => {}
    }
    found
}

/// Collects every `source` and every item of `sources`: in an Application's spec, in an
/// ApplicationSet's template and in the templates of its generators.
fn collect_plugins(node: &Node, path: &mut String, stamp: Stamp<'_>, found: &mut Vec<String>) {
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
        collect_plugins(child, path, stamp, found);
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
