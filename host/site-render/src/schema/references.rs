//! The schemas that the references of a schema name, all in the same document.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The anchors of a schema: each name with the pointer of its schema.
pub(super) type Anchors = Vec<(String, String)>;

/// Keywords that name their schema.
const ANCHORS: [&str; 2] = ["$anchor", "$dynamicAnchor"];

/// Returns the anchors of a schema.
pub(super) fn find_anchors(schema: &Json) -> Anchors {
    let mut anchors = Anchors::new();
    collect_anchors(schema, &mut String::new(), &mut anchors);
    anchors
}

fn collect_anchors(schema: &Json, pointer: &mut String, anchors: &mut Anchors) {
    let length = pointer.len();
    let mut descend = |token: &str, below: &Json| {
        pointer.push('/');
        pointer.push_str(token);
        collect_anchors(below, pointer, anchors);
        pointer.truncate(length);
    };
    match schema {
        Json::Object(object) => {
            for (key, below) in object {
                descend(&crate::value::escape(key), below);
            }
            let names = ANCHORS.iter().filter_map(|key| object.get(*key)?.as_str());
            anchors.extend(names.map(|name| (name.to_owned(), pointer.clone())));
        }
        Json::Array(items) => {
            for (index, below) in items.iter().enumerate() {
                descend(&index.to_string(), below);
            }
        }
        _ => {}
    }
}

/// Resolves the references of a schema, each text once.
pub(super) struct References<'s> {
    schema: &'s Json,
    anchors: &'s Anchors,
    resolved: RefCell<BTreeMap<String, Vec<&'s Json>>>,
}

impl<'s> References<'s> {
    /// Returns the references of a schema with these anchors.
    pub(super) fn new(schema: &'s Json, anchors: &'s Anchors) -> Self {
        Self { schema, anchors, resolved: RefCell::default() }
    }

    /// Returns every schema that a reference may mean: several may have the same anchor.
    pub(super) fn targets(&self, reference: &str) -> Vec<&'s Json> {
        if let Some(targets) = self.resolved.borrow().get(reference) {
            return targets.clone();
        }
        // There is only one document, so the part before the fragment cannot name another one.
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let fragment = decode_percent(fragment);
        let targets: Vec<&Json> = if fragment.is_empty() {
            vec![self.schema]
        } else if fragment.starts_with('/') {
            self.schema.pointer(&fragment).into_iter().collect()
        } else {
            let named = self.anchors.iter().filter(|(name, _)| *name == fragment);
            named.filter_map(|(_, pointer)| self.schema.pointer(pointer)).collect()
        };
        self.resolved.borrow_mut().insert(reference.to_owned(), targets.clone());
        targets
    }
}

/// Decodes the percent escapes of a fragment.
fn decode_percent(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%');
        let code = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{References, find_anchors};

    #[test]
    fn a_reference_is_a_pointer_an_anchor_or_the_whole() {
        let schema = json!({
            "$defs": {"a/b": {"$anchor": "one", "const": 1}, "c": {"$dynamicAnchor": "one"}},
        });
        let anchors = find_anchors(&schema);
        let references = References::new(&schema, &anchors);
        for whole in ["#", "", "/#", "other"] {
            assert_eq!(references.targets(whole), [&schema], "{whole}");
        }
        let first = &schema["$defs"]["a/b"];
        for pointer in ["#/$defs/a~1b", "#/%24defs/a~1b", "./#/$defs/a~1b"] {
            assert_eq!(references.targets(pointer), [first], "{pointer}");
        }
        assert_eq!(references.targets("#one"), [first, &schema["$defs"]["c"]]);
        assert!(references.targets("#/$defs/none").is_empty());
    }
}
