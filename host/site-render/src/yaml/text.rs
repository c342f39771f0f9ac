//! Decodes bytes to text, and rejects characters that YAML readers disagree on.
//!
//! A NUL ends the input for one reader, and U+2028 ends a comment for another.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Position, SourceFile};

use super::refuse::error_at;

const BOM: char = '\u{feff}';

/// Decodes a file and checks its characters.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Arc<SourceFile>, Box<Finding>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => return Err(utf8_error(name, bytes, e.valid_up_to()).into()),
    };
    let file = Arc::new(SourceFile::new(name, text.strip_prefix(BOM).unwrap_or(text)));
    check_characters(&file)?;
    Ok(file)
}

/// Returns the error for bytes that are not UTF-8.
fn utf8_error(name: &str, bytes: &[u8], offset: usize) -> Finding {
    let good = bytes.get(..offset).unwrap_or_default();
    let line = good.split(|b| *b == b'\n').count();
    let message = format!("{name} is not UTF-8: byte {offset}, on line {line}");
    codes::YAML_NOT_UTF8.finding(message).hint("save the file as UTF-8")
}

/// Rejects characters that YAML forbids or that its versions read differently.
pub(super) fn check_characters(file: &Arc<SourceFile>) -> Result<(), Box<Finding>> {
    let bytes = file.text.as_bytes();
    let suspect = bytes.iter().enumerate().find(|(at, byte)| match byte {
        b'\t' | b'\n' | b'\r' | 0x20..=0x7e => false,
        0xc2 | 0xe2 | 0xef => file.text[*at..].chars().next().is_some_and(|c| {
            let starts_line = *at == 0 || bytes[at - 1] == b'\n';
            is_forbidden(c) || c == BOM && starts_line
        }),
        byte => byte.is_ascii_control(),
    });
    let Some((offset, _)) = suspect else {
        return Ok(());
    };
    let character = file.text[offset..].chars().next().unwrap_or_default();
    let (code, what) = match character {
        '\u{85}' | '\u{2028}' | '\u{2029}' => (
            &codes::YAML_LINE_BREAK,
            "Helm reads it as the end of a line, and other readers do not",
        ),
        _ => (&codes::YAML_CONTROL_CHARACTER, "YAML forbids it"),
    };
    let message = format!("the character U+{:04X} is not allowed: {what}", u32::from(character));
    let error = error_at(file, position_of(&file.text, offset), code, message);
    let escape = format!("in double quotes, write it as \\u{:04x}", u32::from(character));
    Err(Box::new(error.hint(escape)))
}

/// Returns whether a character beyond ASCII is non-printable, or a line break of YAML 1.1.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

/// Returns the position of a byte offset.
fn position_of(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: count_from_one(before.matches('\n').count()),
        column: count_from_one(before[line_start..].chars().count()),
    }
}

/// Converts a count to a line or column number, which starts at 1.
fn count_from_one(before: usize) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

/// Returns a text with a line break at its end, which Helm adds too.
pub(super) fn with_line_end(text: &str) -> Cow<'_, str> {
    if text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) }
}
