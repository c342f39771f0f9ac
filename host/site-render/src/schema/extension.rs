//! A schema with what is added to it: new properties and definitions, and nothing else.
//!
//! Whoever adds to a schema must not change what it says: a file that gives a keyword another
//! value, adds one, or takes one away is refused, and both places are named. So what passes
//! the base schema passes the extended one, unless it had a new name for something else.

use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::json;
use crate::value::{Mapping, Node, Value, escape};

/// Keywords whose mapping holds schemas under names: a name may be added.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];

/// Those of them that say nothing by being there.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// Keywords of a whole file, which an extension says for itself.
const OWN: [&str; 5] = ["$schema", "$id", "$comment", "title", "description"];

/// Returns a schema with an extension added.
pub(crate) fn extended(base: &Node, extension: &Node) -> Result<Node, Box<Finding>> {
    merged(base, &own_kept(extension), "")
}

/// An extension without what it says of itself.
fn own_kept(root: &Node) -> Node {
    let mut root = root.clone();
    if let Value::Mapping(mapping) = &mut root.value {
        Arc::make_mut(mapping).retain(|key, _| !OWN.contains(&&**key));
    }
    root
}

/// A schema, or one of its keywords, with what an extension adds there.
fn merged(base: &Node, extension: &Node, path: &str) -> Result<Node, Box<Finding>> {
    let (Value::Mapping(below), Value::Mapping(above)) = (&base.value, &extension.value) else {
        let same = json::to_string(&base.value) == json::to_string(&extension.value);
        return if same { Ok(base.clone()) } else { Err(changed(base, extension, path)) };
    };
    let named = path.rsplit('/').next().is_some_and(|last| NAMED.contains(&last)) && {
        // `properties` is a keyword under a schema and a mere name under `properties`.
        let depth = path.split('/').rev().take_while(|key| NAMED.contains(key)).count();
        depth % 2 == 1
    };
    let mut whole = Mapping::clone(below);
    for (key, node) in &**above {
        let inner = format!("{path}/{}", escape(key));
        match whole.get_mut(key) {
            Some(slot) => *slot = merged(slot, node, &inner)?,
            None if named || DEFINITIONS.contains(&&**key) => {
                whole.insert(key.clone(), node.clone());
            }
            None => return Err(added(base, node, &inner)),
        }
    }
    Ok(Node { value: Value::Mapping(Arc::new(whole)), origin: base.origin.clone() })
}

fn changed(base: &Node, extension: &Node, path: &str) -> Box<Finding> {
    let verb = if matches!(extension.value, Value::Null) { "take away" } else { "change" };
    refused(base, extension, path, &format!("would {verb} `{path}`"))
}

fn added(base: &Node, extension: &Node, path: &str) -> Box<Finding> {
    refused(base, extension, path, &format!("would add the rule `{path}` to what is there"))
}

fn refused(base: &Node, extension: &Node, path: &str, what: &str) -> Box<Finding> {
    let at = base.origin.key_place().map(|place| format!(" of {place}")).unwrap_or_default();
    let message = format!("an extension of the schema {what}{at}");
    Box::new(
        codes::SCHEMA_EXTENSION
            .finding(message)
            .at(extension.origin.key_place())
            .on(path.to_owned())
            .hint("an extension adds properties, and leaves those that are there as they are"),
    )
}

#[cfg(test)]
mod tests;
