//! Errors at a place in a file.

use std::sync::Arc;

use crate::finding::{Code, Finding};
use crate::origin::{Location, Position, SourceFile};

/// Returns an error at a position of a file.
pub(super) fn error_at(
    file: &Arc<SourceFile>,
    at: Position,
    code: &'static Code,
    message: impl Into<String>,
) -> Finding {
    code.finding(message).at(place_at(file, at))
}

/// Returns the place of a position in a file.
pub(super) fn place_at(file: &Arc<SourceFile>, at: Position) -> Location {
    Location { file: file.clone(), at }
}
