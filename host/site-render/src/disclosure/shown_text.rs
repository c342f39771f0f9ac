//! Hides secrets in sentences, logs and output of other programs.

use std::borrow::Cow;
use std::ops::Range;

use super::assignments::{Assignment, assignments};
use super::escapes::search_all_forms;
use super::key_names::{Sensitivity, sensitivity};
use super::literals::may_be_shown;
use super::source_text::merge_ranges;
use super::token_shapes::{add_shapes, end_of_word};
use super::url_credentials::add_url_credentials;
use super::value_end::{ValueEnd, is_plain, value_end};
use crate::clip::clip_text;

/// The text in place of a hidden value.
pub const HIDDEN: &str = "***";

/// Returns a text without the secrets in it: tokens of a known shape, credentials of URLs, and
/// values beside a key that names a secret. A text that this returned is returned unchanged.
pub fn shown_text(text: &str) -> Cow<'_, str> {
    replace_ranges(text, hidden_in_text(text))
}

/// Returns the byte ranges of the secrets in a text, in no order.
pub(super) fn hidden_in_text(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    add_shapes(text, &mut found);
    add_url_credentials(text, &mut found);
    search_all_forms(text, &mut found, &|text, found| {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            add_assigned(line, start, found);
            start += line.len();
        }
    });
    found
}

/// How much more of a long text is read than is shown, in characters: a secret may be partly in
/// the part that is shown.
const MARGIN: usize = 4_096;

/// Returns the first characters of a text without the secrets in it, with `…` if it is longer. It
/// reads little more than that of the text.
pub(crate) fn shown_start(text: &str, characters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(characters.saturating_add(MARGIN)) else {
        return clip_text(&shown_text(text), characters);
    };
    let shown = shown_text(&text[..end]);
    // The last word may be the beginning of a secret.
    let end = shown.rfind(char::is_whitespace).unwrap_or(shown.len().saturating_sub(MARGIN));
    let whole = &shown[..shown.floor_char_boundary(end)];
    whole.chars().take(characters).chain(['…']).collect()
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
    // A tag, an anchor or an alias of YAML is a word before the value.
    let is_tagged = value.starts_with(['!', '&', '*']) && !value.starts_with(HIDDEN);
    let is_whole = !is_plain(value) || is_tagged || begins_line(line, key);
    let syntax_end = || {
        let in_brackets = key.in_brackets || !(key.leads || is_tagged);
        match value_end(line, key.value, in_brackets) {
            ValueEnd::At(end) => end,
            ValueEnd::Open(_) => line.len(),
        }
    };
    match (is_whole, key.in_brackets) {
        (true, _) => syntax_end(),
        // A bracket may be a part of a word: `{password: a)b}`.
        (false, true) => syntax_end().max(end_of_plain(line, key)),
        (false, false) => end_of_plain(line, key),
    }
}

/// Returns the end of the word of a value.
fn end_of_plain(line: &str, key: &Assignment<'_>) -> usize {
    let value = &line[key.value..];
    let end = match key.separator {
        b'=' => value.find('&').map_or(line.len(), |end| key.value + end),
        _ => line.len(),
    };
    // `Authorization: Basic x`: the value begins after the first word.
    let scheme = value.find(' ').filter(|length| is_scheme(&value[..*length]));
    let from = key.value + scheme.map_or(0, |length| length + 1);
    let end = end_of_word(line, from).min(end);
    let word = line[key.value..end].trim_end_matches(['.', ',', ';', ':', ')', ']', '}']);
    key.value + word.len()
}

/// Returns whether a word says how a value proves who somebody is.
fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "digest", "token", "apikey"]
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one))
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, shown_start, shown_text};

    #[test]
    fn the_start_of_a_text_has_no_part_of_a_secret() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        for length in [30, 45] {
            let start = shown_start(&format!("{} {token} end", "x".repeat(20)), length);
            assert!(start.starts_with(&format!("{} ***", "x".repeat(20))), "{start}");
        }
        let hidden = format!("password: \"{}\" ", "p".repeat(MARGIN));
        let text = format!("{hidden}{token} and more");
        for length in 5..60 {
            let start = shown_start(&text, length);
            assert!(!start.contains("ghp") && start.ends_with('…'), "{length}: {start}");
        }
        assert_eq!(shown_start(&"é".repeat(2 * MARGIN), 3), "ééé…");
        assert_eq!(shown_start("short", 5), "short");
    }

    #[test]
    fn a_value_beside_its_key_is_hidden() {
        for (text, shown) in [
            ("bad password: hunter2 (x)", "bad password: *** (x)"),
            ("dsn host=h password=hunter2 user=u", "dsn host=h password=*** user=u"),
            ("{\"password\":\"a b\",\"user\":\"u\"}", "{\"password\":***,\"user\":\"u\"}"),
            ("got {password: hunter2, user: u}", "got {password: ***, user: u}"),
            ("x={password: !!int hunter2, host: 5}", "x={password: ***, host: 5}"),
            ("{\"pass\\x77ord\": !!int hunter2, h: 5}", "{\"pass\\x77ord\": ***, h: 5}"),
            ("{z: 1, password: a)hunter2}", "{z: 1, password: ***}"),
            ("[a, token: two words, b]", "[a, token: ***, b]"),
            ("bad password: !!int hunter2", "bad password: ***"),
            ("bad password: &a hunter2", "bad password: ***"),
            ("x: password\\u003dhunter2&b", "x: password\\u003d***&b"),
            ("the token value: hunter2", "the token value: ***"),
            ("got \"Authorization: Basic aHVudA== x\"", "got \"Authorization: *** x\""),
            ("got PASSWORD = f'{x}hunter2 a' b", "got PASSWORD = ***"),
            ("run x --password hunter2 --user u", "run x --password *** --user u"),
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
