//! Flow collections, which are in brackets.

use crate::event::{Event, EventKind, Properties};
use crate::token::TokenKind;

use super::node::NodeContext;
use super::{Parsed, Parser, State};

impl<'t> Parser<'t> {
    /// Reads an entry of a list, or its end.
    pub(super) fn read_flow_entry(&mut self, is_first: bool) -> Parsed<'t> {
        if !is_first && !matches!(self.peek()?.kind, TokenKind::FlowSequenceEnd) {
            self.skip_comma("a `,` or the closing `]` is missing before this")?;
        }
        match self.peek()?.kind {
            TokenKind::FlowSequenceEnd => self.end_collection(EventKind::SequenceEnd),
            TokenKind::Key => {
                self.state = State::PairKey;
                let kind = EventKind::MappingStart(Properties::default());
                Ok(Event { at: self.skip()?, kind })
            }
            _ => {
                let state = State::FlowEntry { is_first: false };
                self.read_node_then(state, NodeContext::Flow)
            }
        }
    }

    fn skip_comma(&mut self, message: &'static str) -> Result<(), crate::SyntaxError> {
        match self.peek()?.kind {
            TokenKind::FlowEntry => self.skip().map(|_| ()),
            _ => self.error(message),
        }
    }

    /// Reads the key of a mapping of one key. If it is absent, so is its colon for go-yaml, which
    /// drops the token there.
    pub(super) fn read_pair_key(&mut self) -> Parsed<'t> {
        match self.peek()?.kind {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                let at = self.skip()?;
                Ok(self.absent(at, State::PairValue))
            }
            _ => self.read_node_then(State::PairValue, NodeContext::Flow),
        }
    }

    /// Reads the value of a mapping of one key.
    pub(super) fn read_pair_value(&mut self) -> Parsed<'t> {
        if matches!(self.peek()?.kind, TokenKind::Value) {
            self.skip()?;
            if !matches!(self.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.read_node_then(State::PairEnd, NodeContext::Flow);
            }
        }
        let at = self.peek()?.at;
        Ok(self.absent(at, State::PairEnd))
    }

    /// Ends a mapping of one key.
    pub(super) fn read_pair_end(&mut self) -> Parsed<'t> {
        self.state = State::FlowEntry { is_first: false };
        Ok(Event { at: self.peek()?.at, kind: EventKind::MappingEnd })
    }

    /// Reads a key of a mapping, or the end of the mapping.
    pub(super) fn read_flow_key(&mut self, is_first: bool) -> Parsed<'t> {
        if !is_first && !matches!(self.peek()?.kind, TokenKind::FlowMappingEnd) {
            self.skip_comma("a `,` or the closing `}` is missing before this")?;
        }
        match self.peek()?.kind {
            TokenKind::FlowMappingEnd => self.end_collection(EventKind::MappingEnd),
            TokenKind::Key => {
                self.skip()?;
                let token = self.peek()?;
                let at = token.at;
                if matches!(
                    token.kind,
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd
                ) {
                    return Ok(self.absent(at, State::FlowValue));
                }
                self.read_node_then(State::FlowValue, NodeContext::Flow)
            }
            _ => self.read_node_then(State::FlowAbsentValue, NodeContext::Flow),
        }
    }

    /// Reads the value of a key, which may be absent.
    pub(super) fn read_flow_value(&mut self) -> Parsed<'t> {
        if matches!(self.peek()?.kind, TokenKind::Value) {
            self.skip()?;
            if !matches!(self.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                let state = State::FlowKey { is_first: false };
                return self.read_node_then(state, NodeContext::Flow);
            }
        }
        self.read_flow_absent_value()
    }

    /// Returns the event of an absent value.
    pub(super) fn read_flow_absent_value(&mut self) -> Parsed<'t> {
        let at = self.peek()?.at;
        Ok(self.absent(at, State::FlowKey { is_first: false }))
    }
}
