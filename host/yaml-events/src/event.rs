//! Events.

use std::borrow::Cow;

use crate::cursor::Mark;

/// An event with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'t> {
    /// The place: of a node without its anchor and tag, and of a block collection's first key or
    /// dash.
    pub at: Mark,
    /// The content.
    pub kind: EventKind<'t>,
}

/// The content of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind<'t> {
    /// The end of the text. Each further event is another end.
    StreamEnd,
    /// The start of a document.
    DocumentStart {
        /// Whether Helm splits the file there: at a line of `---`, where only `\n` ends the line
        /// before.
        explicit: bool,
    },
    /// The end of a document.
    DocumentEnd,
    /// An alias, by the name of its anchor.
    Alias(&'t str),
    /// A scalar.
    Scalar {
        /// Its text, without quotes and escapes, and with its lines folded.
        text: Cow<'t, str>,
        /// Its style.
        style: Style,
        /// Its anchor and tag.
        properties: Properties<'t>,
    },
    /// The start of a list.
    SequenceStart(Properties<'t>),
    /// The end of a list.
    SequenceEnd,
    /// The start of a mapping; keys and values follow in turn.
    MappingStart(Properties<'t>),
    /// The end of a mapping.
    MappingEnd,
}

/// The properties of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties<'t> {
    /// The name of the anchor.
    pub anchor: Option<&'t str>,
    /// The tag, with its handle expanded: `!!int` is `tag:yaml.org,2002:int`.
    pub tag: Option<Cow<'t, str>>,
}

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes.
    DoubleQuoted,
    /// A block with its line breaks (`|`).
    Literal,
    /// A block whose lines are folded (`>`).
    Folded,
}
