//! Hides the texts and numbers of Python and Jsonnet that belong to the name of a secret across lines:
//! those of its statement, or of its item between two commas of brackets.
//!
//! The file may have syntax errors, so this reads no more than quotes, comments, brackets and
//! indentation, and follows no bracket that closes nothing.

use std::ops::Range;

use super::code_lines::is_name;
use super::escapes::unescaped;
use super::key_names::{Sensitivity, sensitivity, without_width};
use super::marks::is_name_key;
use super::source_text::merge_ranges;

/// The longest name, in bytes.
const NAME: usize = 256;

/// How many open brackets are compared with one that closes: each of many may close nothing.
const OPEN: usize = 64;

/// Words that continue a statement of the line above.
const CONTINUES: &[&str] = &["or ", "and ", "else ", "in ", "is ", "+", "\"", "'", ":", "."];

/// Adds the ranges of texts and numbers that belong to the name of a secret.
pub(super) fn add_code_items(text: &str, found: &mut Vec<Range<usize>>) {
    let mut scan = Scan { text, ..Scan::default() };
    scan.read();
    let marked = merge_ranges(scan.marked);
    found.extend(scan.values.into_iter().filter(|value| {
        let next = marked.partition_point(|range| range.end <= value.start);
        let is_marked = marked.get(next).is_some_and(|range| range.start <= value.start);
        is_marked && !is_name(text, value)
    }));
}

/// A statement, or brackets.
struct CodeScope {
    /// The bracket that opens it; 0 for a statement.
    opener: u8,
    /// The column of a statement.
    column: usize,
    start: usize,
    /// The start of the current item.
    item: usize,
    /// Whether the current item has the name of a secret.
    is_marked: bool,
    /// Whether all items have it: `{ name: 'DB_PASSWORD', value: 'x' }`.
    all_marked: bool,
    /// Whether the key of the item is that of a name.
    holds_name: bool,
}

#[derive(Default)]
struct Scan<'t> {
    text: &'t str,
    /// Statements, and above them brackets.
    open: Vec<CodeScope>,
    values: Vec<Range<usize>>,
    marked: Vec<Range<usize>>,
    /// The last name: a word, or quoted texts that are one.
    last: String,
    /// Whether a quoted text continues the last one.
    joins: bool,
    /// The last byte that is neither space nor comment.
    previous: u8,
}

