//! Finds the end of a value in a sentence.

use super::assignments::Assignment;
use super::shown_text::HIDDEN;
use super::value_end::{ValueEnd, is_plain, value_end};

/// How Go prints a map.
pub(super) const GO_MAP: &str = "map[";

/// The letters of usual escapes, which end a value: `\n`.
const ESCAPES: &str = "nrtux0";

/// Returns whether a key begins a line of YAML, perhaps one that a program shows with its number.
fn begins_line(line: &str, key: &Assignment<'_>) -> bool {
    let gutter = line[..key.start].trim_end_matches(['-', ' ', '\t']).strip_suffix('|');
    let is_number = |text: &str| text.bytes().all(|byte| byte == b' ' || byte.is_ascii_digit());
    key.separator == b':' && (key.leads || gutter.is_some_and(is_number))
}

/// Returns the end of a value in a sentence: of its quotes or brackets, of the line if the key
/// begins it, and of the word otherwise.
pub(super) fn end_in_text(line: &str, key: &Assignment<'_>) -> usize {
    let value = &line[key.value..];
    // It is hidden already.
    if value.strip_prefix(HIDDEN).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)) {
        return key.value + HIDDEN.len();
    }
    if let Some(quoted) = value.strip_prefix("\\\"") {
        return quoted.find("\\\"").map_or(line.len(), |end| key.value + 2 + end + 2);
    }
    if let Some(entries) = value.strip_prefix(GO_MAP) {
        return end_of_syntax(line, line.len() - entries.len() - 1, true);
    }
    if is_plain(value) && takes_line(key.key, value) {
        return end_of_sentence(line, key);
    }
    // A tag, an anchor or an alias of YAML is a word before the value.
    let is_tagged = value.starts_with(['!', '&', '*']) && !value.starts_with(HIDDEN);
    let is_whole = !is_plain(value) || is_tagged || begins_line(line, key);
    let in_brackets = key.in_brackets || !(key.leads || is_tagged);
    let syntax_end = || end_of_syntax(line, key.value, in_brackets);
    match (is_whole, key.in_brackets) {
        (true, _) => syntax_end(),
        // A bracket may be a part of a word: `{password: a)b}`.
        (false, true) => syntax_end().max(end_of_plain(line, key)),
        (false, false) => end_of_plain(line, key),
    }
}

/// Returns the end of the quotes or brackets of a value, or of the line if they continue.
fn end_of_syntax(line: &str, at: usize, in_brackets: bool) -> usize {
    match value_end(line, at, in_brackets) {
        ValueEnd::At(end) => end,
        ValueEnd::Open(_) => line.len(),
    }
}

/// Returns the end of the word of a value.
fn end_of_plain(line: &str, key: &Assignment<'_>) -> usize {
    let value = &line[key.value..];
    // `Authorization: Basic x`: the value begins after the first word.
    let scheme = value.find(' ').filter(|length| is_scheme(&value[..*length]));
    let from = key.value + scheme.map_or(0, |length| length + 1);
    let end = end_of_value(line, from, key.separator);
    let word = line[key.value..end].trim_end_matches(['.', ',', ';', ':', ')', ']', '}']);
    key.value + word.len()
}

/// Returns the end of a value without spaces. Quotes and brackets before a letter are a part of it,
/// and `&` is if no parameter of a URL follows.
fn end_of_value(line: &str, from: usize, separator: u8) -> usize {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | '&');
    let mut next = from;
    while let Some(at) = line[next..].find(ends).map(|at| next + at) {
        let letter = line[at..].chars().next().unwrap_or_default();
        next = at + letter.len_utf8();
        let rest = &line[next..];
        let is_part = match letter {
            '&' => separator != b'=' || !starts_parameter(rest),
            '\\' => {
                rest.starts_with(' ')
                    || rest.starts_with(|c: char| c.is_alphanumeric() && !ESCAPES.contains(c))
            }
            letter if letter.is_whitespace() => line[..at].ends_with('\\'),
            _ => rest.starts_with(char::is_alphanumeric),
        };
        if !is_part {
            return at;
        }
    }
    line.len()
}

/// Returns whether a text begins with a parameter of a URL.
fn starts_parameter(text: &str) -> bool {
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let rest = text.trim_start_matches(is_in_name);
    rest.len() < text.len() && (rest.is_empty() || rest.starts_with(['=', '&']))
}

/// Returns whether the value of a key has spaces: a header with several parts, or a phrase.
fn takes_line(key: &str, value: &str) -> bool {
    let name = key.to_ascii_lowercase();
    let one_word = value.split(' ').next().is_some_and(is_scheme);
    name.ends_with("cookie")
        || name.ends_with("phrase")
        || name.ends_with("mnemonic")
        || name.ends_with("authorization") && (!one_word || value.contains(['=', ',']))
}

/// Returns the end of a value with spaces: the quote before its key, or the end of the line.
fn end_of_sentence(line: &str, key: &Assignment<'_>) -> usize {
    let quote = line[..key.start].chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
    // A header may have quotes in it.
    let has_quotes = line[key.value..].contains("=\"");
    let value = &line[key.value..];
    let end =
        quote.and_then(|quote| if has_quotes { value.rfind(quote) } else { value.find(quote) });
    end.map_or(line.len(), |end| key.value + end)
}

/// Returns whether a word says how a value proves who somebody is.
fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "digest", "token", "apikey"]
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one))
}
