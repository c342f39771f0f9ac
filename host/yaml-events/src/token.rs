//! Tokens.

use std::borrow::Cow;

use crate::cursor::Mark;
use crate::event::Style;

/// A token with its place.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    pub(crate) at: Mark,
    pub(crate) kind: TokenKind<'t>,
}

#[derive(Debug)]
pub(crate) enum TokenKind<'t> {
    StreamEnd,
    /// `---`
    DocumentStart,
    /// `...`
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    /// The end of a block collection.
    BlockEnd,
    /// `[`
    FlowSequenceStart,
    /// `]`
    FlowSequenceEnd,
    /// `{`
    FlowMappingStart,
    /// `}`
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or the start of a key without it
    Key,
    /// `:`
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag(TagText<'t>),
    Scalar(Cow<'t, str>, Style),
}

/// A tag as it is written.
#[derive(Debug)]
pub(crate) struct TagText<'t> {
    /// `!`, `!!` or another handle; none for a whole tag.
    pub(crate) handle: Option<&'t str>,
    pub(crate) suffix: Cow<'t, str>,
}
