//! The nodes of a YAML text, by the events of its parser.

use std::borrow::Cow;
use std::collections::BTreeMap;

use yaml_events::{EventKind, Parser, Properties, Style};

use crate::base64::decode_text;
use crate::disclosure::key_names::names_secret;
use crate::disclosure::marks::Marks;
use crate::disclosure::pairs::is_pair_of_keys;

/// The maximum nesting that is read, as in the reader.
pub(super) const DEPTH: usize = 200;

/// The spellings of a null.
const NULLS: [&str; 5] = ["", "~", "null", "Null", "NULL"];

/// A node of a text.
pub(super) struct Part<'t> {
    pub(super) start: usize,
    pub(super) shape: Shape<'t>,
}

pub(super) enum Shape<'t> {
    Scalar {
        text: Cow<'t, str>,
        is_plain: bool,
    },
    /// The node that it refers to, if there is one.
    Alias(Option<usize>),
    Sequence(Vec<usize>),
    /// Keys and values in turn.
    Mapping(Vec<usize>),
    /// The end of something.
    Absent,
}

/// The nodes of a text, in order.
#[derive(Default)]
pub(super) struct Document<'t> {
    pub(super) parts: Vec<Part<'t>>,
    pub(super) roots: Vec<usize>,
    /// The collections that are open.
    open: Vec<usize>,
    anchors: BTreeMap<&'t str, usize>,
}

impl<'t> Document<'t> {
    /// Reads a text, and returns where it has an error.
    pub(super) fn read(&mut self, text: &'t str) -> Option<usize> {
        let mut parser = Parser::new(text);
        loop {
            let event = match parser.next_event() {
                Ok(event) => event,
                Err(error) => return Some(error.at.offset),
            };
            let start = event.at.offset;
            if self.open.len() >= DEPTH {
                return Some(start);
            }
            match event.kind {
                EventKind::StreamEnd => return None,
                EventKind::Scalar { text, style, properties } => {
                    let is_plain = style == Style::Plain;
                    let text = decoded(text, &properties);
                    self.add(start, Shape::Scalar { text, is_plain }, &properties);
                }
                EventKind::Alias(anchor) => {
                    let target = self.anchors.get(anchor).copied();
                    self.add(start, Shape::Alias(target), &Properties::default());
                }
                EventKind::SequenceStart(properties) => {
                    self.add(start, Shape::Sequence(Vec::new()), &properties);
                    self.open.push(self.parts.len() - 1);
                }
                EventKind::MappingStart(properties) => {
                    self.add(start, Shape::Mapping(Vec::new()), &properties);
                    self.open.push(self.parts.len() - 1);
                }
                EventKind::SequenceEnd | EventKind::MappingEnd => {
                    self.open.pop();
                    self.parts.push(Part { start, shape: Shape::Absent });
                }
                EventKind::DocumentStart { .. } | EventKind::DocumentEnd => {
                    self.parts.push(Part { start, shape: Shape::Absent });
                }
            }
        }
    }

    fn add(&mut self, start: usize, shape: Shape<'t>, properties: &Properties<'t>) {
        let index = self.parts.len();
        match self.open.last().map(|open| &mut self.parts[*open].shape) {
            Some(Shape::Sequence(items) | Shape::Mapping(items)) => items.push(index),
            _ => self.roots.push(index),
        }
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, index);
        }
        self.parts.push(Part { start, shape });
    }

    /// Returns a node, or that of its alias.
    pub(super) fn resolved(&self, index: usize) -> usize {
        match self.parts[index].shape {
            Shape::Alias(target) => target.unwrap_or(index),
            _ => index,
        }
    }

    pub(super) fn text(&self, index: usize) -> Option<&str> {
        match &self.parts[self.resolved(index)].shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns the keys of a mapping with their values; none for any other node.
    pub(super) fn entries(&self, index: usize) -> impl Iterator<Item = (&str, usize)> {
        let entries: &[usize] = match &self.parts[index].shape {
            Shape::Mapping(entries) => entries,
            _ => &[],
        };
        let pairs = entries.chunks_exact(2);
        pairs.map(|pair| (self.text(pair[0]).unwrap_or_default(), pair[1]))
    }

    /// Returns the key of a mapping's entries that is the value in a pair.
    pub(super) fn value_among_keys(&self, entries: &[usize]) -> Option<usize> {
        let [name, first, value, second] = *entries else { return None };
        let has_none = |entry| self.text(entry).is_some_and(|text| NULLS.contains(&text));
        let is_pair = has_none(first)
            && has_none(second)
            && is_pair_of_keys(self.text(name)?, self.text(value)?);
        is_pair.then_some(value)
    }

    /// Returns the mappings that a mapping merges.
    pub(super) fn merged_into(&self, index: usize) -> Vec<usize> {
        let values = self.entries(index).filter(|(key, _)| *key == "<<");
        values.flat_map(|(_, value)| self.merged(value)).collect()
    }

    /// Returns the mappings that the value of a merge key has.
    fn merged(&self, value: usize) -> Vec<usize> {
        let value = self.resolved(value);
        match &self.parts[value].shape {
            Shape::Sequence(items) => items.iter().map(|item| self.resolved(*item)).collect(),
            _ => vec![value],
        }
    }

    pub(super) fn is_mapping(&self, index: usize) -> bool {
        matches!(self.parts[self.resolved(index)].shape, Shape::Mapping(_))
    }

    /// Returns whether a mapping that is open where the text breaks has a secret or may have one.
    pub(super) fn ends_in_secret(&self) -> bool {
        self.open.iter().any(|open| {
            let mut marks = Marks::default();
            self.entries(*open).for_each(|(key, value)| marks.add(key, self.text(value)));
            let last = match &self.parts[*open].shape {
                Shape::Mapping(entries) => entries.chunks(2).last().map(|pair| pair[0]),
                _ => None,
            };
            marks.are_any() || last.and_then(|key| self.text(key)).is_some_and(names_secret)
        })
    }
}

/// Returns the text of a scalar as the reader has it: `!!binary` is decoded.
fn decoded<'t>(text: Cow<'t, str>, properties: &Properties<'_>) -> Cow<'t, str> {
    match properties.tag.as_deref() {
        Some("tag:yaml.org,2002:binary") => decode_text(&text).map_or(text, Cow::Owned),
        _ => text,
    }
}
