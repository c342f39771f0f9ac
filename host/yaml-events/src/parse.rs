//! Turns tokens into events.
//!
//! The grammar of YAML 1.1 as a machine of states, with a stack of those to return to.

mod block;
mod document;
mod flow;
mod node;

use std::borrow::Cow;

use crate::cursor::Mark;
use crate::error::SyntaxError;
use crate::event::{Event, EventKind, Properties, Style};
use crate::scan::Scanner;
use crate::token::{Token, TokenKind};

use node::NodeContext;

type Parsed<'t> = Result<Event<'t>, SyntaxError>;

/// Splits a text into events.
///
/// ```
/// use yaml_events::{EventKind, Parser};
///
/// let mut parser = Parser::new("a: [1]\n");
/// let mut events = 0;
/// while parser.next_event()?.kind != EventKind::StreamEnd {
///     events += 1;
/// }
/// assert_eq!(events, 8);
/// # Ok::<(), yaml_events::SyntaxError>(())
/// ```
#[derive(Debug)]
pub struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// The states of the collections and the document around the current one.
    outer: Vec<State>,
    /// The offset of the last line of `---` that Helm drops.
    dropped: Option<usize>,
}

/// The next event to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The first document, which needs no `---`.
    FirstDocument,
    NextDocument,
    DocumentContent {
        /// Whether Helm's reader of files drops the line of `---`.
        is_dropped: bool,
    },
    DocumentEnd,
    Ended,
    Node,
    SequenceEntry,
    /// An entry of a list in the column of its key.
    IndentlessEntry,
    BlockKey,
    BlockValue,
    FlowEntry {
        is_first: bool,
    },
    /// A mapping of one key in a list in brackets.
    PairKey,
    PairValue,
    PairEnd,
    FlowKey {
        is_first: bool,
    },
    FlowValue,
    /// The value of a key without a colon.
    FlowAbsentValue,
}

impl<'t> Parser<'t> {
    /// Returns the parser of a text. A last line without a line break is read as it is; Go's
    /// readers add the line break.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::FirstDocument,
            outer: Vec::new(),
            dropped: None,
        }
    }

    /// Returns the next event.
    ///
    /// # Errors
    /// Returns an error of syntax. The parser cannot go on behind it.
    pub fn next_event(&mut self) -> Result<Event<'t>, SyntaxError> {
        match self.state {
            State::FirstDocument => self.read_first_document(),
            State::NextDocument => self.read_next_document(),
            State::DocumentContent { is_dropped } => self.read_content(is_dropped),
            State::DocumentEnd => self.read_document_end(),
            State::Ended => Ok(Event { at: self.peek()?.at, kind: EventKind::StreamEnd }),
            State::Node => self.read_node(NodeContext::Block),
            State::SequenceEntry => self.read_sequence_entry(),
            State::IndentlessEntry => self.read_indentless_entry(),
            State::BlockKey => self.read_block_key(),
            State::BlockValue => self.read_block_value(),
            State::FlowEntry { is_first } => self.read_flow_entry(is_first),
            State::PairKey => self.read_pair_key(),
            State::PairValue => self.read_pair_value(),
            State::PairEnd => self.read_pair_end(),
            State::FlowKey { is_first } => self.read_flow_key(is_first),
            State::FlowValue => self.read_flow_value(),
            State::FlowAbsentValue => self.read_flow_absent_value(),
        }
    }

    fn peek(&mut self) -> Result<&Token<'t>, SyntaxError> {
        self.scanner.peek()
    }

    /// Takes the next token, and returns its place.
    fn skip(&mut self) -> Result<Mark, SyntaxError> {
        Ok(self.scanner.take()?.at)
    }

    /// Reads a node, and returns to a state behind it.
    fn read_node_then(&mut self, state: State, context: NodeContext) -> Parsed<'t> {
        self.outer.push(state);
        self.read_node(context)
    }

    /// Returns to the state of the collection or the document around.
    fn return_to_outer(&mut self) {
        self.state = self.outer.pop().unwrap_or(State::Ended);
    }

    /// Ends a collection at the next token, which belongs to it.
    fn end_collection(&mut self, kind: EventKind<'t>) -> Parsed<'t> {
        self.return_to_outer();
        Ok(Event { at: self.skip()?, kind })
    }

    /// Goes on with a state, and returns the event of an absent value.
    fn absent(&mut self, at: Mark, state: State) -> Event<'t> {
        self.state = state;
        Event { at, kind: absent_scalar(Properties::default()) }
    }

    /// Returns the error for the next token.
    fn error<T>(&mut self, message: &'static str) -> Result<T, SyntaxError> {
        let at = self.peek()?.at;
        Err(SyntaxError::at(at, message))
    }
}

/// Returns a scalar without a text.
fn absent_scalar(properties: Properties<'_>) -> EventKind<'_> {
    EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, properties }
}

impl TokenKind<'_> {
    /// Returns whether the token ends a node in a block mapping that was not begun.
    fn ends_entry(&self) -> bool {
        matches!(self, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
    }
}
