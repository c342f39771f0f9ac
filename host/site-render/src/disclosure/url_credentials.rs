//! Finds credentials in URLs, `scheme://user:password@host`, a token in place of the user, and
//! credentials in the addresses of databases.

use std::ops::Range;

use super::escapes::search_all_forms;
use super::key_names::names_secret;
use super::literals::is_literal;

/// The longest name of a user that is shown, in bytes.
const LONGEST_USER: usize = 20;

/// The longest name of a network before the address in brackets, in bytes: `@tcp(host:3306)`.
const NETWORK: usize = 8;

/// Returns whether a text contains a URL with a credential.
pub(crate) fn has_url_credential(text: &str) -> bool {
    let mut found = Vec::new();
    add_url_credentials(text, &mut found);
    !found.is_empty()
}

/// Adds the byte ranges of all credentials in URLs, escaped or not, in no order.
pub(super) fn add_url_credentials(text: &str, found: &mut Vec<Range<usize>>) {
    search_all_forms(text, found, &|text, found| {
        add_userinfo(text, found);
        add_data_sources(text, found);
    });
}

/// A part of a text without spaces.
struct Word {
    end: usize,
    /// The offset of the last `@` in it.
    last_at: Option<usize>,
}

impl Word {
    /// Returns the word around an offset. Quotes other than an unescaped `"` may be part of a
    /// password.
    fn around(text: &str, from: usize) -> Self {
        let mut end = from;
        while let Some(at) = text[end..].find(|c: char| c.is_whitespace() || c == '"') {
            end += at;
            if !(text[end..].starts_with('"') && text[..end].ends_with('\\')) {
                return Self { end, last_at: text[from..end].rfind('@').map(|at| from + at) };
            }
            end += 1;
        }
        Self { end: text.len(), last_at: text[from..].rfind('@').map(|at| from + at) }
    }
}

fn add_userinfo(text: &str, found: &mut Vec<Range<usize>>) {
    let mut word = Word { end: 0, last_at: None };
    let mut next = 0;
    while let Some(at) = text[next..].find("//").map(|at| next + at + 2) {
        if at > word.end {
            word = Word::around(text, at);
        }
        // A URL may be within another one's query, so only what was hidden is skipped.
        next = at;
        let Some(last) = word.last_at.filter(|last| *last >= at) else { continue };
        let has_scheme = text[..at - 2].ends_with(':');
        let in_path = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
        if !has_scheme && text[..at - 2].ends_with(in_path) {
            continue;
        }
        if let Some(length) = credential_length(&text[at..last], &text[last + 1..word.end])
            && (has_scheme || text[at..at + length].contains(':'))
        {
            found.push(at..at + length);
            next = at + length;
        }
    }
}

/// Returns the length of the credential in the part of a URL before its last `@`, if there is one.
///
/// A password may contain `/`, `?` and `#` although the standard forbids it, and `@`.
fn credential_length(before: &str, after: &str) -> Option<usize> {
    let authority = &before[..before.find(['/', '?', '#']).unwrap_or(before.len())];
    if authority.len() == before.len() {
        return is_credential(before).then_some(before.len());
    }
    if let Some(end) = authority.rfind('@') {
        let user = &authority[..end];
        let length = if user.contains(':') { before.len() } else { end };
        return is_credential(user).then_some(length);
    }
    let (user, port) = authority.split_once(':')?;
    // `host:8080/a@b` is the address of a host if that has a domain, if a part of the path begins
    // with `@`, or if the digest of an image follows.
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = user.contains('.') || before.ends_with('/') || after.starts_with("sha");
    let is_address = is_port && is_host || user.starts_with('[');
    (!is_address && is_credential(before)).then_some(before.len())
}

/// Adds credentials in addresses of other forms than URLs: `user:password@tcp(host)` and
/// `jdbc:oracle:thin:user/password@host`.
fn add_data_sources(text: &str, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for (at, _) in text.match_indices('@') {
        let network = text[at + 1..].bytes().take(NETWORK).take_while(u8::is_ascii_alphanumeric);
        if !text[at + 1 + network.count()..].starts_with('(') {
            continue;
        }
        let ends = |c: char| c.is_whitespace() || c == '"';
        let word = text[done..at].rsplit(ends).next().unwrap_or_default();
        let word = word.trim_start_matches(['\'', '`']);
        if word.contains(':') && is_credential(word) {
            found.push(at - word.len()..at);
        }
        done = at + 1;
    }
    let head = "jdbc:oracle:";
    let mut next = 0;
    while let Some(start) = text[next..].find(head).map(|at| next + at + head.len()) {
        next = Word::around(text, start).end;
        let Some((driver, rest)) = text[start..next].split_once(':') else { continue };
        let Some((_user, password)) = rest.rsplit_once('@').and_then(|one| one.0.split_once('/'))
        else {
            continue;
        };
        if is_secret(password) {
            let start = start + driver.len() + 1;
            found.push(start..start + rest.rfind('@').unwrap_or(rest.len()));
        }
    }
}

/// Returns whether a user name, with or without a password, is a credential.
fn is_credential(userinfo: &str) -> bool {
    match userinfo.split_once(':') {
        Some((user, password)) => is_secret(password) || is_token(user),
        None => is_token(userinfo),
    }
}

/// Returns whether a password is a literal, and not hidden already or filled in later.
fn is_secret(password: &str) -> bool {
    is_literal(password) && !is_placeholder(password)
}

