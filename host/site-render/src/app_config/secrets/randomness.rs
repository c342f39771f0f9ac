//! Recognises keys by their randomness.

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
