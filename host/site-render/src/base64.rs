//! Decodes the base64 of `!!binary` like Go's `StdEncoding`.
//!
//! Line breaks are skipped and padding is required; all other input is invalid.

/// Decodes base64 to bytes.
fn decode_bytes(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let padding = symbols.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    for group in symbols[..symbols.len() - padding].chunks(4) {
        let mut bits = 0u32;
        for place in 0..4 {
            let symbol = group.get(place).map_or(Some(0), |b| symbol_value(*b))?;
            bits = bits << 6 | symbol;
        }
        let three = bits.to_be_bytes();
        bytes.extend_from_slice(&three[1..group.len()]);
    }
    Some(bytes)
}

/// Decodes base64 to text. Each byte that is not UTF-8 becomes U+FFFD, as in `encoding/json`.
pub(crate) fn decode_text(encoded: &str) -> Option<String> {
    let bytes = decode_bytes(encoded)?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Some(text)
}

/// Returns the six bits of a symbol.
fn symbol_value(symbol: u8) -> Option<u32> {
    let value = match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
