//! Decodes a configuration into text that a chart can carry in a YAML block.
//!
//! Rejects files that would break such a block or be left out of it: an empty file, an indented
//! first line, control characters, too many bytes.

use std::sync::Arc;

use crate::codes;
use crate::finding::{Code, Finding};
use crate::origin::{Location, Position, SourceFile};

/// The maximum size of a configuration, in bytes: a ConfigMap holds 1 MiB including its names and
/// metadata.
pub(super) const MAX_BYTES: usize = 900 << 10;

/// The maximum number of findings of one kind for one configuration.
pub(super) const MAX_FINDINGS: usize = 50;

const BOM: char = '\u{feff}';

/// Returns the text of a layer without a byte order mark and with line feeds as its only line
/// ends.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Arc<SourceFile>, Box<Finding>> {
    if bytes.len() > MAX_BYTES {
        return Err(Box::new(size_finding(name, bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        let message = format!("{name} is not UTF-8, on line {line}");
        codes::CONFIG_NOT_UTF8.finding(message).hint("save the file as UTF-8")
    })?;
    let text = text.strip_prefix(BOM).unwrap_or(text);
    // Python accepts `\r`, `\n` and `\r\n` as line ends. Normalised text keeps the digest of a
    // merge independent of the editor.
    let text = if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    };
    let file = Arc::new(SourceFile::new(name, text));
    check_text(&file)?;
    Ok(file)
}

/// Rejects text that breaks the chart's YAML block or is left out of it.
fn check_text(file: &Arc<SourceFile>) -> Result<(), Box<Finding>> {
    let error = |offset, code: &'static Code, message: String| {
        Box::new(code.finding(message).at(place_at(file, offset)))
    };
    // Nearly all files are ASCII: only the rest after the first other byte is decoded.
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    let suspect = file.text.bytes().position(|byte| !plain(byte)).unwrap_or(file.text.len());
    let mut rest = file.text[suspect..].char_indices();
    if let Some((at, character)) = rest.find(|(_, c)| is_forbidden(*c)) {
        let offset = suspect + at;
        let message =
            format!("the character U+{:04X} is not allowed in a config", u32::from(character));
        return Err(Box::new(
            error(offset, &codes::CONFIG_CONTROL_CHARACTER, message)
                .hint("write it as an escape sequence"),
        ));
    }
    if let Some((offset, encoding)) = declared_encoding(&file.text) {
        let message = format!("{} declares the encoding `{encoding}`", file.name);
        let finding = error(offset, &codes::CONFIG_NOT_UTF8, message);
        return Err(Box::new(finding.hint("remove the declaration, and save the file as UTF-8")));
    }
    let first = file.text.find(|c| c != '\n').unwrap_or_default();
    if file.text.trim().is_empty() {
        return Err(Box::new(
            error(0, &codes::CONFIG_EMPTY, format!("{} is empty", file.name))
                .hint("write a statement into it: the chart mounts nothing for an empty file, and the image's own configuration runs instead"),
        ));
    }
    if file.text[first..].starts_with([' ', '\t']) {
        return Err(Box::new(
            error(
                first,
                &codes::CONFIG_INDENTED,
                format!("the first line of {} is indented", file.name),
            )
            .hint("start it in column 1: the chart would render an invalid block of YAML"),
        ));
    }
    Ok(())
}

/// Returns another encoding than UTF-8 that a comment in the first two lines declares, and its
/// offset: Python would read another text (PEP 263).
fn declared_encoding(text: &str) -> Option<(usize, &str)> {
    let mut start = 0;
    for line in text.split('\n').take(2) {
        let blank = |c| matches!(c, ' ' | '\t' | '\u{c}');
        let comment = line.trim_start_matches(blank);
        if !comment.starts_with('#') {
            // The declaration may follow an empty line or a comment only.
            if comment.is_empty() {
                start += line.len() + 1;
                continue;
            }
            return None;
        }
        for (at, word) in comment.match_indices("coding") {
            let Some(rest) = comment[at + word.len()..].strip_prefix([':', '=']) else { continue };
            let rest = rest.trim_start_matches([' ', '\t']);
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
            if name.is_empty() {
                continue;
            }
            let plain = name.to_ascii_lowercase().replace('_', "-");
            let is_utf8 = plain == "utf-8" || plain == "utf8" || plain.starts_with("utf-8-");
            return (!is_utf8).then_some((start, name));
        }
        start += line.len() + 1;
    }
    None
}

/// Returns whether YAML forbids a character, or one of its versions reads it as a line break.
fn is_forbidden(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' | BOM => true,
        c => c.is_control(),
    }
}

/// Returns the error for a configuration that does not fit into a ConfigMap.
pub(super) fn size_finding(name: &str, bytes: usize) -> Finding {
    let message =
        format!("{name} makes a config of {bytes} bytes, more than the {MAX_BYTES} allowed");
    codes::CONFIG_SIZE
        .finding(message)
        .hint("move large data into a file of the image: a ConfigMap holds at most 1 MiB")
}

/// Returns the place of a byte offset in a file.
pub(super) fn place_at(file: &Arc<SourceFile>, offset: usize) -> Location {
    let before = file.text.get(..offset).unwrap_or(&file.text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let count = |before: usize| u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
    let line = count(before.bytes().filter(|byte| *byte == b'\n').count());
    let column = count(before[start..].chars().count());
    Location { file: file.clone(), at: Position { line, column } }
}
