//! Splits a YAML text into events: documents, collections, scalars and aliases, each with its place.
//!
//! The events are those of go-yaml v2, the reader of Helm, Kubernetes and Argo CD. It follows YAML
//! 1.1, with the liberties and the gaps of libyaml: a bracket may close in any column, a
//! tab never indents, and `\/` is not an escape. Two rules are those of Helm's reader of values
//! files instead. A directive is an error, and so is a line of `...` where a document has not begun.
//!
//! The time is linear in the text, and memory is bounded by its longest line or text. Nothing
//! recurses, so depth is the caller's concern. The crate resolves no scalar, follows no alias and
//! checks no characters: the caller decides what a text may contain.

mod cursor;
mod error;
mod event;
mod parse;
mod scan;
mod token;

#[cfg(test)]
mod tests;

pub use cursor::Mark;
pub use error::{ErrorKind, SyntaxError};
pub use event::{Event, EventKind, Properties, Style};
pub use parse::Parser;
