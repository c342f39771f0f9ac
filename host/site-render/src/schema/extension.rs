//! Extends a schema with new properties and definitions.
//!
//! An extension must not change the base schema: a file that changes, adds or removes a keyword is
//! rejected, and the error names both places. So a value that is valid against the base schema is
//! valid against the extended one, unless it uses a new name for something else.

use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::json;
use crate::origin::Origin;
use crate::value::{Node, Value, escape};

/// Keywords whose mapping contains schemas by name: a name may be added.
const NAMED_KEYWORDS: [&str; 3] = ["properties", "$defs", "definitions"];

/// Keywords among them that have no effect on their own.
const DEFINITION_KEYWORDS: [&str; 2] = ["$defs", "definitions"];

/// Annotations of a whole file, which each extension has for itself.
const ANNOTATION_KEYWORDS: [&str; 5] = ["$schema", "$id", "$comment", "title", "description"];

/// Adds an extension to a schema. After an error the schema has a part of it.
pub(crate) fn extend(base: &mut Node, extension: &Node) -> Result<(), Box<Finding>> {
    merge_schemas(base, &without_annotations(extension), &mut String::new())
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
fn merge_schemas(base: &mut Node, extension: &Node, path: &mut String) -> Result<(), Box<Finding>> {
    let Value::Mapping(above) = &extension.value else {
        let same = json::is_same(&base.value, &extension.value);
        return if same { Ok(()) } else { Err(changed_keyword(base, extension, path)) };
    };
    let origin = base.origin.clone();
    let Value::Mapping(below) = &mut base.value else {
        return Err(changed_keyword(base, extension, path));
    };
    let named = has_named_schemas(path);
    let whole = Arc::make_mut(below);
    for (key, node) in &**above {
        let length = path.len();
        path.push('/');
        path.push_str(&escape(key));
        match whole.get_mut(key) {
            Some(slot) => merge_schemas(slot, node, path)?,
            None if named || DEFINITION_KEYWORDS.contains(&&**key) => {
                whole.insert(key.clone(), node.clone());
            }
            None => return Err(added_keyword(&origin, node, path)),
        }
        path.truncate(length);
    }
    Ok(())
}

/// Returns whether the mapping at a path contains schemas by name.
fn has_named_schemas(path: &str) -> bool {
    // `properties` is a keyword in a schema, and an ordinary name directly under `properties`.
    path.split('/').rev().take_while(|key| NAMED_KEYWORDS.contains(key)).count() % 2 == 1
}

/// Returns the error for a keyword that the extension changes or removes.
fn changed_keyword(base: &Node, extension: &Node, path: &str) -> Box<Finding> {
    let verb = if matches!(extension.value, Value::Null) { "remove" } else { "change" };
    extension_error(&base.origin, extension, path, &format!("would {verb} `{path}`"))
}

/// Returns the error for a keyword that the extension adds.
fn added_keyword(base: &Origin, extension: &Node, path: &str) -> Box<Finding> {
    extension_error(
        base,
        extension,
        path,
        &format!("would add the keyword `{path}` to the existing schema"),
    )
}

/// Returns an error that names both schemas.
fn extension_error(base: &Origin, extension: &Node, path: &str, what: &str) -> Box<Finding> {
    let at = base.key_place().map(|place| format!(" of {place}")).unwrap_or_default();
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
