//! Hides secrets in sentences, logs and output of other programs.

use std::borrow::Cow;
use std::ops::Range;

use super::assignments::{Assignment, assignments};
use super::key_names::{Sensitivity, sensitivity};
use super::literals::may_be_shown;
use super::source_text::merge_ranges;
use super::token_shapes::{add_shapes, end_of_word};
use super::url_credentials::add_url_credentials;
use super::value_end::{ValueEnd, value_end};

/// The text in place of a hidden value.
pub const HIDDEN: &str = "***";

/// Returns a text without the secrets in it: tokens of a known shape, credentials of URLs, and
/// values beside a key that names a secret. A text that this returned is returned unchanged.
pub fn shown_text(text: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    add_shapes(text, &mut found);
    add_url_credentials(text, &mut found);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        add_assigned(line, start, &mut found);
        start += line.len();
    }
    replace_ranges(text, found)
}

/// Replaces ranges of a text.
pub(super) fn replace_ranges(text: &str, ranges: Vec<Range<usize>>) -> Cow<'_, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for range in merge_ranges(ranges) {
        shown.push_str(&text[done..range.start]);
        shown.push_str(HIDDEN);
        done = range.end;
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Adds the values of secret keys in a line.
fn add_assigned(line: &str, start: usize, found: &mut Vec<Range<usize>>) {
    let text = line.trim_end_matches(['\n', '\r']);
    let mut done = 0;
    for key in assignments(text) {
        if key.value < done || is_prose(&key) || !key.names_secret(text) {
            continue;
        }
        let is_ambiguous = sensitivity(key.key) == Sensitivity::Ambiguous;
        if is_ambiguous && text[key.value..].starts_with('{') {
            continue;
        }
        let end = end_in_text(text, &key);
        if end > key.value && !may_be_shown(&text[key.value..end]) {
            found.push(start + key.value..start + end);
            done = end;
        }
    }
}

/// Returns whether a sentence names a key and no value follows: a key in backticks, a path, or the
/// code of a finding.
fn is_prose(key: &Assignment<'_>) -> bool {
    key.quote == Some('`') || key.key.contains('/')
}

/// Returns whether a key begins a line of YAML, perhaps one that a program shows with its number.
fn begins_line(line: &str, key: &Assignment<'_>) -> bool {
    let gutter = line[..key.start].trim_end_matches(['-', ' ', '\t']).strip_suffix('|');
    let is_number = |text: &str| text.bytes().all(|byte| byte == b' ' || byte.is_ascii_digit());
    key.separator == b':' && (key.leads || gutter.is_some_and(is_number))
}

/// Returns the end of a value in a sentence: of its quotes or brackets, of the line if the key
/// begins it, and of the word otherwise.
fn end_in_text(line: &str, key: &Assignment<'_>) -> usize {
    let value = &line[key.value..];
    if let Some(quoted) = value.strip_prefix("\\\"") {
        return quoted.find("\\\"").map_or(line.len(), |end| key.value + 2 + end + 2);
    }
    let is_quoted = value.starts_with(['"', '\'', '`', '{', '[', '(']);
    if is_quoted || begins_line(line, key) {
        let in_brackets = key.in_brackets || !key.leads;
        return match value_end(line, key.value, in_brackets) {
            ValueEnd::At(end) => end,
            ValueEnd::Open(_) => line.len(),
        };
    }
    let end = match key.separator {
        b'=' => value.find('&').map_or(line.len(), |end| key.value + end),
        _ => line.len(),
    };
    let end = end_of_word(line, key.value).min(end);
    let word = line[key.value..end].trim_end_matches(['.', ',', ';', ':', ')', ']', '}']);
    key.value + word.len()
}

#[cfg(test)]
mod tests {
    use super::shown_text;

    #[test]
    fn a_value_beside_its_key_is_hidden() {
        for (text, shown) in [
            ("bad password: hunter2 (x)", "bad password: *** (x)"),
            ("dsn host=h password=hunter2 user=u", "dsn host=h password=*** user=u"),
            ("{\"password\":\"a b\",\"user\":\"u\"}", "{\"password\":***,\"user\":\"u\"}"),
            ("got {password: hunter2, user: u}", "got {password: ***, user: u}"),
            ("  12 |   password: two words", "  12 |   password: ***"),
            ("password: two words\nuser: u", "password: ***\nuser: u"),
            ("https://h/?token=x1&user=u", "https://h/?token=***&user=u"),
            ("{\\\"token\\\": \\\"x\\\"}", "{\\\"token\\\": ***}"),
            ("the api key: abc.", "the api key: ***."),
            ("get https://u:p@h/x failed", "get https://***@h/x failed"),
        ] {
            assert_eq!(shown_text(text), shown);
            assert_eq!(shown_text(shown), shown, "again");
        }
    }

    #[test]
    fn a_sentence_about_a_secret_is_shown() {
        for text in [
            "`conn.password` of policy `x`: it has another type",
            "settings /conn/password: it is missing",
            "a secret is assigned to `DB_PASSWORD` as text",
            "existingSecret: web-db, passwordKey: password",
            "password: $(DB_PASSWORD), token: {{ .Values.token }}",
            "a token: null, password=\"\"",
            "12:30: the password",
            "error[secret/literal]: `/a` has a secret",
        ] {
            assert_eq!(shown_text(text), text);
        }
    }
}
