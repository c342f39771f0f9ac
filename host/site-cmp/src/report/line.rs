//! Prepares one line of a file for display: a long line is cut around the location.

use std::ops::Range;

use super::escape::visible_line;

/// Characters shown before and after the location.
const BEFORE: usize = 60;
const AFTER: usize = 100;

/// A line, and the bytes of it that are marked.
pub(super) struct MarkedLine {
    /// The text.
    pub(super) text: String,
    /// The bytes.
    pub(super) span: Range<usize>,
}

/// Returns the part of a line around a column, which counts characters from 1.
pub(super) fn cut_around(line: &str, column: usize) -> MarkedLine {
    let column = column.saturating_sub(1);
    // The line is walked once: it may be a whole file of one line.
    let at = byte_of_character(line, column);
    let start = line[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(start, _)| start);
    let end = at + byte_of_character(&line[at..], AFTER);

    let mut text = String::new();
    if start > 0 {
        text.push_str("...");
    }
    text.push_str(&visible_line(&line[start..at]));
    let from = text.len();
    let token = first_token(&line[at..end]);
    text.push_str(&visible_line(token));
    let to = text.len();
    text.push_str(&visible_line(&line[at + token.len()..end]));
    if end < line.len() {
        text.push_str("...");
    }
    MarkedLine { text, span: from..to }
}

/// Returns the byte where a text's nth character begins, or the text's end.
fn byte_of_character(text: &str, nth: usize) -> usize {
    text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at)
}

/// Returns the first YAML token of a text: a quoted scalar, or a plain scalar up to its end.
fn first_token(text: &str) -> &str {
    let mut characters = text.char_indices();
    let Some((_, quote @ ('"' | '\''))) = characters.next() else {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}');
        let word = text.split(ends).next().unwrap_or_default();
        return word.strip_suffix(':').unwrap_or(word);
    };
    characters
        .find(|(_, character)| *character == quote)
        .map_or(text.trim_end(), |(at, _)| &text[..=at])
}
