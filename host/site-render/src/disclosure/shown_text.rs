//! Hides secrets in sentences, logs and output of other programs.

use std::borrow::Cow;
use std::ops::Range;

use super::assignments::{Assignment, assignments};
use super::beside_names::named_beside;
use super::escapes::search_all_forms;
use super::key_names::{Sensitivity, sensitivity};
use super::literals::may_be_shown;
use super::source_text::merge_ranges;
use super::text_end::{GO_MAP, end_in_text};
use super::token_shapes::add_shapes;
use super::url_credentials::add_url_credentials;

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
    let keys = assignments(text);
    let beside = named_beside(text, &keys);
    for (key, is_beside) in keys.into_iter().zip(beside) {
        let is_secret = is_beside || is_object_data(text, &key) || key.names_secret(text);
        if key.value < done || is_prose(text, &key) || !is_secret {
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
fn is_prose(line: &str, key: &Assignment<'_>) -> bool {
    let value = &line[key.value..];
    if key.quote == Some('`') {
        return key.separator != b'=' && !value.starts_with(['"', '\'']);
    }
    if !key.key.contains('/') || key.quote.is_some() || key.separator != b':' {
        return false;
    }
    // The prefix of an annotation is a host: `example.com/token: x`.
    let has_host = key.key.split('/').next().is_some_and(|host| host.contains('.'));
    let has_gap = line[..key.value].ends_with(' ') || value.is_empty();
    let word = value.split(|c: char| c.is_whitespace() || c == ')').next().unwrap_or_default();
    let is_position = word.split(':').take(2).all(|part| part.parse::<u32>().is_ok());
    has_gap && !has_host || is_position && word.contains(':')
}

/// Returns whether a key holds the values of a Kubernetes Secret, also as Go prints it:
/// `map[kind:Secret data:map[a:x]]`.
fn is_object_data(line: &str, key: &Assignment<'_>) -> bool {
    let is_kind = || {
        let kinds = line.match_indices("ind").map(|(at, name)| &line[at + name.len()..]);
        kinds
            .take(8)
            .any(|rest| rest.trim_start_matches(['\\', '"', '\'', ':', ' ']).starts_with("Secret"))
    };
    let is_mapping =
        line[key.value..].starts_with(['{', '[']) || line[key.value..].starts_with(GO_MAP);
    is_mapping && (key.key.eq_ignore_ascii_case("stringData") || key.key == "data" && is_kind())
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
            ("x={password: !!int hunter2, host: 5}", "x={password: ***, host: 5}"),
            ("{\"pass\\x77ord\": !!int hunter2, h: 5}", "{\"pass\\x77ord\": ***, h: 5}"),
            ("{z: 1, password: a)hunter2}", "{z: 1, password: ***}"),
            ("[a, token: two words, b]", "[a, token: ***, b]"),
            ("bad password: !!int hunter2", "bad password: ***"),
            ("bad password: &a hunter2", "bad password: ***"),
            ("x: password\\u003dhunter2&b=1", "x: password\\u003d***&b=1"),
            ("{\"example.com/token\":\"x\"}", "{\"example.com/token\":***}"),
            ("net use /password:x1 /user=u", "net use /password:*** /user=u"),
            ("net use /password=x1", "net use /password=***"),
            ("set `password` = \"x\"", "set `password` = ***"),
            ("got Cookie: a=b; session=x", "got Cookie: ***"),
            ("curl -H 'Cookie: a=x; b=x' h", "curl -H 'Cookie: ***' h"),
            ("got Authorization: Negotiate x", "got Authorization: ***"),
            ("Authorization: Digest username=\"u\", response=\"x\"", "Authorization: ***"),
            ("got Authorization: AWS4-HMAC Credential=A/x, Signature=x", "got Authorization: ***"),
            ("x mnemonic=one two three", "x mnemonic=***"),
            ("got stringData:map[a:x b:y] c", "got stringData:***"),
            ("the token value: hunter2", "the token value: ***"),
            ("got \"Authorization: Basic aHVudA== x\"", "got \"Authorization: ***\""),
            ("got PASSWORD = f'{x}hunter2 a' b", "got PASSWORD = ***"),
            ("run x --password hunter2 --user u", "run x --password *** --user u"),
            ("  12 |   password: two words", "  12 |   password: ***"),
            ("password: two words\nuser: u", "password: ***\nuser: u"),
            ("https://h/?token=x1&user=u", "https://h/?token=***&user=u"),
            ("{\\\"token\\\": \\\"x\\\"}", "{\\\"token\\\": ***}"),
            ("the api key: abc.", "the api key: ***."),
            ("got pass\\word=x1", "got pass\\word=***"),
            ("got [[DB_PASSWORD, x y]]", "got [[DB_PASSWORD, ***]]"),
            ("got {DB_PASSWORD, x1}", "got {DB_PASSWORD, ***}"),
            ("got {name: PASSWORD, value: x1}", "got {name: PASSWORD, value: ***}"),
            ("get https://u:p@h/x failed", "get https://***@h/x failed"),
        ] {
            assert_eq!(shown_text(text), shown);
            assert_eq!(shown_text(shown), shown, "again");
        }
    }

    #[test]
    fn no_part_of_a_value_is_shown() {
        for text in [
            "{\"name\":\"DB_PASSWORD\",\"x\":1,\"value\":\"HIDE\"}",
            "{\"value\":\"HIDE\",\"x\":1,\"name\":\"DB_PASSWORD\"}",
            "[{name: A, value: b}, {value: HIDE, a: b, name: DB_PASSWORD}]",
            "map[kind:Secret stringData:map[a:HIDE b:HIDE]]",
            "map[data:map[a:HIDE] kind:Secret]",
            "<add key=\"Password\" value=\"HIDE\"/>",
            "host=h password=ab&HIDE x=1",
            "host=h password=ab<HIDE x=1",
            "host=h password=ab'HIDE x=1",
            "host=h password=ab\\HIDE x=1",
            "host=h password=ab\\ HIDE x=1",
            "got passphrase: ab HIDE",
            "got Set-Cookie: a=b; sid=HIDE",
            "got Authorization: ApiKey ab, Authorization: Splunk HIDE",
        ] {
            let shown = shown_text(text);
            assert!(!shown.contains("HIDE"), "{shown}");
            assert_eq!(shown_text(&shown), shown, "again");
        }
        let text = "{name: USER, value: x}, and map[kind:ConfigMap data:map[a:b]]";
        assert_eq!(shown_text(text), text);
        for text in ["values /a/token: it is missing", "see lib/token.libsonnet:3:5"] {
            assert_eq!(shown_text(text), text);
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
