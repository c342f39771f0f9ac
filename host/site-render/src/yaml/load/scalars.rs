//! Scalars and aliases, as values and as keys.

use std::borrow::Cow;

use yaml_events::{Properties, Style};

use crate::codes;
use crate::origin::Position;
use crate::value::{Node, Value};

use super::{CheckResult, CollectionBody, Loader};
use crate::yaml::alias::AnchorTarget;
use crate::yaml::entries::PendingKey;
use crate::yaml::limits::{DEPTH, TreeSize};
use crate::yaml::mark::depth_error;
use crate::yaml::resolve::{self, Scalar};

/// The tag of a merge key.
const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

impl<'f> Loader<'f> {
    /// Adds a scalar as a key or a value.
    pub(super) fn load_scalar(
        &mut self,
        text: Cow<'_, str>,
        style: Style,
        properties: &Properties<'f>,
        at: Position,
    ) -> CheckResult {
        let (anchor, tag) = (properties.anchor, properties.tag.as_deref());
        let absent = text.is_empty() && style == Style::Plain;
        let at = self.scalar_position(at, absent);
        let merge = text == "<<" && is_merge_key(style, tag);
        let size = TreeSize::of_scalar(text.len());
        let scalar = resolve::resolve_scalar(text, style, tag).map_err(|e| self.reject(at, e))?;
        if merge && let Some(waiting) = self.awaited_key() {
            *waiting = Some(PendingKey::Merge(at));
            // An alias of the key is the text.
            let node = self.node_at(scalar.to_value().unwrap_or(Value::Null), at);
            self.anchors.set(anchor, || scalar_target(node, size, scalar));
            return Ok(());
        }
        if self.awaited_key().is_some() {
            let value = scalar.to_value().unwrap_or(Value::Null);
            let node = self.node_at(value, at);
            self.anchors.set(anchor, || scalar_target(node, size, scalar.clone()));
            return self.set_key(&scalar, size, at);
        }
        let value = scalar.to_value().map_err(|e| self.reject(at, e))?;
        let node = self.node_at(value, at);
        self.anchors.set(anchor, || scalar_target(node.clone(), size, scalar));
        self.complete_node(node, size, false)
    }

    /// Returns the position of a scalar. An absent value gets the position of its key.
    pub(super) fn scalar_position(&self, at: Position, absent: bool) -> Position {
        match self.stack.last().map(|open| &open.body) {
            Some(CollectionBody::Mapping(entries)) if absent => match entries.key {
                Some(PendingKey::Named(_, key) | PendingKey::Merge(key)) => key,
                None => at,
            },
            _ => at,
        }
    }

    /// Adds the node of an alias as a key or a value.
    pub(super) fn load_alias(&mut self, anchor: &str, at: Position) -> CheckResult {
        let Some(target) = self.anchors.get(anchor).cloned() else {
            let message = "the alias refers to an anchor that is not above it in the document, or \
                           not complete";
            return Err(self.error_at(at, &codes::YAML_ALIASES, message).into());
        };
        if !self.budget.count_alias(target.size) {
            let message = "the aliases expand to far more than the file contains";
            return Err(self.error_at(at, &codes::YAML_ALIASES, message).into());
        }
        if self.stack.len() + target.size.height > DEPTH {
            return Err(depth_error(self.file, at).into());
        }
        if self.awaited_key().is_some() {
            return match &target.scalar {
                Some(scalar) => self.set_key(scalar, target.size, at),
                None => Err(self.key_error(at).into()),
            };
        }
        if let Some(scalar) = &target.scalar {
            // An infinity may be a key, and not a value.
            scalar.to_value().map_err(|e| self.reject(at, e))?;
        }
        self.complete_node(target.node, target.size, true)
    }

    /// Returns the slot for a key, if the next node is a key.
    pub(super) fn awaited_key(&mut self) -> Option<&mut Option<PendingKey>> {
        match &mut self.stack.last_mut()?.body {
            CollectionBody::Mapping(entries) if entries.key.is_none() => Some(&mut entries.key),
            _ => None,
        }
    }

    /// Sets the key of the next value.
    pub(super) fn set_key(&mut self, scalar: &Scalar, size: TreeSize, at: Position) -> CheckResult {
        let name = scalar.to_key().map_err(|e| self.reject(at, e))?;
        if let Some(open) = self.stack.last_mut() {
            open.size.add_child(size);
        }
        if let Some(waiting) = self.awaited_key() {
            *waiting = Some(PendingKey::Named(name, at));
        }
        Ok(())
    }
}

/// Returns the target of an anchor on a scalar.
fn scalar_target(node: Node, size: TreeSize, scalar: Scalar) -> AnchorTarget {
    AnchorTarget { node, size, scalar: Some(scalar) }
}

/// Returns whether a `<<` merges: it is plain, or has the merge tag.
fn is_merge_key(style: Style, tag: Option<&str>) -> bool {
    match tag {
        None => style == Style::Plain,
        Some(tag) => tag == "!" || tag == MERGE_TAG,
    }
}
