//! Hides the values of a broken text's lines where they may be secrets.

use std::ops::Range;

use crate::disclosure::key_names::names_secret;

/// The marks of keys that are written in another way: escapes, joined lines, explicit keys, base64.
const ESCAPES: [&str; 10] =
    ["\\x", "\\u", "\\U", "\\\n", "\\\r", "? ", "?\t", "?\r", "?\n", "binary"];

/// Hides the values around an error, if they may be secrets: those of its top-level block, or of the
/// whole document if that may be a Secret. `read` is the offset up to which the text was read, and
/// `is_secret` says whether a secret was open there.
pub(super) fn hide_doubtful(
    text: &str,
    read: usize,
    error: usize,
    is_secret: bool,
    found: &mut Vec<Range<usize>>,
) {
    let document = document_around(text, error);
    let is_flow = text[document.clone()].trim_start().starts_with(['{', '[']);
    let is_object = is_secret_object(&text[document.clone()], true);
    let block = if is_flow || is_object {
        document.clone()
    } else {
        let start = start_of_block(text, document.start, read.max(document.start));
        start..end_of_block(text, error)
    };
    let inner = &text[block.clone()];
    if is_object || is_secret || is_doubtful(inner) || is_secret_object(inner, false) {
        hide_lines(text, block, found);
    }
    if !is_flow && has_mark(&text[error..document.end.max(error)], '*') {
        hide_anchored(text, document.start.min(error)..error, found);
    }
}

/// Returns the document around an offset.
fn document_around(text: &str, at: usize) -> Range<usize> {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let start = if text[line..].starts_with("---") {
        line
    } else {
        text[..line].rfind("\n---").map_or(0, |end| end + 1)
    };
    let start = if text[start..].starts_with("---") { start + 3 } else { start };
    let end = text[at.max(start)..].find("\n---").map_or(text.len(), |end| at.max(start) + end + 1);
    start..end
}

/// Returns whether a line begins a top-level block. Items of a list may have the column of their
/// key.
fn begins_block(line: &str) -> bool {
    line.starts_with(|c: char| c.is_alphanumeric() || "_\"'!&?*<.".contains(c))
}

/// Returns the start of the top-level block around an offset, in the document that begins at `from`.
fn start_of_block(text: &str, from: usize, at: usize) -> usize {
    let mut end = at;
    loop {
        let start = text[from..end].rfind('\n').map_or(from, |line| from + line + 1);
        if start == from || begins_block(&text[start..]) {
            return start;
        }
        end = start - 1;
    }
}

/// Returns the end of the top-level block around an offset.
fn end_of_block(text: &str, at: usize) -> usize {
    let mut end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    for line in text[end..].split_inclusive('\n') {
        if begins_block(line) {
            break;
        }
        end += line.len();
    }
    end
}

/// Returns whether a text that is not valid YAML may be a Kubernetes Secret, or may have one unless it
/// is `whole`.
fn is_secret_object(text: &str, whole: bool) -> bool {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let lower = line.to_ascii_lowercase();
        let Some((before, kind)) = lower.split_once("kind") else { continue };
        if whole && !matches!(before, "" | "\"" | "'") {
            continue;
        }
        let may_be = |text: &str| text.contains("secret") || text.contains(['\\', '*']);
        let value = kind.trim_matches([':', ' ', '\t', '"', '\'', '|', '>', '-']);
        let is_below = value.is_empty() || value.starts_with(['!', '&', '#']);
        let next = lines.peek().filter(|_| is_below).map(|next| next.to_ascii_lowercase());
        if may_be(kind) || next.is_some_and(|next| may_be(&next)) {
            return true;
        }
    }
    false
}

/// Returns whether a text that is not valid YAML may have a secret: a word names one, or a key may be
/// written in another way.
fn is_doubtful(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    ESCAPES.iter().any(|mark| text.contains(mark))
        || has_mark(text, '&')
        || has_mark(text, '*')
        || text.split(|c| !is_part(c)).any(names_secret)
        || text.split(|c: char| !is_part(c) && !c.is_whitespace()).any(has_name_of_two_words)
}

/// Returns whether two words in a row name a secret, whatever blanks are between them.
fn has_name_of_two_words(text: &str) -> bool {
    let words = text.split_whitespace();
    words.clone().zip(words.skip(1)).any(|(one, two)| names_secret(&format!("{one} {two}")))
}

/// Returns whether a text has an anchor or an alias.
fn has_mark(text: &str, mark: char) -> bool {
    text.match_indices(mark).any(|(at, _)| text[at + 1..].starts_with(char::is_alphanumeric))
}

/// Hides the values with an anchor: a secret behind the error may be an alias of them.
fn hide_anchored(text: &str, region: Range<usize>, found: &mut Vec<Range<usize>>) {
    let (mut start, mut done) = (region.start, region.start);
    for line in text[region].split_inclusive('\n') {
        if start >= done && has_mark(line, '&') {
            done = end_of_block(text, start);
            hide_lines(text, start..done, found);
        }
        start += line.len();
    }
}

/// Hides what follows the key of each line, or the line.
fn hide_lines(text: &str, region: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut start = region.start;
    for line in text[region].split_inclusive('\n') {
        let value = value_start(line);
        let lead = line[value..].len()
            - line[value..].trim_start_matches([' ', '\t', '-', '{', '[', '"', '\'']).len();
        let end = line.trim_end().len();
        if line.get(value + lead..end).is_some_and(|rest| rest.contains(char::is_alphanumeric)) {
            found.push(start + value + lead..start + end);
        }
        start += line.len();
    }
}

/// Returns the offset behind the key of a line; 0 if it begins with no key.
fn value_start(line: &str) -> usize {
    let key = line.trim_start_matches([' ', '\t', '-', '{', '[', '?']);
    let end = key.find(|c: char| !(c.is_alphanumeric() || "_-./\"'\\".contains(c)));
    let rest = end.map_or("", |end| &key[end..]).trim_start_matches([' ', '\t']);
    if rest.starts_with(':') && !rest.starts_with("://") { line.len() - rest.len() + 1 } else { 0 }
}
