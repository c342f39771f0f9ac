//! Finds the secrets of a YAML text by the events of its parser, which knows every spelling of a
//! key: escapes, anchors, comments and blocks.
//!
//! A text may be broken: then the events up to the error count, and where the text behind them
//! leaves a doubt, the values of its lines are hidden.

mod document;
mod doubt;

use std::collections::BTreeSet;
use std::ops::Range;

use super::literals::is_literal;
use super::marks::Marks;
use super::pairs::is_pair;
use document::{DEPTH, Document, Part, Shape};
use doubt::hide_doubtful;

/// The steps of a search for each node of a text: merge keys read mappings again.
const STEPS: usize = 8;

/// Plain scalars that YAML does not read as texts.
const CONSTANTS: &[&str] = &["", "~", "null", "true", "false"];

/// Adds the ranges of a text's secrets. `is_yaml` says whether the text is known to be YAML; any
/// other text may fail to be without a doubt about its secrets.
pub(super) fn add_yaml_values(text: &str, is_yaml: bool, found: &mut Vec<Range<usize>>) {
    let mut document = Document::default();
    let error = document.read(text);
    if error.is_some() && !is_yaml {
        return;
    }
    document.parts.push(Part { start: error.unwrap_or(text.len()), shape: Shape::Absent });
    let mut search = Search { document: &document, text, seen: BTreeSet::new(), steps: 0, found };
    for root in &document.roots {
        search.walk(*root, false);
    }
    if search.is_exhausted() {
        search.found.push(0..text.len());
    }
    if let Some(error) = error {
        let read = document.parts.iter().rev().nth(1).map_or(0, |last| last.start).min(error);
        hide_doubtful(text, read, error, document.ends_in_secret(), found);
    }
}

/// A search for the secrets of a text.
struct Search<'d, 'f> {
    document: &'d Document<'d>,
    text: &'d str,
    /// The nodes that aliases made secrets.
    seen: BTreeSet<usize>,
    steps: usize,
    found: &'f mut Vec<Range<usize>>,
}

impl Search<'_, '_> {
    fn is_exhausted(&self) -> bool {
        self.steps > STEPS * self.document.parts.len()
    }

    fn walk(&mut self, index: usize, secret: bool) {
        self.steps += 1;
        if self.is_exhausted() {
            return;
        }
        let document = self.document;
        match &document.parts[index].shape {
            Shape::Scalar { text, is_plain } => {
                let is_constant = *is_plain && CONSTANTS.contains(&&**text);
                if secret && !is_constant && is_literal(text) {
                    self.hide(index);
                }
            }
            Shape::Alias(_) => {
                let target = document.resolved(index);
                if secret && target != index && self.seen.insert(target) {
                    self.walk(target, true);
                }
            }
            Shape::Sequence(items) => {
                let text = |item: usize| document.text(item);
                let is_pair = matches!(**items, [name, value] if is_pair(text(name), text(value)));
                for (at, item) in items.iter().enumerate() {
                    self.walk(*item, secret || is_pair && at == 1);
                }
            }
            Shape::Mapping(items) => {
                if let Some(value) = document.value_among_keys(items) {
                    self.walk(value, true);
                }
                self.walk_mapping(index, secret);
            }
            Shape::Absent => {}
        }
    }

    fn walk_mapping(&mut self, index: usize, secret: bool) {
        let document = self.document;
        let merged = document.merged_into(index);
        let of_merged = || merged.iter().flat_map(|merged| document.entries(*merged));
        // A merged mapping may itself merge one that names a secret.
        let secret = secret || of_merged().any(|(key, _)| key == "<<");
        let mut marks = Marks::default();
        for (key, value) in document.entries(index) {
            marks.add(key, document.text(value));
        }
        for (key, value) in of_merged() {
            self.steps += 1;
            marks.add(key, document.text(value));
        }
        for (key, value) in document.entries(index) {
            self.walk(value, marks.is_secret(key, secret, document.is_mapping(value)));
            if self.is_exhausted() {
                return;
            }
        }
        for (key, value) in of_merged() {
            self.steps += 1;
            if marks.is_secret(key, secret, document.is_mapping(value)) {
                self.walk(value, true);
            }
        }
    }

    /// Hides a scalar: up to the next node, without the punctuation between them.
    fn hide(&mut self, index: usize) {
        let start = self.document.parts[index].start;
        let later = self.document.parts[index + 1..].iter().map(|part| part.start);
        let end = later.take(DEPTH + 2).find(|next| *next > start).unwrap_or(start);
        let between = |c: char| c.is_whitespace() || ",]}-:?".contains(c);
        let Some(value) = self.text.get(start..end) else { return };
        let length = value.trim_end_matches(between).len();
        // A value may be nothing but punctuation.
        let length = if length == 0 { value.trim_end().len() } else { length };
        self.found.push(start..start + length);
    }
}

#[cfg(test)]
mod tests;
