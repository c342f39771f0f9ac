//! Parses numbers like Go's `strconv`, and formats them like its `encoding/json`.

/// Parses an integer like `strconv.ParseInt(text, 0, 64)`, or like `ParseUint` for larger values.
///
/// A leading zero means octal, `08` is not an integer, and a value above `i64::MAX` must not have
/// a sign.
pub(super) fn parse_integer(text: &str) -> Option<i128> {
    let (negative, digits) = split_sign(text);
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    parse_magnitude(digits, radix, negative, is_signed(text))
}

/// Parses the rest after `0b` with its own sign. go-yaml tries this last, which is why `0b-1` is
/// -1.
pub(super) fn parse_binary_tail(text: &str) -> Option<i128> {
    let tail = text.strip_prefix("0b")?;
    let (negative, digits) = split_sign(tail);
    parse_magnitude(digits, 2, negative, is_signed(tail))
}

/// Splits the sign from a number: `Some(true)` for `-`, `Some(false)` for `+`.
fn split_sign(text: &str) -> (Option<bool>, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (Some(true), &text[1..]),
        Some(b'+') => (Some(false), &text[1..]),
        _ => (None, text),
    }
}

/// Returns whether a number has a sign.
fn is_signed(text: &str) -> bool {
    split_sign(text).0.is_some()
}

/// Parses digits in a radix, and checks the range of `i64` or `u64`.
fn parse_magnitude(digits: &str, radix: u32, negative: Option<bool>, signed: bool) -> Option<i128> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative == Some(true) { -magnitude } else { magnitude };
    let top = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=top).contains(&value).then_some(value)
}

/// Parses a decimal float like go-yaml. Returns `None` for a value outside the range of a double.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = split_sign(text).1;
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let fits = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !split_sign(e).1.is_empty() && digits(split_sign(e).1));
    if !fits {
        return None;
    }
    // Rust rounds an overflow to infinity, where `strconv.ParseFloat` returns a range error.
    text.parse::<f64>().ok().filter(|f| f.is_finite())
}

/// Parses a float that begins with a point, like `strconv.ParseFloat`: underscores are allowed
/// only between digits.
pub(super) fn parse_pointed(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let between = |at: usize| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        at > 0 && digit(at - 1) && digit(at + 1)
    };
    let good = (0..bytes.len()).all(|at| bytes[at] != b'_' || between(at));
    good.then(|| parse_float(&text.replace('_', "")))?
}

/// Formats a double like `encoding/json`.
pub(super) fn format_json(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{value:e}");
        let (digits, exponent) = split_exponent(&text);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{}", exponent.unsigned_abs());
    }
    // Rust's `Display` never uses an exponent, and prints a negative zero as `-0`.
    value.to_string()
}

/// Formats a double as a key like sigs.k8s.io/yaml: `%g` of the nearest 32-bit float.
pub(super) fn format_key(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sigs.k8s.io/yaml prints float keys with 32 bits"
    )]
    let narrow = value as f32;
    if !narrow.is_finite() {
        return if narrow.is_nan() {
            ".nan"
        } else if narrow > 0.0 {
            ".inf"
        } else {
            "-.inf"
        }
        .to_owned();
    }
    let text = format!("{narrow:e}");
    let (digits, exponent) = split_exponent(&text);
    if (-4..6).contains(&exponent) {
        return narrow.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// Splits the output of `{:e}` into digits and exponent.
fn split_exponent(text: &str) -> (&str, i32) {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (digits, exponent.parse().unwrap_or(0))
}
