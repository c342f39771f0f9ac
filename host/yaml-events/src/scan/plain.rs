//! Scalars without quotes.

use std::borrow::Cow;

use crate::cursor::{is_blank, is_blank_or_end, is_break, is_break_or_end};
use crate::error::SyntaxError;
use crate::event::Style;
use crate::token::{Token, TokenKind};

use super::{Scanned, Scanner};

impl Scanner<'_> {
    /// Scans a scalar without quotes. Its further lines are right of its block's column, except in
    /// brackets.
    pub(super) fn scan_plain(&mut self) -> Scanned<()> {
        self.save_candidate()?;
        self.key_allowed = false;
        let at = self.cursor.mark();
        // The text on one line is a part of the file; of several lines it is folded.
        let mut folded: Option<String> = None;
        let (mut start, mut end) = (at.offset, at.offset);
        let mut breaks = 0;
        while !self.cursor.is_at_document_marker() && self.cursor.peek() != b'#' {
            let from = self.cursor.offset();
            self.cursor.advance(self.plain_length());
            if self.cursor.offset() > from {
                if breaks > 0 {
                    let text = folded.get_or_insert_default();
                    text.push_str(self.cursor.slice(start, end));
                    fold(text, breaks);
                    start = from;
                    breaks = 0;
                }
                end = self.cursor.offset();
            }
            let byte = self.cursor.peek();
            if !is_blank(byte) && !is_break(byte) {
                break;
            }
            breaks = self.skip_plain_blanks()?;
            if !self.in_flow() && self.cursor.column() < self.margin {
                break;
            }
        }
        if breaks > 0 {
            self.key_allowed = true;
        }
        let last = self.cursor.slice(start, end);
        let text = folded.map_or(Cow::Borrowed(last), |text| Cow::Owned(text + last));
        self.tokens.push_back(Token { at, kind: TokenKind::Scalar(text, Style::Plain) });
        Ok(())
    }

    /// Returns the bytes up to a blank or to an indicator that ends the scalar.
    fn plain_length(&self) -> usize {
        let rest = self.cursor.rest();
        let flow = self.in_flow();
        let ends = |(at, byte): (usize, &u8)| match byte {
            b' ' | b'\t' => true,
            b':' => is_blank_or_end(rest.get(at + 1).copied().unwrap_or(0)),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => flow,
            byte => is_break_or_end(*byte),
        };
        rest.iter().enumerate().position(|(at, byte)| ends((at, byte))).unwrap_or(rest.len())
    }

    /// Moves over blanks and line breaks; returns the number of line breaks.
    fn skip_plain_blanks(&mut self) -> Scanned<usize> {
        let mut breaks = 0;
        loop {
            if breaks > 0 && self.cursor.column() < self.margin && self.cursor.peek() == b'\t' {
                return Err(SyntaxError::tab(self.cursor.mark()));
            }
            if is_blank(self.cursor.peek()) {
                self.cursor.advance(1);
            } else if self.cursor.skip_break() {
                breaks += 1;
            } else {
                return Ok(breaks);
            }
        }
    }
}

/// Adds folded line breaks to a text: one is a blank, and of several the first is dropped.
pub(super) fn fold(text: &mut String, breaks: usize) {
    if breaks == 1 {
        text.push(' ');
    }
    text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
}
