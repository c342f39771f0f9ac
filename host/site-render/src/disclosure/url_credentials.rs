//! Finds credentials in URLs: `scheme://user:password@host`, and a token in place of the user.

use std::ops::Range;

use super::literals::is_literal;
use super::token_shapes::end_of_word;

/// The longest name of a user that is shown, in bytes.
const LONGEST_USER: usize = 20;

/// Returns whether a text contains a URL with a credential.
pub(crate) fn has_url_credential(text: &str) -> bool {
    let mut found = Vec::new();
    add_url_credentials(text, &mut found);
    !found.is_empty()
}

/// Adds the byte ranges of all credentials in URLs, in order.
pub(super) fn add_url_credentials(text: &str, found: &mut Vec<Range<usize>>) {
    let (mut next, mut end) = (0, 0);
    while let Some(at) = text[next..].find("://").map(|at| next + at + 3) {
        if at > end {
            end = end_of_word(text, at);
        }
        // A URL may be within another one's query, so only what was hidden is skipped.
        next = at;
        if let Some(length) = userinfo_length(&text[at..end])
            && is_credential(&text[at..at + length])
        {
            found.push(at..at + length);
            next = at + length;
        }
    }
}

/// Returns the length of what precedes the host. A password may contain `/`, `?` and `#` although
/// the standard forbids it, and may contain `@`.
fn userinfo_length(url: &str) -> Option<usize> {
    let authority = url.find(['/', '?', '#', ',']).map_or(url, |end| &url[..end]);
    if let Some(end) = authority.rfind('@') {
        // `user:p@ss@host`: the rest of the authority cannot have another one.
        return Some(end);
    }
    let (_, port) = authority.split_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_port { None } else { url.rfind('@') }
}

/// Returns whether a user name, with or without a password, is a credential.
fn is_credential(userinfo: &str) -> bool {
    match userinfo.split_once(':') {
        Some((user, password)) => {
            is_literal(password) && !is_placeholder(password) || is_token(user)
        }
        None => is_token(userinfo),
    }
}

/// Returns whether a password is hidden already, or is filled in later: `{password}`, `%s`.
fn is_placeholder(password: &str) -> bool {
    password == super::shown_text::HIDDEN
        || password.starts_with('{') && password.ends_with('}')
        || password.starts_with('%') && password.ends_with(['s', 'v', 'q'])
}

/// Returns whether a user name looks like a token and not like a name.
fn is_token(user: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.');
    is_literal(user)
        && !is_placeholder(user)
        && (user.len() > LONGEST_USER || !user.bytes().all(name))
}

#[cfg(test)]
mod tests {
    use super::add_url_credentials;

    fn hidden(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        add_url_credentials(text, &mut found);
        found.into_iter().map(|range| &text[range]).collect()
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
    fn a_url_without_a_secret_is_shown() {
        for text in [
            "https://example.com/a@b?c=d:e",
            "https://example.com:8080/@scope/pkg",
            "ssh://git@github.com/x/y",
            "mysql://app@db/x",
            "amqp://:$(PASSWORD)@h/0",
            "amqp://u:${PASSWORD}@h",
            "amqp://:{password}@h",
            "amqp://u:%s@h",
            "https://***@h",
            "://",
            "http://",
        ] {
            assert!(hidden(text).is_empty(), "{text}: {:?}", hidden(text));
        }
    }
}
