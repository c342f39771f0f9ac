//! Nodes: properties, and the start of what they belong to.

use std::borrow::Cow;

use crate::cursor::Mark;
use crate::error::SyntaxError;
use crate::event::{Event, EventKind, Properties};
use crate::token::{TagText, Token, TokenKind};

use super::{Parsed, Parser, State, absent_scalar};

/// The prefix of the handle `!!`.
const STANDARD_TAGS: &str = "tag:yaml.org,2002:";

/// The kinds of nodes that may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeContext {
    Block,
    /// A block node, or a list in the column of its key.
    BlockValue,
    Flow,
}

impl<'t> Parser<'t> {
    /// Reads a scalar, an alias or the start of a collection.
    pub(super) fn read_node(&mut self, context: NodeContext) -> Parsed<'t> {
        let (properties, end) = self.read_properties()?;
        let token = self.peek()?;
        let at = token.at;
        match token.kind {
            TokenKind::Alias(name) if properties == Properties::default() => {
                self.return_to_outer();
                Ok(Event { at: self.skip()?, kind: EventKind::Alias(name) })
            }
            TokenKind::Scalar(..) => self.read_scalar(properties),
            TokenKind::BlockEntry if context == NodeContext::BlockValue => {
                self.state = State::IndentlessEntry;
                Ok(Event { at, kind: EventKind::SequenceStart(properties) })
            }
            TokenKind::BlockSequenceStart if context != NodeContext::Flow => {
                self.start(State::SequenceEntry, EventKind::SequenceStart(properties))
            }
            TokenKind::BlockMappingStart if context != NodeContext::Flow => {
                self.start(State::BlockKey, EventKind::MappingStart(properties))
            }
            TokenKind::FlowSequenceStart => {
                let state = State::FlowEntry { is_first: true };
                self.start(state, EventKind::SequenceStart(properties))
            }
            TokenKind::FlowMappingStart => {
                let state = State::FlowKey { is_first: true };
                self.start(state, EventKind::MappingStart(properties))
            }
            _ => match end {
                Some(at) => {
                    self.return_to_outer();
                    Ok(Event { at, kind: absent_scalar(properties) })
                }
                None => self.error("a value is missing here"),
            },
        }
    }

    /// Begins a collection, whose first token is the next one.
    fn start(&mut self, state: State, kind: EventKind<'t>) -> Parsed<'t> {
        self.state = state;
        Ok(Event { at: self.skip()?, kind })
    }

    fn read_scalar(&mut self, properties: Properties<'t>) -> Parsed<'t> {
        self.return_to_outer();
        match self.scanner.take()? {
            Token { at, kind: TokenKind::Scalar(text, style) } => {
                Ok(Event { at, kind: EventKind::Scalar { text, style, properties } })
            }
            other => Err(SyntaxError::at(other.at, "a value is missing here")),
        }
    }

    /// Reads an anchor and a tag in any order. Returns the place of the last of them too.
    fn read_properties(&mut self) -> Result<(Properties<'t>, Option<Mark>), SyntaxError> {
        let mut properties = Properties::default();
        let mut last = None;
        loop {
            match self.peek()?.kind {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                    last = Some(self.skip()?);
                }
                TokenKind::Tag(_) if properties.tag.is_none() => {
                    let token = self.scanner.take()?;
                    last = Some(token.at);
                    if let TokenKind::Tag(tag) = token.kind {
                        properties.tag = Some(expand_tag(tag, token.at)?);
                    }
                }
                _ => return Ok((properties, last)),
            }
        }
    }
}

/// Returns a tag with its handle expanded. No directive defines a handle.
fn expand_tag(tag: TagText<'_>, at: Mark) -> Result<Cow<'_, str>, SyntaxError> {
    match tag.handle {
        None => Ok(tag.suffix),
        Some("!") => Ok(Cow::Owned(format!("!{}", tag.suffix))),
        Some("!!") => Ok(Cow::Owned(format!("{STANDARD_TAGS}{}", tag.suffix))),
        Some(_) => Err(SyntaxError::at(at, "the handle of this tag is not defined")),
    }
}
