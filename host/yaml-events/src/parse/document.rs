//! Documents.
//!
//! Helm splits a file at the lines of `---` and reads each piece on its own. The pieces are read
//! here one after another, with the same result.

use crate::event::{Event, EventKind};
use crate::token::TokenKind;

use super::node::NodeContext;
use super::{Parsed, Parser, State};

impl<'t> Parser<'t> {
    /// Reads the start of the first document.
    pub(super) fn read_first_document(&mut self) -> Parsed<'t> {
        match self.peek()?.kind {
            TokenKind::StreamEnd | TokenKind::DocumentStart => self.read_marked_document(),
            _ => self.start_bare_document(),
        }
    }

    /// Reads the start of a further document. A line of `...` allows one without `---`, which
    /// Helm does not look at.
    pub(super) fn read_next_document(&mut self) -> Parsed<'t> {
        let mut is_after_end = false;
        while matches!(self.peek()?.kind, TokenKind::DocumentEnd) {
            self.skip()?;
            is_after_end = true;
        }
        match self.peek()?.kind {
            TokenKind::StreamEnd | TokenKind::DocumentStart => self.read_marked_document(),
            _ if is_after_end => self.start_bare_document(),
            _ => self.error("the value of the document ends before this text"),
        }
    }

    fn start_bare_document(&mut self) -> Parsed<'t> {
        self.outer.push(State::DocumentEnd);
        self.state = State::Node;
        Ok(Event { at: self.peek()?.at, kind: EventKind::DocumentStart { explicit: false } })
    }

    /// Reads a line of `---`, or the end of the text.
    fn read_marked_document(&mut self) -> Parsed<'t> {
        if matches!(self.peek()?.kind, TokenKind::StreamEnd) {
            self.state = State::Ended;
            return Ok(Event { at: self.peek()?.at, kind: EventKind::StreamEnd });
        }
        let at = self.skip()?;
        self.outer.push(State::DocumentEnd);
        let is_split = at.offset == 0 || self.scanner.is_after_newline(at.offset);
        // Helm keeps the line if nothing is before it in its piece of the file. The text since the last
        // dropped line is read only where Helm splits, where every second line is dropped.
        let begins_piece =
            || self.dropped.is_some_and(|last| self.scanner.is_next_line(last, at.offset));
        let is_dropped = is_split && at.offset > 0 && !begins_piece();
        if is_dropped {
            self.dropped = Some(at.offset);
        }
        self.state = State::DocumentContent { is_dropped };
        Ok(Event { at, kind: EventKind::DocumentStart { explicit: is_split } })
    }

    /// Reads the value of a document, which may be absent. Where Helm splits a file, the line of
    /// `---` `is_dropped`, and a line of `...` alone is left of the document.
    pub(super) fn read_content(&mut self, is_dropped: bool) -> Parsed<'t> {
        let token = self.peek()?;
        let at = token.at;
        match token.kind {
            TokenKind::DocumentEnd if is_dropped => {
                self.error("a line of `...` is not allowed before the value of a document")
            }
            TokenKind::DocumentStart | TokenKind::DocumentEnd | TokenKind::StreamEnd => {
                let state = self.outer.pop().unwrap_or(State::Ended);
                Ok(self.absent(at, state))
            }
            _ => self.read_node(NodeContext::Block),
        }
    }

    /// Reads the end of a document.
    pub(super) fn read_document_end(&mut self) -> Parsed<'t> {
        self.state = State::NextDocument;
        Ok(Event { at: self.peek()?.at, kind: EventKind::DocumentEnd })
    }
}