/// Returns whether all of a password is a place for one: `{password}`, `<token>`, `%s`. The name
/// must be that of a secret, because a password may be in brackets too.
fn is_placeholder(password: &str) -> bool {
    let brackets = [("{", "}"), ("<", ">"), ("[", "]"), ("%(", ")s")];
    let name = brackets.iter().find_map(|(open, close)| {
        password.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
    });
    matches!(password, super::shown_text::HIDDEN | "%s" | "%v" | "%q")
        || name.is_some_and(|name| {
            name.is_empty() || name.chars().all(is_in_name) && names_secret(name)
        })
}

fn is_in_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '_' | '-' | '.')
}

/// Returns whether a user name looks like a token and not like a name.
fn is_token(user: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.');
    is_secret(user)
        && !user.contains(['\'', '`', '<', '>'])
        && (user.len() > LONGEST_USER || !user.bytes().all(name))
}

#[cfg(test)]
mod tests {
    use super::{add_url_credentials, has_url_credential};
    use crate::disclosure::escapes::texts_found;
    use crate::disclosure::shown_text::shown_text;

    fn hidden(text: &str) -> Vec<&str> {
        texts_found(text, add_url_credentials)
    }

    #[test]
    fn a_credential_of_a_url_is_found() {
        assert_eq!(hidden("dial mysql://me:hunter2@db:5432/x failed"), ["me:hunter2"]);
        assert_eq!(hidden("amqp://:hunter2@host/0"), [":hunter2"]);
        assert_eq!(hidden("https://0a1b2c@git.example/x"), ["0a1b2c"]);
        assert_eq!(hidden("https://TOKEN1:x-oauth-basic@h"), ["TOKEN1:x-oauth-basic"]);
        assert_eq!(hidden("amqp://u:p@ss@h/v"), ["u:p@ss"]);
        assert_eq!(hidden("amqp://u:pa/ss@h/v"), ["u:pa/ss"]);
        assert_eq!(hidden("a=https://u:p1@h&b=\"https://u:p2@h\""), ["u:p1", "u:p2"]);
        assert_eq!(hidden("mongodb://u:p1@a,b/x"), ["u:p1"]);
    }

    #[test]
    fn no_part_of_a_password_is_shown() {
        for text in [
            "http://u:it'sHIDE@h",
            "amqp://:a`HIDE@h/0",
            "amqp://:a<HIDE>@h/0",
            "{\"u\": \"http://u:a\\\"HIDE@h\"}",
            "http://u:12,HIDE@h",
            "http://u:12/HIDE@h",
            "http://u:12#HIDE@h",
            "http://u:12?HIDE@10.0.0.1",
            "http://u:a@b/HIDE@h",
            "amqp://:%41HIDEs@h",
            "http://u:${x}HIDE@h",
            "http://u:{HIDEx}@h",
            "http://u:<HIDE@h http://u:{HIDE1}@h",
            "amqp:\\/\\/u:HIDE@h",
            "amqp:\\x2f/u:HIDE@h",
            "'{\"u\":\"https:\\/\\/u:HIDE@h\"}'",
            "amqp:\\u002F\\u002fu:HIDE@h",
            "at /https:~1~1u:HIDE@h",
            "?to=https%3A%2F%2Fu%3AHIDE%40h",
            "https:\\\\/\\\\/u:it'sHIDE@h",
            "//u:HIDE@h/x",
            "DSN u:HIDE@tcp(db:3306)/x",
            "'u:it'sHIDE@unix(/run/x)/x'",
            "jdbc:oracle:thin:scott/HIDE@h:1521/x",
        ] {
            assert!(has_url_credential(text), "{text}");
            let shown = shown_text(text);
            assert!(!shown.contains("HIDE"), "{shown}");
            assert_eq!(shown_text(&shown), shown, "again");
        }
    }

    #[test]
    fn a_url_without_a_secret_is_shown() {
        for text in [
            "https://example.com/a@b?c=d:e",
            "https://example.com:8080/@scope/pkg",
            "http://registry:5000/@scope/pkg",
            "oci://registry:5000/image@sha256:0123abcd",
            "ssh://git@github.com/x/y@z",
            "mysql://app@db/x",
            "amqp://:$(PASSWORD)@h/0",
            "amqp://u:${PASSWORD}@h",
            "amqp://u:${PASSWORD}@h/a@b",
            "amqp://:{password}@h",
            "amqp://u:{{ .Values.password }}@h",
            "https://user:<token>@h",
            "amqp://u:%s@h",
            "amqp://u:%(password)s@h",
            "https://***@h",
            "http://[::1]:80/a@b",
            "jdbc:oracle:thin:@//h:1521/x",
            "a//b:c@d",
            "see `https://h`/`a@b`",
            "image:1.2@sha256:00",
            "// see: a@b",
            "://",
            "http://",
        ] {
            assert!(hidden(text).is_empty(), "{text}: {:?}", hidden(text));
        }
    }

    #[test]
    fn reading_is_linear() {
        for part in ["://a:b", "//", "@tcp(", "jdbc:oracle:", "jdbc:oracle:a:b/c", "%5C", "\\\\"] {
            let text = part.repeat(50_000);
            for range in hidden(&text) {
                assert!(!range.is_empty());
            }
        }
    }
}
