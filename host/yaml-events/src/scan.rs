//! Splits a text into tokens.
//!
//! A key has no token of its own at its start: `a: 1` is a key only because of the colon behind
//! it. So tokens wait in a queue while the first of them may still become a key. A candidate stays
//! one for the rest of its line and for 1,024 characters, which bounds the queue.

mod block;
mod candidates;
mod escapes;
mod indicators;
mod names;
mod plain;
mod quoted;

use std::collections::VecDeque;

use crate::cursor::{Cursor, is_blank, is_blank_or_end};
use crate::error::{ErrorKind, SyntaxError};
use crate::event::Style;
use crate::token::{Token, TokenKind};

use candidates::Candidates;

type Scanned<T> = Result<T, SyntaxError>;

/// Splits a text into tokens.
#[derive(Debug)]
pub(crate) struct Scanner<'t> {
    cursor: Cursor<'t>,
    tokens: VecDeque<Token<'t>>,
    /// The number of tokens that were taken.
    taken: usize,
    /// Whether the first token is known to be the next one.
    is_ready: bool,
    candidates: Candidates,
    /// Whether a key may begin at the next token.
    key_allowed: bool,
    /// The least column of content inside the innermost block collection: one more than its own
    /// column, and 0 outside.
    margin: usize,
    /// The margins around it.
    outer_margins: Vec<usize>,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            is_ready: false,
            candidates: Candidates::default(),
            key_allowed: true,
            margin: 0,
            outer_margins: Vec::new(),
        }
    }

    /// Returns the next token, and leaves it.
    pub(crate) fn peek(&mut self) -> Scanned<&Token<'t>> {
        if !self.is_ready {
            while self.tokens.is_empty() || self.candidates.may_be_key(self.taken, &self.cursor)? {
                self.scan_token()?;
            }
            self.is_ready = true;
        }
        let end = SyntaxError::at(self.cursor.mark(), "the text ends here");
        self.tokens.front().ok_or(end)
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Scanned<Token<'t>> {
        self.peek()?;
        self.is_ready = false;
        self.taken += 1;
        let end = SyntaxError::at(self.cursor.mark(), "the text ends here");
        self.tokens.pop_front().ok_or(end)
    }

    /// Returns whether `\n` is before an offset.
    pub(crate) fn is_after_newline(&self, offset: usize) -> bool {
        self.cursor.slice(0, offset).ends_with('\n')
    }

    /// Returns whether an offset is on the line below another one.
    pub(crate) fn is_next_line(&self, above: usize, offset: usize) -> bool {
        self.cursor.slice(above, offset).bytes().filter(|byte| *byte == b'\n').count() == 1
    }

    fn in_flow(&self) -> bool {
        self.candidates.flow_level() > 0
    }

    /// Returns the number of the next token to be added.
    fn next_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    /// Adds the token of an indicator, and moves over it.
    fn add_indicator(&mut self, kind: TokenKind<'t>, bytes: usize) {
        self.tokens.push_back(Token { at: self.cursor.mark(), kind });
        self.cursor.advance(bytes);
    }

    /// Adds at least one token.
    fn scan_token(&mut self) -> Scanned<()> {
        self.skip_to_token();
        self.close_blocks(self.cursor.column());
        let (byte, next) = (self.cursor.peek(), self.cursor.peek_at(1));
        if byte == 0 {
            return self.scan_end();
        }
        if self.cursor.column() == 0 {
            if byte == b'%' {
                return Err(self.directive_error());
            }
            if self.cursor.is_at_document_marker() {
                return self.scan_document_marker(byte == b'-');
            }
        }
        let flow = self.in_flow();
        match byte {
            b'[' => self.open_flow(TokenKind::FlowSequenceStart),
            b'{' => self.open_flow(TokenKind::FlowMappingStart),
            b']' => self.close_flow(TokenKind::FlowSequenceEnd),
            b'}' => self.close_flow(TokenKind::FlowMappingEnd),
            b',' => self.scan_flow_entry(),
            b'-' if is_blank_or_end(next) => self.scan_block_entry(),
            b'?' if flow || is_blank_or_end(next) => self.scan_key(),
            b':' if flow || is_blank_or_end(next) => self.scan_value(),
            b'*' | b'&' => self.scan_anchor(byte == b'&'),
            b'!' => self.scan_tag(),
            b'|' if !flow => self.scan_block_scalar(Style::Literal),
            b'>' if !flow => self.scan_block_scalar(Style::Folded),
            b'\'' => self.scan_quoted(Style::SingleQuoted),
            b'"' => self.scan_quoted(Style::DoubleQuoted),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => Err(self.start_error()),
            b'\t' => Err(SyntaxError::tab(self.cursor.mark())),
            _ => self.scan_plain(),
        }
    }

    /// Moves over blanks, comments and line breaks. A tab counts as a blank only where no key may
    /// begin, because it would indent that key.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.in_flow() || !self.key_allowed;
            self.cursor.advance_while(|byte| byte == b' ' || tabs && is_blank(byte));
            self.cursor.skip_comment();
            if !self.cursor.skip_break() {
                return;
            }
            self.key_allowed |= !self.in_flow();
        }
    }

    fn start_error(&self) -> SyntaxError {
        let message = "no text without quotes begins with this character";
        SyntaxError::at(self.cursor.mark(), message)
    }

    fn directive_error(&self) -> SyntaxError {
        let message = "a YAML directive is not supported by Helm";
        SyntaxError { at: self.cursor.mark(), kind: ErrorKind::Directive, message }
    }
}
