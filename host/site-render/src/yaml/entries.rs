//! A mapping while it is read: keys, duplicates and `<<`.
//!
//! Position decides, as in go-yaml v2: a later entry wins over an earlier one, whether
//! it was written out or merged in.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Mapping, Node, Value};

use super::refuse::{place, refuse};

/// A key that waits for its value.
#[derive(Debug)]
pub(super) enum Key {
    /// A key with a name.
    Named(Arc<str>, Position),
    /// `<<`.
    Merge(Position),
}

/// The entries so far.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// What they are.
    pub(super) mapping: Mapping,
    /// The key whose value comes next.
    pub(super) key: Option<Key>,
    merged: BTreeSet<Arc<str>>,
}

impl Entries {
    /// Adds a value under the waiting key; `alias` if it was written as one.
    pub(super) fn value(
        &mut self,
        file: &Arc<SourceFile>,
        node: Node,
        alias: bool,
        warnings: &mut Vec<Finding>,
    ) -> Result<(), Box<Finding>> {
        match self.key.take() {
            Some(Key::Named(name, at)) => self.named(file, &name, at, node, warnings),
            Some(Key::Merge(at)) => self.merge(file, at, &node, alias, warnings)?,
            None => {}
        }
        Ok(())
    }

    fn named(
        &mut self,
        file: &Arc<SourceFile>,
        name: &Arc<str>,
        at: Position,
        mut node: Node,
        warnings: &mut Vec<Finding>,
    ) {
        if let Origin::File { key, .. } = &mut node.origin {
            *key = at;
        }
        let merged = !self.merged.is_empty() && self.merged.remove(name);
        let Some(first) = self.mapping.insert(name.clone(), node) else {
            return;
        };
        if merged {
            return;
        }
        let line = key_line(&first);
        let message = format!("the key `{name}` is also on line {line}; this one wins");
        warnings.push(
            codes::YAML_DUPLICATE_KEY
                .finding(message)
                .at(place(file, at))
                .hint("remove one of them"),
        );
    }

    fn merge(
        &mut self,
        file: &Arc<SourceFile>,
        at: Position,
        node: &Node,
        alias: bool,
        warnings: &mut Vec<Finding>,
    ) -> Result<(), Box<Finding>> {
        let no_map = || {
            let message = "`<<` takes a mapping, or a list of mappings written in place";
            refuse(file, at, &codes::YAML_MERGE_KEY, message)
        };
        match &node.value {
            Value::Mapping(source) => self.overlay(file, at, source, warnings),
            Value::Sequence(items) if !alias => {
                // From the last on, so that an earlier item wins over a later one.
                for item in items.iter().rev() {
                    let source = item.as_mapping().ok_or_else(no_map)?;
                    self.overlay(file, at, source, warnings);
                }
            }
            _ => return Err(no_map().into()),
        }
        Ok(())
    }

    fn overlay(
        &mut self,
        file: &Arc<SourceFile>,
        at: Position,
        source: &Mapping,
        warnings: &mut Vec<Finding>,
    ) {
        for (name, node) in source {
            let fresh = self.merged.insert(name.clone());
            let Some(first) = self.mapping.insert(name.clone(), node.clone()) else {
                continue;
            };
            if fresh {
                let line = key_line(&first);
                let message = format!("`<<` replaces the key `{name}` of line {line} above it");
                warnings.push(
                    codes::YAML_MERGE_ORDER
                        .finding(message)
                        .at(place(file, at))
                        .hint("Helm goes by position: move `<<` to the top of its mapping"),
                );
            }
        }
    }
}

fn key_line(node: &Node) -> u32 {
    node.origin.key_place().map_or(0, |place| place.at.line)
}
