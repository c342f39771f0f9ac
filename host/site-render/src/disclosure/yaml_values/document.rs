//! The nodes of a YAML text, by the events of its parser.

use std::collections::BTreeMap;

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

use crate::disclosure::key_names::names_secret;
use crate::disclosure::marks::Marks;
use crate::disclosure::pairs::is_pair_of_keys;

/// The maximum nesting that is read, as in the reader.
pub(super) const DEPTH: usize = 200;

/// The byte offsets of a text's characters, which the parser counts.
pub(super) struct Offsets<'t> {
    text: &'t str,
    /// Every 64th character; empty for ASCII.
    every: Vec<usize>,
}

impl<'t> Offsets<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let every = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(64).map(|(at, _)| at).collect()
        };
        Self { text, every }
    }

    fn byte(&self, index: usize) -> usize {
        if self.every.is_empty() {
            return index.min(self.text.len());
        }
        let Some(from) = self.every.get(index / 64) else { return self.text.len() };
        let mut rest = self.text[*from..].char_indices();
        rest.nth(index % 64).map_or(self.text.len(), |(at, _)| from + at)
    }
}

/// A node of a text.
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    Scalar {
        text: String,
        is_plain: bool,
    },
    Alias(usize),
    Sequence(Vec<usize>),
    /// Keys and values in turn.
    Mapping(Vec<usize>),
    /// The end of something.
    Absent,
}

/// The nodes of a text, in order.
#[derive(Default)]
pub(super) struct Document {
    pub(super) parts: Vec<Part>,
    pub(super) roots: Vec<usize>,
    /// The collections that are open.
    open: Vec<usize>,
    anchors: BTreeMap<usize, usize>,
}

impl Document {
    /// Reads a text, and returns where it has an error.
    pub(super) fn read(&mut self, text: &str, offsets: &Offsets<'_>) -> Option<usize> {
        let mut parser = Parser::new(text.chars().chain(['\n']));
        loop {
            let (event, mark) = match parser.next_token() {
                Ok((Event::StreamEnd, _)) => return None,
                Ok(next) => next,
                Err(error) => return Some(offsets.byte(error.marker().index())),
            };
            let start = offsets.byte(mark.index());
            if self.open.len() >= DEPTH {
                return Some(start);
            }
            match event {
                Event::Scalar(text, style, anchor, _) => {
                    let is_plain = style == TScalarStyle::Plain;
                    self.add(start, Shape::Scalar { text, is_plain }, anchor);
                }
                Event::Alias(anchor) => self.add(start, Shape::Alias(anchor), 0),
                Event::SequenceStart(anchor, _) => {
                    self.add(start, Shape::Sequence(Vec::new()), anchor);
                    self.open.push(self.parts.len() - 1);
                }
                Event::MappingStart(anchor, _) => {
                    self.add(start, Shape::Mapping(Vec::new()), anchor);
                    self.open.push(self.parts.len() - 1);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    self.open.pop();
                    self.parts.push(Part { start, shape: Shape::Absent });
                }
                _ => self.parts.push(Part { start, shape: Shape::Absent }),
            }
        }
    }

    fn add(&mut self, start: usize, shape: Shape, anchor: usize) {
        let index = self.parts.len();
        match self.open.last().map(|open| &mut self.parts[*open].shape) {
            Some(Shape::Sequence(items) | Shape::Mapping(items)) => items.push(index),
            _ => self.roots.push(index),
        }
        if anchor > 0 {
            self.anchors.insert(anchor, index);
        }
        self.parts.push(Part { start, shape });
    }

    /// Returns a node, or that of its alias.
    pub(super) fn resolved(&self, index: usize) -> usize {
        match self.parts[index].shape {
            Shape::Alias(anchor) => self.anchors.get(&anchor).copied().unwrap_or(index),
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
        let has_none = |entry| self.text(entry).is_some_and(|text| ["", "~"].contains(&text));
        let is_pair = has_none(first)
            && has_none(second)
            && is_pair_of_keys(self.text(name)?, self.text(value)?);
        is_pair.then_some(value)
    }

    /// Returns the mappings that the value of a merge key has.
    pub(super) fn merged(&self, value: usize) -> Vec<usize> {
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