impl Scan<'_> {
    fn read(&mut self) {
        self.start_statement(0);
        let mut at = 0;
        while let Some(byte) = self.text.as_bytes().get(at).copied() {
            let end = self.read_token(at, byte);
            if !byte.is_ascii_whitespace() && !self.is_comment(at) {
                self.previous = self.text.as_bytes()[end - 1];
            }
            at = end;
        }
        while !self.open.is_empty() {
            self.close_last(self.text.len());
        }
    }

    fn is_comment(&self, at: usize) -> bool {
        self.text[at..].starts_with(['#']) || self.text[at..].starts_with("//")
    }

    /// Reads the token at an offset, and returns its end.
    fn read_token(&mut self, at: usize, byte: u8) -> usize {
        let rest = &self.text[at..];
        match byte {
            b'"' | b'\'' => return self.read_text(at),
            b'|' if rest.starts_with("|||") => {
                let end = rest[3..].find("|||").map_or(self.text.len(), |end| at + end + 6);
                self.values.push(at..end);
                return end;
            }
            _ if self.is_comment(at) => return at + rest.find('\n').unwrap_or(rest.len()),
            b'\n' => self.end_line(at),
            b'(' | b'[' | b'{' => self.push(byte, 0, at),
            b')' | b']' | b'}' => self.close(byte, at),
            b',' | b';' => self.end_item(byte, at),
            b':' => self.note_key(),
            _ if byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii() => {
                return self.read_word(at);
            }
            _ => {}
        }
        self.joins &= byte.is_ascii_whitespace() || b"+\\".contains(&byte);
        at + 1
    }

    fn push(&mut self, opener: u8, column: usize, start: usize) {
        let (is_marked, all_marked, holds_name) = (false, false, false);
        let item = start;
        let scope = CodeScope { opener, column, start, item, is_marked, all_marked, holds_name };
        self.open.push(scope);
    }

    fn close_last(&mut self, at: usize) {
        let Some(scope) = self.open.pop() else { return };
        if scope.all_marked {
            self.marked.push(scope.start..at);
        } else if scope.is_marked {
            self.marked.push(scope.item..at);
        }
    }

    /// Closes a bracket, and those in it that nothing closed.
    fn close(&mut self, byte: u8, at: usize) {
        let opener = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let open = self.open.iter().rev().take(OPEN).take_while(|scope| scope.opener != 0);
        let Some(above) = open.into_iter().position(|scope| scope.opener == opener) else { return };
        for _ in 0..=above {
            self.close_last(at);
        }
    }

    /// Ends an item at a comma in brackets, or at a semicolon of a statement.
    fn end_item(&mut self, byte: u8, at: usize) {
        let Some(scope) = self.open.last_mut() else { return };
        if (byte == b',') == (scope.opener != 0) {
            if scope.is_marked {
                self.marked.push(scope.item..at);
            }
            (scope.item, scope.is_marked, scope.holds_name) = (at, false, false);
        }
    }

    /// Begins the statement of the next line, if that is one.
    fn end_line(&mut self, at: usize) {
        if self.open.last().is_some_and(|scope| scope.opener == 0) {
            self.start_statement(at + 1);
        }
    }

    fn start_statement(&mut self, at: usize) {
        let line = &self.text[at..];
        let text = line.trim_start_matches([' ', '\t', '\r', '\x0c']);
        let column = line.len() - text.len();
        let is_empty = text.is_empty() || text.starts_with(['\n', '#']);
        let continues =
            b"\\+=".contains(&self.previous) || CONTINUES.iter().any(|word| text.starts_with(word));
        if is_empty || continues && !self.open.is_empty() {
            return;
        }
        while self.open.last().is_some_and(|above| above.column >= column) {
            self.close_last(at);
        }
        self.push(0, column, at);
    }

    fn note_key(&mut self) {
        if let Some(scope) = self.open.last_mut().filter(|scope| scope.opener == b'{') {
            scope.holds_name = is_name_key(&self.last) || self.last.eq_ignore_ascii_case("kind");
        }
    }

    fn read_word(&mut self, at: usize) -> usize {
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let rest = &self.text[at..];
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let part = |c: char| part(c) && (is_number || c != '.');
        let length = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
        let length = length.max(rest.chars().next().map_or(1, char::len_utf8));
        let end = at + length;
        // The letters before a text: `f'x'`.
        if length <= 2 && self.text[end..].starts_with(['"', '\'']) {
            return end;
        }
        self.joins = false;
        self.last.clear();
        if is_number && length > 1 {
            self.values.push(at..end);
        } else if length <= NAME {
            self.last.extend(rest[..length].chars().map(without_width));
            self.mark_name(end);
        }
        end
    }

    /// Reads a quoted text, up to the end of its line if nothing closes it.
    fn read_text(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        let triple = [r#"""""#, "'''"].into_iter().find(|quote| rest.starts_with(quote));
        let length = triple.map_or(1, str::len);
        let content = at + length;
        let end = match triple {
            Some(quote) => {
                rest[length..].find(quote).map_or(self.text.len(), |end| content + end + length)
            }
            None => self.end_of_text(at),
        };
        self.values.push(at..end);
        let text = self.text[content..end].trim_end_matches(&rest[..1]);
        if !self.joins || self.last.len() > NAME {
            self.last.clear();
        }
        if text.len() <= NAME {
            let text = text.replace("\\\n", "");
            self.last.push_str(&unescaped(&text).unwrap_or(text));
            self.mark_name(end);
        }
        self.joins = true;
        end
    }

    fn end_of_text(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = at + 1;
        while end < bytes.len() && bytes[end] != b'\n' {
            match bytes[end] {
                b'\\' => end += 1 + usize::from(bytes[end + 1..].first() == Some(&b'\r')),
                byte if byte == bytes[at] => return end + 1,
                _ => {}
            }
            end += 1;
        }
        self.text.ceil_char_boundary(end.min(bytes.len()))
    }

    /// Marks what belongs to the last name, if it may be that of a secret.
    fn mark_name(&mut self, end: usize) {
        let holds_name = self.open.last().is_some_and(|scope| scope.holds_name);
        let is_object = holds_name && self.last == "Secret";
        let is_key = || self.text[end..].trim_start().starts_with(':');
        match sensitivity(&self.last) {
            Sensitivity::Plain if !is_object => return,
            // A mapping below it refers to secrets.
            Sensitivity::Ambiguous if is_key() => return,
            _ => {}
        }
        for scope in self.open.iter_mut().rev() {
            if scope.is_marked && !holds_name {
                return;
            }
            scope.is_marked = true;
            scope.all_marked |= holds_name;
            if scope.opener != b'(' && scope.opener != b'[' {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
