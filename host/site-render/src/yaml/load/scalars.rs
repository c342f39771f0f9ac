//! Scalars and aliases, as values and as keys.

use yaml_rust2::parser::Tag;
use yaml_rust2::scanner::TScalarStyle;

use crate::codes;
use crate::origin::Position;
use crate::value::{Node, Value};

use super::{Body, Checked, Loader};
use crate::yaml::alias::Target;
use crate::yaml::entries::Key;
use crate::yaml::limits::{DEPTH, Size};
use crate::yaml::mark::too_deep;
use crate::yaml::resolve::{self, Scalar};

impl Loader<'_> {
    pub(super) fn scalar(
        &mut self,
        text: String,
        style: TScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Checked {
        if !matches!(style, TScalarStyle::Literal | TScalarStyle::Folded) {
            self.refuse_tab(at)?;
        }
        let absent = text.is_empty() && style == TScalarStyle::Plain;
        let at = self.written(at, absent);
        let merge = text == "<<" && merges(style, tag);
        let scalar = resolve::scalar(text, style, tag).map_err(|e| self.refused(at, e))?;
        if merge && let Some(waiting) = self.awaited_key() {
            *waiting = Some(Key::Merge(at));
            return Ok(());
        }
        if self.awaited_key().is_some() {
            let value = scalar.value().unwrap_or(Value::Null);
            let node = self.node(value, at);
            self.anchors.set(anchor, || target(node, Some(scalar.clone())));
            return self.key(&scalar, at);
        }
        let value = scalar.value().map_err(|e| self.refused(at, e))?;
        let node = self.node(value, at);
        self.anchors.set(anchor, || target(node.clone(), Some(scalar)));
        self.complete(node, Size::SCALAR, false)
    }

    /// A value that is not there has its key's place, not that of whatever comes next.
    pub(super) fn written(&self, at: Position, absent: bool) -> Position {
        match self.stack.last().map(|open| &open.body) {
            Some(Body::Mapping(entries)) if absent => match entries.key {
                Some(Key::Named(_, key) | Key::Merge(key)) => key,
                None => at,
            },
            _ => at,
        }
    }

    pub(super) fn alias(&mut self, anchor: usize, at: Position) -> Checked {
        self.refuse_tab(at)?;
        let Some(target) = self.anchors.get(anchor).cloned() else {
            let message = "an alias of something that is not complete, or in another document";
            return Err(self.refuse(at, &codes::YAML_ALIASES, message).into());
        };
        if !self.budget.alias(target.size) {
            let message = "its aliases make the file far larger than it looks";
            return Err(self.refuse(at, &codes::YAML_ALIASES, message).into());
        }
        if self.stack.len() + target.size.height > DEPTH {
            return Err(too_deep(self.file, at).into());
        }
        if self.awaited_key().is_some() {
            return match &target.scalar {
                Some(scalar) => self.key(scalar, at),
                None => Err(self.no_key(at).into()),
            };
        }
        self.complete(target.node, target.size, true)
    }

    /// The slot for a key, where the next node is one.
    pub(super) fn awaited_key(&mut self) -> Option<&mut Option<Key>> {
        match &mut self.stack.last_mut()?.body {
            Body::Mapping(entries) if entries.key.is_none() => Some(&mut entries.key),
            _ => None,
        }
    }

    pub(super) fn key(&mut self, scalar: &Scalar, at: Position) -> Checked {
        let name = scalar.key().map_err(|e| self.refused(at, e))?;
        if let Some(open) = self.stack.last_mut() {
            // The parser marks a block mapping at its first colon.
            open.at = open.at.min(at);
            open.size.hold(Size::SCALAR);
        }
        if let Some(waiting) = self.awaited_key() {
            *waiting = Some(Key::Named(name, at));
        }
        Ok(())
    }
}

fn target(node: Node, scalar: Option<Scalar>) -> Target {
    Target { node, size: Size::SCALAR, scalar }
}

/// True for a `<<` that merges: plain, or tagged as such.
fn merges(style: TScalarStyle, tag: Option<&Tag>) -> bool {
    match tag {
        None => style == TScalarStyle::Plain,
        Some(tag) => tag.suffix == "!" || tag.suffix.ends_with("merge"),
    }
}
