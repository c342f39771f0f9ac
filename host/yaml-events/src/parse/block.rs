//! Block collections, which are indented.

use crate::event::{Event, EventKind};
use crate::token::TokenKind;

use super::node::NodeContext;
use super::{Parsed, Parser, State};

impl<'t> Parser<'t> {
    /// Reads an entry of a list, or its end.
    pub(super) fn read_sequence_entry(&mut self) -> Parsed<'t> {
        match self.peek()?.kind {
            TokenKind::BlockEntry => {
                let at = self.skip()?;
                match self.peek()?.kind {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => {
                        Ok(self.absent(at, State::SequenceEntry))
                    }
                    _ => self.read_node_then(State::SequenceEntry, NodeContext::Block),
                }
            }
            TokenKind::BlockEnd => self.end_collection(EventKind::SequenceEnd),
            _ => self.error("a list has only items (`- `) in this column"),
        }
    }

    /// Reads an entry of a list in the column of its key, or its end.
    pub(super) fn read_indentless_entry(&mut self) -> Parsed<'t> {
        let token = self.peek()?;
        let at = token.at;
        if !matches!(token.kind, TokenKind::BlockEntry) {
            self.return_to_outer();
            return Ok(Event { at, kind: EventKind::SequenceEnd });
        }
        self.skip()?;
        match &self.peek()?.kind {
            TokenKind::BlockEntry => Ok(self.absent(at, State::IndentlessEntry)),
            kind if kind.ends_entry() => Ok(self.absent(at, State::IndentlessEntry)),
            _ => self.read_node_then(State::IndentlessEntry, NodeContext::Block),
        }
    }

    /// Reads a key of a mapping, or the end of the mapping.
    pub(super) fn read_block_key(&mut self) -> Parsed<'t> {
        match self.peek()?.kind {
            TokenKind::Key => {
                let at = self.skip()?;
                if self.peek()?.kind.ends_entry() {
                    return Ok(self.absent(at, State::BlockValue));
                }
                self.read_node_then(State::BlockValue, NodeContext::BlockValue)
            }
            TokenKind::BlockEnd => self.end_collection(EventKind::MappingEnd),
            _ => self.error("a mapping has only keys (`key: `) in this column"),
        }
    }

    /// Reads the value of a key, which may be absent.
    pub(super) fn read_block_value(&mut self) -> Parsed<'t> {
        let token = self.peek()?;
        let at = token.at;
        if !matches!(token.kind, TokenKind::Value) {
            return Ok(self.absent(at, State::BlockKey));
        }
        self.skip()?;
        if self.peek()?.kind.ends_entry() {
            return Ok(self.absent(at, State::BlockKey));
        }
        self.read_node_then(State::BlockKey, NodeContext::BlockValue)
    }
}
