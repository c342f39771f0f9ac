//! Errors of syntax.

use crate::cursor::Mark;

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A directive, such as `%YAML 1.1`.
    Directive,
    /// Any other error.
    Syntax,
    /// A tab where only spaces indent.
    Tab,
}

/// The first error of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place of the error.
    pub at: Mark,
    /// The kind of the error.
    pub kind: ErrorKind,
    /// A description without any part of the text.
    pub message: &'static str,
}

impl SyntaxError {
    /// Returns an error of the kind `Syntax`.
    pub(crate) fn at(at: Mark, message: &'static str) -> Self {
        Self { at, kind: ErrorKind::Syntax, message }
    }

    /// Returns an error of the kind `Tab`.
    pub(crate) fn tab(at: Mark) -> Self {
        Self { at, kind: ErrorKind::Tab, message: "a tab in the indentation" }
    }
}
