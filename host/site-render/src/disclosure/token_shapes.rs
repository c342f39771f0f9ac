//! Finds secrets by their shape: tokens of known issuers, signed tokens, private keys, and
//! addresses that contain a credential.
//!
//! The prefixes are from the issuers' own documents, and those of most of them are in the lists
//! of GitHub's secret scanning and GitLab's secret detection too.

use std::ops::Range;

use super::escapes::search_all_forms;

/// Prefixes of tokens, each with the minimum number of characters that follow.
const TOKENS: &[(&str, usize)] = &[
    // Version control: GitHub, GitLab, Bitbucket.
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("gldt-", 20),
    ("glrt-", 20),
    ("glcbt-", 20),
    ("glptt-", 20),
    ("glft-", 20),
    ("glimt-", 20),
    ("glagent-", 20),
    ("gloas-", 20),
    ("glsoat-", 20),
    ("ATBB", 24),
    // Chat: Slack, Discord's bots by Slack's scheme of segments.
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xoxe-", 10),
    ("xoxe.", 10),
    ("xapp-", 10),
    // Clouds: AWS, Google, DigitalOcean, Heroku, Alibaba.
    ("AKIA", 16),
    ("ASIA", 16),
    ("ABIA", 16),
    ("ACCA", 16),
    ("AIza", 35),
    ("ya29.", 20),
    ("GOCSPX-", 20),
    ("dop_v1_", 40),
    ("doo_v1_", 40),
    ("dor_v1_", 40),
    ("HRKU-", 30),
    ("LTAI", 20),
    // Stores of secrets: Vault and OpenBao, Doppler, 1Password, age.
    ("hvs.", 20),
    ("hvb.", 20),
    ("hvr.", 20),
    ("dp.pt.", 20),
    ("dp.st.", 20),
    ("ops_ey", 20),
    ("AGE-SECRET-KEY-1", 40),
    // Registries: npm, PyPI, Docker, RubyGems, Artifactory.
    ("npm_", 36),
    ("pypi-", 32),
    ("dckr_pat_", 20),
    ("dckr_oat_", 20),
    ("rubygems_", 40),
    ("AKCp", 20),
    // Payments and shops: Stripe, Square, Shopify.
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("sk_test_", 16),
    ("rk_test_", 16),
    ("whsec_", 20),
    ("sq0csp-", 20),
    ("sq0atp-", 20),
    ("shpat_", 32),
    ("shpca_", 32),
    ("shppa_", 32),
    ("shpss_", 32),
    // Models and data: OpenAI, Anthropic, Hugging Face, Databricks, Airtable.
    ("sk-proj-", 20),
    ("sk-ant-", 20),
    ("sk-svcacct-", 20),
    ("hf_", 30),
    ("dapi", 32),
    // Operations: Grafana, New Relic, Postman, Sentry, Pulumi, Tailscale, Linear, Notion,
    // Atlassian, SendGrid, Mailchimp's transactions, PlanetScale, Fly.io, CircleCI.
    ("glsa_", 30),
    ("glc_", 30),
    ("NRAK-", 24),
    ("NRJS-", 16),
    ("PMAK-", 24),
    ("sntrys_", 30),
    ("sntryu_", 30),
    ("pul-", 40),
    ("tskey-", 16),
    ("lin_api_", 30),
    ("ntn_", 36),
    ("ATATT3", 20),
    ("ATCTT3", 20),
    ("SG.", 40),
    ("pscale_tkn_", 30),
    ("pscale_pw_", 30),
    ("FlyV1", 20),
    ("fo1_", 30),
    ("CCIPAT_", 20),
    // The key that Django generates for a new project.
    ("django-insecure-", 10),
];

/// The length of the shortest token, in bytes.
const SHORTEST: usize = 15;

/// The minimum length of what follows `Bearer` or `Basic`, in bytes.
const SCHEME_LENGTH: usize = 16;

/// Addresses whose path is a credential.
const WEBHOOKS: &[&str] =
    &["hooks.slack.com/services/", "discord.com/api/webhooks/", "webhook.office.com/webhookb2/"];

const KEY_HEAD: &str = "PRIVATE KEY-----";

/// Returns whether a text contains a private key, a token of a known issuer or a signed token.
pub(crate) fn has_known_shape(text: &str) -> bool {
    let mut found = Vec::new();
    search_all_forms(text, &mut found, |text, found| {
        add_keys(text, found);
        add_tokens(text, found);
    });
    !found.is_empty()
}

/// Adds the byte ranges of all secrets of a known shape in a text, escaped or not, in no order.
pub(super) fn add_shapes(text: &str, found: &mut Vec<Range<usize>>) {
    search_all_forms(text, found, |text, found| {
        add_keys(text, found);
        add_tokens(text, found);
        add_webhooks(text, found);
    });
}

fn add_webhooks(text: &str, found: &mut Vec<Range<usize>>) {
    for head in WEBHOOKS {
        let mut done = 0;
        while let Some(at) = text[done..].find(head).map(|at| done + at + head.len()) {
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

/// Adds private keys in PEM: from the first line to the last, or to the end of the text.
fn add_keys(text: &str, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    while let Some(at) = text[done..].find(KEY_HEAD).map(|at| done + at) {
        let start = text[done..at].rfind("-----BEGIN").map_or(at, |start| done + start);
        let body = at + KEY_HEAD.len();
        done = match text[body..].find(KEY_HEAD) {
            Some(end) => body + end + KEY_HEAD.len(),
            None => text.len(),
        };
        found.push(start..done);
    }
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
    let issued = (0..word.len()).filter(|at| starts(*at)).find(|at| {
        let rest = &word[*at..];
        TOKENS
            .iter()
            .any(|(prefix, length)| rest.starts_with(prefix) && rest.len() >= prefix.len() + length)
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
    use super::{TOKENS, add_shapes};

    fn hidden(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        add_shapes(text, &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn every_prefix_is_found_within_a_sentence() {
        for (prefix, length) in TOKENS {
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
    fn digests_names_and_addresses_are_shown() {
        for text in [
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "ghcr.io/example/example:2.4.1-py3.12",
            "rax-prod-dfw1-example-worker.default.svc.cluster.local",
            "basic authentication is off",
            "a bearer token",
        ] {
            assert!(hidden(text).is_empty(), "{text}: {:?}", hidden(text));
        }
    }
}
