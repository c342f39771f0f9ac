//! Finds the parts of a file's text that hold secrets, so that a message can show its lines.
//!
//! The file may be YAML, JSON, Jsonnet, Python or none of them, and may have syntax errors: then its
//! lines are shown. So this reads lines, keys, quotes, brackets and indentation; `yaml_values` adds
//! what a parser knows. Where they leave a doubt, a line is hidden.

mod open_value;

use std::borrow::Cow;
use std::ops::Range;

use super::assignments::{Assignment, assignments};
use super::code_items::add_code_items;
use super::code_lines::add_code_texts;
use super::key_names::{Sensitivity, is_reference, names_secret, sensitivity};
use super::literals::may_be_shown;
use super::marks::{is_name_key, is_value_key};
use super::shown_text::replace_ranges;
use super::token_shapes::add_shapes;
use super::url_credentials::add_url_credentials;
use super::value_end::{OpenSyntax, ValueEnd, continued_end, value_end};
use super::yaml_values::add_yaml_values;
use open_value::OpenValue;

/// The longest name of a variable, in bytes.
const LONGEST_NAME: usize = 256;

/// The language of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// YAML or JSON.
    Yaml,
    /// Python or Jsonnet.
    Code,
    /// Any of them, or none.
    Unknown,
}

/// Returns the byte ranges of a text that must not be shown, in order and apart from each other.
pub(crate) fn hidden_ranges(text: &str) -> Vec<Range<usize>> {
    hidden_ranges_of(text, Language::Unknown)
}

/// Returns the text of a YAML file without its secrets.
pub fn shown_file(text: &str) -> Cow<'_, str> {
    replace_ranges(text, hidden_ranges_of(text, Language::Yaml))
}

/// Returns the same ranges of a text in a language, and those that leave a doubt in it.
pub(crate) fn hidden_ranges_of(text: &str, language: Language) -> Vec<Range<usize>> {
    let (mut scan, mut start) = (FileScan::default(), 0);
    for line in text.split_inclusive('\n') {
        if start == 0 || line.starts_with("---") {
            scan.is_secret_object = is_secret_object(&text[start..]);
        }
        scan.start = start;
        scan.read_line(line.trim_end_matches(['\n', '\r']));
        start += line.len();
    }
    let mut found = scan.hidden;
    add_shapes(text, &mut found);
    add_url_credentials(text, &mut found);
    if language == Language::Code {
        add_code_texts(text, &mut found);
        add_code_items(text, &mut found);
    } else {
        add_yaml_values(text, language == Language::Yaml, &mut found);
    }
    merge_ranges(found)
}

