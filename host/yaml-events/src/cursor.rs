//! A place in a text, and the characters there.

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The offset in bytes.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A cursor, which only moves forward.
///
/// Bytes behind the end are NUL. Columns and indexes count characters: the cursor counts the bytes
/// that continue a character, and nothing in a text of ASCII.
#[derive(Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    is_ascii: bool,
    offset: usize,
    line: u32,
    line_start: usize,
    /// The bytes before the offset that continue a character.
    continuing: usize,
    /// The same, before the line.
    continuing_before_line: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            is_ascii: text.is_ascii(),
            offset: 0,
            line: 1,
            line_start: 0,
            continuing: 0,
            continuing_before_line: 0,
        }
    }

    /// Returns the byte at the cursor.
    pub(crate) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// Returns a byte behind the cursor.
    pub(crate) fn peek_at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.offset + ahead).copied().unwrap_or(0)
    }

    /// Returns the bytes from the cursor on.
    pub(crate) fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// Returns the column, from 0.
    pub(crate) fn column(&self) -> usize {
        let bytes = self.offset - self.line_start;
        bytes - (self.continuing - self.continuing_before_line)
    }

    /// Returns the number of characters before the cursor.
    pub(crate) fn index(&self) -> usize {
        self.offset - self.continuing
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.offset >= self.text.len()
    }

    pub(crate) fn mark(&self) -> Mark {
        let column = u32::try_from(self.column()).unwrap_or(u32::MAX);
        Mark { offset: self.offset, line: self.line, column: column.saturating_add(1) }
    }

    /// Returns a part of the text; both offsets are of ASCII characters or of the end.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Returns the text from an offset to the cursor.
    pub(crate) fn since(&self, from: usize) -> &'t str {
        self.slice(from, self.offset)
    }

    /// Moves over bytes without a line break.
    pub(crate) fn advance(&mut self, bytes: usize) {
        let end = (self.offset + bytes).min(self.text.len());
        if !self.is_ascii {
            let passed = &self.text.as_bytes()[self.offset..end];
            self.continuing += passed.iter().filter(|byte| (**byte & 0xc0) == 0x80).count();
        }
        self.offset = end;
    }

    /// Moves over the bytes that satisfy a condition; none of them is a line break.
    pub(crate) fn advance_while(&mut self, is_part: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.advance(rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len()));
    }

    /// Moves over a line break, if there is one. Helm's reader drops a `\r` before each `\n`, so that
    /// `\r\r\n` is one too.
    pub(crate) fn skip_break(&mut self) -> bool {
        let rest = self.rest();
        let bytes = match rest.first() {
            Some(b'\r') if rest.starts_with(b"\r\n") => 2,
            Some(b'\r') if rest.starts_with(b"\r\r\n") => 3,
            Some(b'\n' | b'\r') => 1,
            _ => return false,
        };
        self.offset += bytes;
        self.line = self.line.saturating_add(1);
        self.line_start = self.offset;
        self.continuing_before_line = self.continuing;
        true
    }

    /// Moves over a comment, if there is one.
    pub(crate) fn skip_comment(&mut self) {
        if self.peek() == b'#' {
            self.advance_while(|byte| !is_break_or_end(byte));
        }
    }

    /// Returns whether a line of `---` or `...` begins here.
    pub(crate) fn is_at_document_marker(&self) -> bool {
        self.offset == self.line_start
            && (self.rest().starts_with(b"---") || self.rest().starts_with(b"..."))
            && is_blank_or_end(self.peek_at(3))
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(crate) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Returns whether a byte ends a line or the text.
pub(crate) fn is_break_or_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

/// Returns whether a byte ends a word.
pub(crate) fn is_blank_or_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0)
}

/// Returns whether a byte may be part of the name of an anchor, or of a tag's handle.
pub(crate) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
