//! Recognises secrets by their shape and randomness.

/// Prefixes of tokens, with the minimum number of characters that follow. From the issuers' own
/// documents: GitHub, GitLab, Slack, AWS, Google, Vault, Stripe, npm, Docker, and the key that
/// Django generates for a new project (which continues in other characters).
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("hvs.", 24),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("npm_", 36),
    ("dckr_pat_", 20),
    ("django-insecure-", 10),
];

/// The length of the shortest token, in characters.
const SHORTEST: usize = 20;

/// The minimum length of a text that is tested for randomness, in characters: 32 hex digits hold
/// 128 bits.
const RANDOM_LENGTH: usize = 32;
/// The minimum Shannon entropy of random hex digits, in bits per character, out of 4.
const HEX_ENTROPY: f64 = 3.0;
/// The same for letters of both cases and digits, out of 6. A random text of 32 such characters
/// has 4.4 or more; words of a language, in one case, stay below 4.
const MIXED_ENTROPY: f64 = 4.2;

/// The minimum number of digits in a random text; 32 random letters and digits have 5.
const DIGITS: usize = 3;

/// Returns whether a text contains a private key, a token of a known issuer or a signed token.
pub(in crate::app_config) fn has_known_shape(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return true;
    }
    // A cheap test first: most texts have no word that long, and searching for each prefix is
    // slow.
    let token = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
    let long = text.len() >= SHORTEST
        && text.as_bytes().split(|c| !token(*c)).any(|word| word.len() >= SHORTEST);
    let issued = || {
        TOKENS.iter().any(|(start, length)| {
            text.match_indices(start).any(|(at, _)| {
                let before = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
                !before && has_token_chars(&text[at + start.len()..], *length)
            })
        })
    };
    long && (issued() || has_signed_token(text))
}

/// Returns whether a text begins with the given number of token characters.
fn has_token_chars(text: &str, length: usize) -> bool {
    let token = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
    text.bytes().take(length).filter(|c| token(*c)).count() == length
}

/// Returns whether a text contains a JSON Web Token (RFC 7519): three base64 parts with dots
/// between.
fn has_signed_token(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.split(|c| !part(c) && c != '.').any(|word| {
        let mut long = 0;
        word.split('.').any(|part| {
            let continues = part.len() >= 10 && (long > 0 || part.starts_with("eyJ"));
            long = if continues { long + 1 } else { 0 };
            long == 3
        })
    })
}

/// Returns whether a text is as random as a key: long, from one alphabet, evenly distributed.
pub(super) fn is_random(text: &str) -> bool {
    let whole = text.len() >= RANDOM_LENGTH
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let lower = text.contains(|c: char| c.is_ascii_lowercase());
    let upper = text.contains(|c: char| c.is_ascii_uppercase());
    if !whole || digits < DIGITS || !(lower || upper) {
        return false;
    }
    let hex = text.chars().all(|c| c.is_ascii_hexdigit());
    hex && shannon_entropy(text) >= HEX_ENTROPY
        // A path such as `/usr/lib/...` has enough entropy too.
        || lower && upper && !text.starts_with('/') && shannon_entropy(text) >= MIXED_ENTROPY
}

/// Returns the entropy in bits per character.
fn shannon_entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 128];
    for byte in text.bytes() {
        counts[usize::from(byte & 127)] += 1;
    }
    let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let share = |count: u32| f64::from(count) / total;
    let bits =
        counts.iter().filter(|count| **count > 0).map(|count| share(*count) * share(*count).log2());
    -bits.sum::<f64>()
}

/// Returns whether a text such as `DB_PASSWORD` is the name of a variable and not its value.
pub(super) fn is_variable_name(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
