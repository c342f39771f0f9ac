//! Builds a mapping: keys, duplicates and merge keys (`<<`).
//!
//! As in go-yaml v2, a later entry wins over an earlier one, whether it is written out or merged
//! in.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::codes;
use crate::finding::{Finding, Severity};
use crate::finding_list::FindingList;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Mapping, Node, Value};

use super::refuse::{error_at, place_at};

/// A key whose value has not been read yet.
#[derive(Debug)]
pub(super) enum PendingKey {
    /// A key with a name.
    Named(Arc<str>, Position),
    /// The merge key `<<`.
    Merge(Position),
}

/// The entries of a mapping so far.
#[derive(Debug, Default)]
pub(super) struct MappingEntries {
    /// The entries.
    pub(super) mapping: Mapping,
    /// The key of the next value.
    pub(super) key: Option<PendingKey>,
    merged: BTreeSet<Arc<str>>,
}

impl MappingEntries {
    /// Adds a value under the pending key; `alias` says whether it was written as an alias.
    pub(super) fn add_value(
        &mut self,
        file: &Arc<SourceFile>,
        node: Node,
        alias: bool,
        warnings: &mut FindingList,
    ) -> Result<(), Box<Finding>> {
        match self.key.take() {
            Some(PendingKey::Named(name, at)) => self.add_named(file, &name, at, node, warnings),
            Some(PendingKey::Merge(at)) => self.merge_value(file, at, &node, alias, warnings)?,
            None => {}
        }
        Ok(())
    }

    /// Adds a value under a name, with a warning if it replaces one.
    fn add_named(
        &mut self,
        file: &Arc<SourceFile>,
        name: &Arc<str>,
        at: Position,
        mut node: Node,
        warnings: &mut FindingList,
    ) {
        if let Origin::File { key, .. } = &mut node.origin {
            *key = at;
        }
        let merged = !self.merged.is_empty() && self.merged.remove(name);
        let Some(first) = self.mapping.insert(name.clone(), node) else {
            return;
        };
        // Overriding a merged key is the purpose of `<<`, so it gets no warning.
        if merged {
            return;
        }
        warnings.push_with(Severity::Warning, || {
            let line = key_line(&first);
            codes::YAML_DUPLICATE_KEY
                .finding(format!("the key `{name}` is also on line {line}; this one wins"))
                .at(place_at(file, at))
                .hint("remove one of them")
        });
    }

    /// Merges the value of a merge key.
    fn merge_value(
        &mut self,
        file: &Arc<SourceFile>,
        at: Position,
        node: &Node,
        alias: bool,
        warnings: &mut FindingList,
    ) -> Result<(), Box<Finding>> {
        let not_a_mapping = || {
            let message = "`<<` must be a mapping, or an inline list of mappings";
            error_at(file, at, &codes::YAML_MERGE_KEY, message)
        };
        match &node.value {
            Value::Mapping(source) => self.merge_mapping(file, at, source, warnings),
            Value::Sequence(items) if !alias => {
                // In reverse, so that an earlier item of the list wins over a later one, as in
                // go-yaml v2.
                for item in items.iter().rev() {
                    let source = item.as_mapping().ok_or_else(not_a_mapping)?;
                    self.merge_mapping(file, at, source, warnings);
                }
            }
            _ => return Err(not_a_mapping().into()),
        }
        Ok(())
    }

    /// Merges one mapping into the entries, with a warning for each replaced key.
    fn merge_mapping(
        &mut self,
        file: &Arc<SourceFile>,
        at: Position,
        source: &Mapping,
        warnings: &mut FindingList,
    ) {
        for (name, node) in source {
            let fresh = self.merged.insert(name.clone());
            let Some(first) = self.mapping.insert(name.clone(), node.clone()) else {
                continue;
            };
            if fresh {
                warnings.push_with(Severity::Warning, || {
                    let line = key_line(&first);
                    codes::YAML_MERGE_ORDER
                        .finding(format!("`<<` replaces the key `{name}` of line {line} above it"))
                        .at(place_at(file, at))
                        .hint("move `<<` to the top of its mapping: in Helm, the later entry wins")
                });
            }
        }
    }
}

/// Returns the line of a node's key.
fn key_line(node: &Node) -> u32 {
    node.origin.key_place().map_or(0, |place| place.at.line)
}
