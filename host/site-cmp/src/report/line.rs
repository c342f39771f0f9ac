//! One line of a file, fit to be shown: a long one is cut around the place.

use std::ops::Range;

use super::escape::visible_line;

/// Characters shown before and after the place.
const BEFORE: usize = 60;
const AFTER: usize = 100;

/// A line, and which bytes of it to point at.
pub(super) struct Shown {
    /// The text.
    pub(super) text: String,
    /// The bytes.
    pub(super) span: Range<usize>,
}

/// The part of a line around a column, which counts characters from 1.
pub(super) fn around(line: &str, column: usize) -> Shown {
    let column = column.saturating_sub(1);
    // One walk up to the column: the line may be the whole of a very large file.
    let at = byte_of(line, column);
    let start = line[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(start, _)| start);
    let end = at + byte_of(&line[at..], AFTER);

    let mut text = String::new();
    if start > 0 {
        text.push_str("...");
    }
    text.push_str(&visible_line(&line[start..at]));
    let from = text.len();
    let token = token(&line[at..end]);
    text.push_str(&visible_line(token));
    let to = text.len();
    text.push_str(&visible_line(&line[at + token.len()..end]));
    if end < line.len() {
        text.push_str("...");
    }
    Shown { text, span: from..to }
}

/// The byte where a text's nth character begins, or its end.
fn byte_of(text: &str, nth: usize) -> usize {
    text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at)
}

/// The word that a text begins with, as YAML would see it: quoted, or up to what ends a
/// plain scalar.
fn token(text: &str) -> &str {
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