/// Sorts ranges and merges those that touch.
pub(super) fn merge_ranges(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Returns whether the document that begins here is a Kubernetes Secret.
fn is_secret_object(text: &str) -> bool {
    let document = text.lines().enumerate();
    document.take_while(|(at, line)| *at == 0 || !line.starts_with("---")).any(|(_, line)| {
        let words = || line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        line.len() < 40 && words().eq(["kind", "Secret"])
    })
}

/// The state between two lines.
#[derive(Default)]
struct FileScan {
    hidden: Vec<Range<usize>>,
    /// The offset of the current line.
    start: usize,
    open: Option<OpenValue>,
    /// The column of the key `name`, if its value names a secret: `name: DB_PASSWORD`.
    named: Option<usize>,
    /// The column and the range of the last value that a later name may make a secret.
    unnamed: Option<(usize, Range<usize>)>,
    is_secret_object: bool,
}

impl FileScan {
    fn hide(&mut self, range: Range<usize>) {
        if range.start < range.end {
            self.hidden.push(self.start + range.start..self.start + range.end);
        }
    }

    fn read_line(&mut self, line: &str) {
        let column = line.len() - line.trim_start().len();
        let Some(mut open) = self.open.take() else { return self.read_keys(line, 0) };
        if let Some(syntax) = open.syntax.take() {
            return self.continue_syntax(line, column, open, syntax);
        }
        if line.trim().is_empty() {
            self.open = Some(open);
        } else if open.contains(line, column) {
            self.read_inner(line, column, open);
        } else {
            self.read_keys(line, 0);
        }
    }

    /// Reads a line that begins within quotes or brackets of a secret.
    fn continue_syntax(&mut self, line: &str, column: usize, open: OpenValue, syntax: OpenSyntax) {
        match continued_end(line, syntax) {
            ValueEnd::At(end) => {
                self.hide(column..end);
                self.open = Some(open);
            }
            ValueEnd::Open(syntax) => {
                self.hide(column..line.len());
                self.open = Some(OpenValue { syntax: Some(syntax), ..open });
            }
        }
    }

    /// Reads a line that belongs to the value of a secret key.
    fn read_inner(&mut self, line: &str, column: usize, mut open: OpenValue) {
        open.text_below = open.text_below.filter(|above| column > *above || !open.has_begun);
        open.shown_below = open.shown_below.filter(|above| column > *above);
        if open.shown_below.is_some() {
            self.open = Some(open);
            return self.read_keys(line, 0);
        }
        let keys = if open.text_below.is_some() { Vec::new() } else { assignments(line) };
        let key = keys.into_iter().find(|one| one.leads && one.separator == b':');
        match key {
            Some(key) if open.is_ambiguous || is_reference(key.key) => {
                open.shown_below = Some(if open.is_ambiguous { open.column } else { column });
                self.open = Some(open);
                return self.read_keys(line, 0);
            }
            Some(key) => {
                let value = &line[key.value..];
                if is_block_head(value) {
                    open.text_below = Some(column);
                } else if !may_be_shown(value) {
                    open.syntax = self.hide_value(line, key.value, false);
                }
            }
            None if line.trim() == "-" => {}
            None => {
                let item = line.trim_start().trim_start_matches("- ");
                open.syntax = self.hide_value(line, line.len() - item.len(), false);
            }
        }
        open.has_begun = true;
        self.open = Some(open);
    }

    /// Hides a value, and returns its quotes and brackets if it continues.
    fn hide_value(&mut self, line: &str, at: usize, in_brackets: bool) -> Option<OpenSyntax> {
        match value_end(line, at, in_brackets) {
            ValueEnd::At(end) => {
                self.hide(at..end);
                None
            }
            ValueEnd::Open(syntax) => {
                self.hide(at..line.len());
                Some(syntax)
            }
        }
    }

    /// Reads a line outside of any secret, from an offset.
    fn read_keys(&mut self, line: &str, from: usize) {
        let column = line.len() - line.trim_start().len();
        self.named = self.named.filter(|named| column >= *named);
        if line.trim_start().starts_with("- ") {
            self.named = None;
            self.unnamed = None;
        }
        let keys = assignments(line);
        let names = keys.iter().any(|key| names_variable(line, key));
        let explicit = line.trim_start().strip_prefix("? ").filter(|key| names_secret(key.trim()));
        if explicit.is_some() {
            self.open = Some(OpenValue::below(column, Sensitivity::Certain));
        }
        let mut done = from;
        for key in keys.iter().filter(|key| key.value >= from) {
            let same = self.named == Some(key.start) || names;
            let is_value = is_value_key(key.key);
            if names_variable(line, key) {
                self.note_name(key);
            } else if key.value >= done && (self.names_secret(line, key) || is_value && same) {
                done = self.read_secret(line, key);
            } else if is_value && !may_be_shown(&line[key.value..]) {
                let end = self.start + line.len();
                self.unnamed = Some((key.start, self.start + key.value..end));
            }
        }
    }

    fn names_secret(&self, line: &str, key: &Assignment<'_>) -> bool {
        let of_object = key.key == "stringData" || self.is_secret_object && key.key == "data";
        of_object || key.names_secret(line)
    }

    /// Remembers that `name` has the name of a secret. The value may be above it.
    fn note_name(&mut self, key: &Assignment<'_>) {
        self.named = Some(key.start);
        if let Some((_, range)) = self.unnamed.take().filter(|(column, _)| *column == key.start) {
            self.hidden.push(range);
        }
    }

    /// Reads the value of a secret key, and returns where it ends.
    fn read_secret(&mut self, line: &str, key: &Assignment<'_>) -> usize {
        let value = &line[key.value..];
        let column = if key.leads { key.start } else { usize::MAX };
        let sensitivity = match sensitivity(key.key) {
            Sensitivity::Plain => Sensitivity::Certain,
            known => known,
        };
        let mut open = OpenValue::below(column, sensitivity);
        if is_block_head(value) {
            open.text_below = value.contains(['|', '>']).then_some(column);
            self.open = Some(open);
            return line.len();
        }
        if may_be_shown(value) || open.is_ambiguous && value.starts_with('{') {
            return key.value;
        }
        let end = value_end(line, key.value, key.in_brackets);
        let end = match end {
            ValueEnd::At(end) if may_be_shown(&line[key.value..end]) => return end,
            ValueEnd::At(end) => end,
            ValueEnd::Open(syntax) => {
                open.syntax = Some(syntax);
                line.len()
            }
        };
        self.hide(key.value..end);
        open.has_begun = true;
        open.text_below = Some(column);
        self.open = (key.leads || open.syntax.is_some()).then_some(open);
        end
    }
}

/// Returns whether a key is `name` and its value names a secret.
fn names_variable(line: &str, key: &Assignment<'_>) -> bool {
    let end = line.floor_char_boundary(key.value + LONGEST_NAME);
    let value = line[key.value..end].split([',', '}', '#']).next().unwrap_or_default();
    is_name_key(key.key) && names_secret(value.trim().trim_matches(['"', '\'']))
}

/// Returns whether a value begins on the next line: it is empty, the head of a block scalar, or has
/// only a tag, an anchor, a comment or the end of a line of Python.
fn is_block_head(value: &str) -> bool {
    value.split_whitespace().take_while(|word| !word.starts_with('#')).all(|word| {
        word.starts_with(['|', '>', '!', '&']) && (word.len() <= 3 || word.starts_with(['!', '&']))
            || word == "\\"
    })
}

#[cfg(test)]
mod tests;
