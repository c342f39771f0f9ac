//! Writes scalars so that every YAML reader parses them to the same string.
//!
//! A string is written plain only if no known reader could parse it as another type. In doubt, it
//! is quoted.

use super::resolve;

/// Returns a string as a scalar on one line.
pub(super) fn inline_scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let single = text.contains(['"', '\\']) && !text.contains('\'');
    if single && text.chars().all(is_printable) {
        return format!("'{text}'");
    }
    double_quoted(text)
}

/// Returns the header and the lines of a literal block. Returns `None` if the string has one line,
/// or if a reader could lose a character of it.
pub(super) fn block_scalar(text: &str) -> Option<(&'static str, std::str::Lines<'_>)> {
    let (header, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    let several = text.contains('\n') && !body.is_empty() && !body.ends_with('\n');
    let starts_well = !body.starts_with(['\n', ' ', '\t']);
    let good_line = |line: &str| {
        let blank = line.trim_matches([' ', '\t']).is_empty() && !line.is_empty();
        !blank && !line.starts_with('\t') && line.chars().all(|c| c == '\t' || is_printable(c))
    };
    let fits = several && starts_well && body.split('\n').all(good_line);
    fits.then(|| (header, body.lines()))
}

/// Returns a line of a comment with every character escaped that would end it.
pub(super) fn comment_line(line: &str) -> String {
    let visible = |c: char| {
        if c == '\t' || is_printable(c) { c.to_string() } else { escape_char(c) }
    };
    line.chars().map(visible).collect()
}

/// Returns whether a string can be written without quotes.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let starts_well = match first {
        '/' | '_' => true,
        '0'..='9' => text.bytes().any(|b| b.is_ascii_alphabetic() && !is_numeric_letter(b)),
        first => first.is_alphanumeric(),
    };
    starts_well
        && text.chars().all(is_plain_char)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !is_ambiguous(text)
}

/// Returns whether a letter can occur in a number or a date of some YAML reader.
fn is_numeric_letter(letter: u8) -> bool {
    matches!(letter, b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b't' | b'T' | b'z' | b'Z')
}

/// Returns whether a character is allowed in a plain scalar.
fn is_plain_char(c: char) -> bool {
    match c {
        ' ' => true,
        '#' | '{' | '}' | '[' | ']' | '"' | '\'' | '`' | '\\' => false,
        c if c.is_ascii() => c.is_ascii_graphic(),
        c => c.is_alphanumeric() && is_printable(c),
    }
}

/// Returns whether some reader would parse the text as another type.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    resolve::resolve_plain(text).is_some()
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Returns whether a character can be written as it is between quotes and is visible.
fn is_printable(c: char) -> bool {
    // `escape_debug` escapes characters that Unicode classifies as invisible, and also quotes,
    // which are ASCII.
    matches!(c, ' '..='~') || !c.is_ascii() && c != '\u{feff}' && c.escape_debug().len() == 1
}

/// Returns a string in double quotes.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if is_printable(c) => quoted.push(c),
            c => quoted.push_str(&escape_char(c)),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns the escape sequence of a character.
fn escape_char(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        c if u32::from(c) <= 0xff => format!("\\x{:02x}", u32::from(c)),
        c if u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}
