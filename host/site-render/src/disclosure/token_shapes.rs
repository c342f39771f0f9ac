//! Finds secrets by their shape: tokens of known issuers, signed tokens, private keys, addresses
//! that contain a credential, and values of options of commands.

use std::ops::Range;

use super::command_options::add_option_values;
use super::escapes::search_all_forms;
use super::private_keys::add_private_keys;
use super::spaced_values::add_spaced_values;
use super::token_prefixes::{PLAIN_TOKENS, TOKENS, WEBHOOKS};

/// The length of the shortest token, in bytes.
const SHORTEST: usize = 15;

/// The minimum length of what follows `Bearer` or `Basic`, in bytes.
const SCHEME_LENGTH: usize = 16;

/// Returns whether a text contains a private key, a token of a known issuer or a signed token.
pub(crate) fn has_known_shape(text: &str) -> bool {
    let mut found = Vec::new();
    search_all_forms(text, &mut found, &|text, found| {
        add_private_keys(text, found);
        add_tokens(text, found);
    });
    !found.is_empty()
}

/// Adds the byte ranges of all secrets of a known shape in a text, escaped or not, in no order.
pub(super) fn add_shapes(text: &str, found: &mut Vec<Range<usize>>) {
    search_all_forms(text, found, &|text, found| {
        add_private_keys(text, found);
        add_tokens(text, found);
        add_webhooks(text, found);
        add_option_values(text, found);
        add_spaced_values(text, found);
    });
}

fn add_webhooks(text: &str, found: &mut Vec<Range<usize>>) {
    // The names of hosts have no case.
    let lower = text.to_ascii_lowercase();
    for head in WEBHOOKS {
        let mut done = 0;
        while let Some(at) = lower[done..].find(head).map(|at| done + at + head.len()) {
            done = end_of_word(text, at);
            found.push(at..done);
        }
    }
}

/// Returns the end of the text without spaces and quotes that contains an offset.
pub(super) fn end_of_word(text: &str, from: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\');
    text[from..].find(ends).map_or(text.len(), |length| from + length)
}

