//! What secrets look like.

/// How tokens begin, with the least number of characters that then follow. From the
/// issuers' own documents: GitHub, GitLab, Slack, AWS, Google, Vault, Stripe, npm, Docker,
/// and the key that Django makes up for a new project (it goes on in other characters).
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

/// The least length of a text that is judged by how random it looks, in characters: 32 hex
/// digits hold 128 bits.
const RANDOM_LENGTH: usize = 32;
/// The least Shannon entropy of a random text in hex digits, in bits a character, of 4.
const HEX_ENTROPY: f64 = 3.0;
/// The same for letters of both cases and digits, of 6. A random text of 32 such characters
/// has 4.4 or more; words of a language, in one case, stay below 4.
const MIXED_ENTROPY: f64 = 4.2;

/// The least number of digits in a random text; 32 random letters and digits have 5.
const DIGITS: usize = 3;

/// Whether a private key, a token of a known issuer or a signed token is in a text.
pub(in crate::config) fn has_known_shape(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return true;
    }
    // Most texts hold no word that long, and need not be searched for each beginning.
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

/// Whether a text begins with so many characters of a token.
fn has_token_chars(text: &str, length: usize) -> bool {
    let token = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
    text.bytes().take(length).filter(|c| token(*c)).count() == length
}

/// Three parts in base64, parted by dots: a JSON Web Token (RFC 7519).
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

/// Whether a text is as random as a key: long, of one alphabet, and even in its letters.
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
        || lower && upper && !text.starts_with('/') && shannon_entropy(text) >= MIXED_ENTROPY
}

/// Bits a character.
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

/// A text such as `DB_PASSWORD`, which names a secret and is none.
pub(super) fn is_variable_name(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
