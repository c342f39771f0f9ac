//! Extends a schema with new properties and definitions.
//!
//! An extension must not change the base schema: a file that changes, adds or removes a keyword is
//! rejected, and the error names both places. So a value that is valid against the base schema is
//! valid against the extended one, unless it uses a new name for something else.

use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::json;
use crate::value::{Mapping, Node, Value, escape};

/// Keywords whose mapping contains schemas by name: a name may be added.
const NAMED_KEYWORDS: [&str; 3] = ["properties", "$defs", "definitions"];

/// Keywords among them that have no effect on their own.
const DEFINITION_KEYWORDS: [&str; 2] = ["$defs", "definitions"];

/// Annotations of a whole file, which each extension has for itself.
const ANNOTATION_KEYWORDS: [&str; 5] = ["$schema", "$id", "$comment", "title", "description"];

/// Returns a schema with an extension added.
pub(crate) fn extended(base: &Node, extension: &Node) -> Result<Node, Box<Finding>> {
    merge_schemas(base, &without_annotations(extension), "")
}

/// Returns an extension without its own annotations.
fn without_annotations(root: &Node) -> Node {
    let mut root = root.clone();
    if let Value::Mapping(mapping) = &mut root.value {
        Arc::make_mut(mapping).retain(|key, _| !ANNOTATION_KEYWORDS.contains(&&**key));
    }
    root
}

/// Merges an extension into a schema, or into one of its keywords.
fn merge_schemas(base: &Node, extension: &Node, path: &str) -> Result<Node, Box<Finding>> {
    let (Value::Mapping(below), Value::Mapping(above)) = (&base.value, &extension.value) else {
        let same = json::to_string(&base.value) == json::to_string(&extension.value);
        return if same { Ok(base.clone()) } else { Err(changed_keyword(base, extension, path)) };
    };
    let named = path.rsplit('/').next().is_some_and(|last| NAMED_KEYWORDS.contains(&last)) && {
        // `properties` is a keyword in a schema, and an ordinary name directly under `properties`.
        let depth = path.split('/').rev().take_while(|key| NAMED_KEYWORDS.contains(key)).count();
        depth % 2 == 1
    };
    let mut whole = Mapping::clone(below);
    for (key, node) in &**above {
        let inner = format!("{path}/{}", escape(key));
        match whole.get_mut(key) {
            Some(slot) => *slot = merge_schemas(slot, node, &inner)?,
            None if named || DEFINITION_KEYWORDS.contains(&&**key) => {
                whole.insert(key.clone(), node.clone());
            }
            None => return Err(added_keyword(base, node, &inner)),
        }
    }
    Ok(Node { value: Value::Mapping(Arc::new(whole)), origin: base.origin.clone() })
}

/// Returns the error for a keyword that the extension changes or removes.
fn changed_keyword(base: &Node, extension: &Node, path: &str) -> Box<Finding> {
    let verb = if matches!(extension.value, Value::Null) { "remove" } else { "change" };
    extension_error(base, extension, path, &format!("would {verb} `{path}`"))
}

/// Returns the error for a keyword that the extension adds.
fn added_keyword(base: &Node, extension: &Node, path: &str) -> Box<Finding> {
    extension_error(
        base,
        extension,
        path,
        &format!("would add the keyword `{path}` to the existing schema"),
    )
}

/// Returns an error that names both schemas.
fn extension_error(base: &Node, extension: &Node, path: &str, what: &str) -> Box<Finding> {
    let at = base.origin.key_place().map(|place| format!(" of {place}")).unwrap_or_default();
    let message = format!("an extension of the schema {what}{at}");
    Box::new(
        codes::SCHEMA_EXTENSION
            .finding(message)
            .at(extension.origin.key_place())
            .on(path.to_owned())
            .hint("add properties only, and leave the existing ones unchanged"),
    )
}

#[cfg(test)]
mod tests;
