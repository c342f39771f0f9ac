//! Indicators: brackets, dashes, question marks, colons and the ends of blocks.

use crate::cursor::Mark;
use crate::error::SyntaxError;
use crate::token::{Token, TokenKind};

use super::{Scanned, Scanner};

impl<'t> Scanner<'t> {
    /// Saves the next token as one that may become a key, if a key may begin there.
    pub(super) fn save_candidate(&mut self) -> Scanned<()> {
        if !self.key_allowed {
            return Ok(());
        }
        let required = !self.in_flow() && self.margin == self.cursor.column() + 1;
        self.candidates.save(self.next_number(), required, &self.cursor)
    }

    /// Begins a block collection at a column, unless one is open there. Its token has a number, or
    /// is the next one.
    fn open_block(&mut self, at: Mark, column: usize, number: Option<usize>, kind: TokenKind<'t>) {
        if self.in_flow() || self.margin > column {
            return;
        }
        self.outer_margins.push(self.margin);
        self.margin = column + 1;
        self.insert(number, Token { at, kind });
    }

    /// Begins a block collection at the cursor, unless one is open there or brackets are. The message is
    /// that of the error where none may begin.
    fn open_block_here(&mut self, kind: TokenKind<'t>, message: &'static str) -> Scanned<()> {
        let at = self.cursor.mark();
        if !self.in_flow() && !self.key_allowed {
            return Err(SyntaxError::at(at, message));
        }
        self.open_block(at, self.cursor.column(), None, kind);
        Ok(())
    }

    /// Inserts a token that gets a number, or adds it where that number was taken already.
    fn insert(&mut self, number: Option<usize>, token: Token<'t>) {
        let place = number.and_then(|number| number.checked_sub(self.taken));
        match place {
            Some(place) if place <= self.tokens.len() => self.tokens.insert(place, token),
            _ => self.tokens.push_back(token),
        }
    }

    /// Ends the block collections whose column is right of a column.
    pub(super) fn close_blocks(&mut self, column: usize) {
        while !self.in_flow() && self.margin > column + 1 {
            self.close_block();
        }
    }

    fn close_block(&mut self) {
        self.tokens.push_back(Token { at: self.cursor.mark(), kind: TokenKind::BlockEnd });
        self.margin = self.outer_margins.pop().unwrap_or(0);
    }

    fn close_all_blocks(&mut self) {
        while !self.in_flow() && self.margin > 0 {
            self.close_block();
        }
    }

    /// Ends the text.
    pub(super) fn scan_end(&mut self) -> Scanned<()> {
        if !self.cursor.is_at_end() {
            let message = "YAML allows no NUL character";
            return Err(SyntaxError::at(self.cursor.mark(), message));
        }
        self.close_all_blocks();
        self.candidates.end()?;
        self.key_allowed = false;
        self.add_indicator(TokenKind::StreamEnd, 0);
        Ok(())
    }

    /// Scans `---` or `...`.
    pub(super) fn scan_document_marker(&mut self, is_start: bool) -> Scanned<()> {
        self.close_all_blocks();
        self.candidates.discard()?;
        self.key_allowed = false;
        let kind = if is_start { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.add_indicator(kind, 3);
        Ok(())
    }

    /// Scans `[` or `{`.
    pub(super) fn open_flow(&mut self, kind: TokenKind<'t>) -> Scanned<()> {
        self.save_candidate()?;
        self.candidates.open_level(self.next_number());
        self.key_allowed = true;
        self.add_indicator(kind, 1);
        Ok(())
    }

    /// Scans `]` or `}`.
    pub(super) fn close_flow(&mut self, kind: TokenKind<'t>) -> Scanned<()> {
        self.candidates.discard()?;
        self.candidates.close_level();
        self.key_allowed = false;
        self.add_indicator(kind, 1);
        Ok(())
    }

    /// Scans `,`.
    pub(super) fn scan_flow_entry(&mut self) -> Scanned<()> {
        self.candidates.discard()?;
        self.key_allowed = true;
        self.add_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    /// Scans `-`.
    pub(super) fn scan_block_entry(&mut self) -> Scanned<()> {
        let message = "an item of a list is not allowed here";
        self.open_block_here(TokenKind::BlockSequenceStart, message)?;
        self.candidates.discard()?;
        self.key_allowed = true;
        self.add_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    /// Scans `?`.
    pub(super) fn scan_key(&mut self) -> Scanned<()> {
        self.open_block_here(TokenKind::BlockMappingStart, "a key (`?`) is not allowed here")?;
        self.candidates.discard()?;
        self.key_allowed = !self.in_flow();
        self.add_indicator(TokenKind::Key, 1);
        Ok(())
    }

    /// Scans `:`. The candidate before it becomes a key; without one, the key is above.
    pub(super) fn scan_value(&mut self) -> Scanned<()> {
        let kind = TokenKind::BlockMappingStart;
        if let Some(key) = self.candidates.innermost(&self.cursor)? {
            self.insert(Some(key.number), Token { at: key.at, kind: TokenKind::Key });
            self.open_block(key.at, key.at.column as usize - 1, Some(key.number), kind);
            self.candidates.confirm();
            self.key_allowed = false;
        } else {
            let message =
                "a `:` with a blank behind it is not allowed here; put the text into quotes";
            self.open_block_here(kind, message)?;
            self.key_allowed = !self.in_flow();
        }
        self.add_indicator(TokenKind::Value, 1);
        Ok(())
    }
}
