//! Scalars in quotes.

use std::borrow::Cow;

use crate::cursor::{Mark, is_blank, is_blank_or_end, is_break_or_end};
use crate::error::SyntaxError;
use crate::event::Style;
use crate::token::{Token, TokenKind};

use super::plain::fold;
use super::{Scanned, Scanner};

impl Scanner<'_> {
    /// Scans a scalar in quotes.
    pub(super) fn scan_quoted(&mut self, style: Style) -> Scanned<()> {
        self.save_candidate()?;
        self.key_allowed = false;
        let at = self.cursor.mark();
        let quote = self.cursor.peek();
        self.cursor.advance(1);
        let text = match self.simple_length(quote) {
            Some(length) => {
                let start = self.cursor.offset();
                self.cursor.advance(length);
                Cow::Borrowed(self.cursor.since(start))
            }
            None => Cow::Owned(self.take_lines(at, quote)?),
        };
        self.cursor.advance(1);
        self.tokens.push_back(Token { at, kind: TokenKind::Scalar(text, style) });
        Ok(())
    }

    /// Returns the length of a text of one line without escapes.
    fn simple_length(&self, quote: u8) -> Option<usize> {
        let rest = self.cursor.rest();
        let is_end = |byte: u8| byte == quote || byte == b'\\' || is_break_or_end(byte);
        let end = if quote == b'"' {
            rest.iter().position(|byte| is_end(*byte))?
        } else {
            rest.iter().position(|byte| *byte == quote || is_break_or_end(*byte))?
        };
        let is_doubled = quote == b'\'' && rest.get(end + 1) == Some(&quote);
        (rest[end] == quote && !is_doubled).then_some(end)
    }

    /// Takes a text up to its closing quote, and folds its lines.
    fn take_lines(&mut self, at: Mark, quote: u8) -> Scanned<String> {
        let mut text = String::new();
        loop {
            if self.cursor.is_at_document_marker() {
                let message = "a line of `---` or `...` is inside these quotes";
                return Err(SyntaxError::at(at, message));
            }
            if self.cursor.peek() == 0 {
                return Err(SyntaxError::at(at, "the closing quote is missing"));
            }
            let is_joined = self.take_word(at, quote, &mut text)?;
            if self.cursor.peek() == quote {
                return Ok(text);
            }
            self.take_blanks(is_joined, &mut text);
        }
    }

    /// Takes the text up to a blank, a line break or the closing quote. Returns whether it ends
    /// in an escaped line break.
    fn take_word(&mut self, at: Mark, quote: u8, text: &mut String) -> Scanned<bool> {
        loop {
            let from = self.cursor.offset();
            let is_part =
                |byte| byte != quote && !is_blank_or_end(byte) && (byte != b'\\' || quote == b'\'');
            self.cursor.advance_while(is_part);
            text.push_str(self.cursor.since(from));
            match self.cursor.peek() {
                b'\'' if quote == b'\'' && self.cursor.peek_at(1) == b'\'' => {
                    text.push('\'');
                    self.cursor.advance(2);
                }
                b'\\' if quote == b'"' => {
                    self.cursor.advance(1);
                    if self.cursor.skip_break() {
                        return Ok(true);
                    }
                    text.push(self.take_escape(at)?);
                }
                _ => return Ok(false),
            }
        }
    }

    /// Takes blanks and line breaks; an escaped line break before them `is_joined` and adds
    /// nothing.
    fn take_blanks(&mut self, is_joined: bool, text: &mut String) {
        let from = self.cursor.offset();
        self.cursor.advance_while(is_blank);
        let blanks = self.cursor.since(from);
        let mut breaks = 0;
        while self.cursor.skip_break() {
            breaks += 1;
            self.cursor.advance_while(is_blank);
        }
        if is_joined {
            text.extend(std::iter::repeat_n('\n', breaks));
        } else if breaks == 0 {
            text.push_str(blanks);
        } else {
            fold(text, breaks);
        }
    }
}