/// Adds the tokens of known issuers, and signed tokens.
fn add_tokens(text: &str, found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    let mut scheme = false;
    let bytes = text.as_bytes();
    while start < bytes.len() {
        if !is_token_byte(bytes[start]) {
            scheme &= bytes[start] == b' ';
            start += 1;
            continue;
        }
        let length = bytes[start..].iter().position(|byte| !is_token_byte(*byte));
        let end = length.map_or(bytes.len(), |length| start + length);
        let word = &text[start..end];
        let token = if scheme && word.len() >= SCHEME_LENGTH {
            Some(start..end_of_word(text, end))
        } else if word.len() >= SHORTEST {
            token_in(text, start..end)
        } else {
            None
        };
        scheme = word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic");
        start = token.as_ref().map_or(end, |token| token.end);
        found.extend(token);
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Returns the token in a word of token characters, if it has one.
fn token_in(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let word = &text[range.clone()];
    let starts = |at: usize| at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric();
    let letters = |text: &str| text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let issued = (0..word.len()).filter(|at| starts(*at)).find(|at| {
        let rest = |prefix: &str| word[*at..].strip_prefix(prefix);
        TOKENS.iter().any(|(prefix, length)| rest(prefix).is_some_and(|rest| rest.len() >= *length))
            || PLAIN_TOKENS
                .iter()
                .any(|(prefix, length)| rest(prefix).is_some_and(|rest| letters(rest) >= *length))
    });
    // Django's keys have further characters, and a padded token ends in `=`.
    match issued.or_else(|| signed_token(word)) {
        Some(at) => Some(range.start + at..end_of_token(text, range.end)),
        None => word.contains(".atlasv1.").then_some(range),
    }
}

/// Returns the end of a token that continues in characters other than those of most tokens.
fn end_of_token(text: &str, end: usize) -> usize {
    let ends = |c: char| !matches!(c, '=' | '+' | '/' | '!' | '@' | '#' | '$' | '%' | '^' | '*');
    text[end..].find(ends).map_or(text.len(), |length| {
        let next = end + length;
        // The rest is of the same token only if it is not punctuation at its end.
        if length > 0 && text[next..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            end_of_word(text, next)
        } else {
            next
        }
    })
}

/// Returns where a JSON Web Token begins (RFC 7519, 7516): base64 parts with dots between, of
/// which the first is an object.
fn signed_token(word: &str) -> Option<usize> {
    let at = word
        .match_indices("eyJ")
        .map(|(at, _)| at)
        .find(|at| *at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric())?;
    let mut parts = word[at..].split('.');
    let long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 10);
    (long(parts.next()) && long(parts.next())).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::{PLAIN_TOKENS, TOKENS, add_shapes, has_known_shape};
    use crate::disclosure::escapes::texts_found;

    fn hidden(text: &str) -> Vec<&str> {
        texts_found(text, add_shapes)
    }

    #[test]
    fn every_prefix_is_found_within_a_sentence() {
        for (prefix, length) in TOKENS.iter().chain(PLAIN_TOKENS) {
            let token = format!("{prefix}{}", "aB3x".repeat(30).split_at(*length).0);
            let text = format!("value `{token}` of (x={token}), and {token}.");
            let found = hidden(&text);
            assert_eq!(found.len(), 3, "{text}: {found:?}");
            assert!(found.iter().all(|found| found.trim_end_matches('.') == token), "{found:?}");
            let short = format!("{prefix}{}", "aB3x".repeat(30).split_at(length / 4).0);
            assert!(hidden(&short).is_empty(), "{short}");
        }
    }

    #[test]
    fn other_shapes_are_found() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N";
        assert_eq!(hidden(&format!("a {jwt} b")), [jwt]);
        assert_eq!(hidden("Authorization: Bearer abcdefgh12345678=="), ["abcdefgh12345678=="]);
        let hook = "https://hooks.slack.com/services/T00/B00/xyz";
        assert_eq!(hidden(hook), ["T00/B00/xyz"]);
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----";
        assert_eq!(hidden(&format!("k: {key}\n")), [key]);
        let open = "-----BEGIN PRIVATE KEY-----\nMII\n";
        assert_eq!(hidden(open), [open]);
        assert_eq!(hidden("django-insecure-abc(def!ghi"), Vec::<&str>::new());
        assert_eq!(hidden("django-insecure-abcdefghij!k$l x"), ["django-insecure-abcdefghij!k$l"]);
    }

    #[test]
    fn a_token_behind_an_escape_is_found() {
        let token = format!("ghp_{}", "aB3x".repeat(9));
        for before in [
            "a\\n",
            "a\\t",
            "a\\x20",
            "a\\u003d",
            "a\\U0000003d",
            "a\\0",
            "a\\75",
            "a%3A",
            "a%253D",
            "a\\\\n",
            "a\\\\\\\\n",
            "/a~1",
            "\x1b[31m",
            "b'\\x00",
            "https://h/?x%3D",
            "a_",
        ] {
            assert_eq!(hidden(&format!("{before}{token}\\n"))[0], token, "{before}");
            assert!(has_known_shape(&format!("{before}{token}")), "{before}");
        }
        let jwt = "a\\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N";
        assert!(hidden(jwt).contains(&&jwt[3..]));
    }

    #[test]
    fn every_webhook_is_found() {
        for text in [
            "https:\\/\\/hooks.slack.com\\/services\\/T\\/B\\/HIDE",
            "https://HOOKS.slack.com/services/T/B/HIDE",
            "https://hooks.slack.com/workflows/T/HIDE",
            "https://discordapp.com/api/webhooks/1/HIDE",
            "https://Discord.com/api/v10/webhooks/1/HIDE",
            "https%3A%2F%2Fx.webhook.office.com%2Fwebhookb2%2FHIDE",
        ] {
            assert!(hidden(text).iter().any(|found| found.contains("HIDE")), "{text}");
        }
    }

    #[test]
    fn digests_names_and_addresses_are_shown() {
        for text in [
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "ghcr.io/example/example:2.4.1-py3.12",
            "rax-prod-dfw1-example-worker.default.svc.cluster.local",
            "basic authentication is off",
            "a bearer token",
            "sk-prod-dfw1-example-worker.default.svc.cluster.local.example.com",
            "disk-proj-dfw1-example-worker.default.svc",
        ] {
            assert!(hidden(text).is_empty(), "{text}: {:?}", hidden(text));
        }
    }
}
