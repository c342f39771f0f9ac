//! Converts the parser's positions and errors.

use std::sync::Arc;

use yaml_rust2::scanner::{Marker, ScanError};

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Position, SourceFile};

use super::limits::DEPTH;
use super::refuse::error_at;

/// Returns the position of a parser's mark.
pub(super) fn to_position(mark: &Marker) -> Position {
    Position {
        line: u32::try_from(mark.line()).unwrap_or(u32::MAX),
        column: u32::try_from(mark.col()).unwrap_or(u32::MAX).saturating_add(1),
    }
}

/// Returns the error for a document that nests too deep.
pub(super) fn depth_error(file: &Arc<SourceFile>, at: Position) -> Finding {
    let message = format!("more than {DEPTH} levels of nesting");
    error_at(file, at, &codes::YAML_DEPTH, message)
}

/// Returns the error for a tab in the indentation.
pub(super) fn tab_error(file: &Arc<SourceFile>, at: Position) -> Finding {
    error_at(file, at, &codes::YAML_TABS, "a tab in the indentation").hint("indent with spaces")
}

/// Converts the parser's error to a finding.
pub(super) fn syntax_error(file: &Arc<SourceFile>, error: &ScanError) -> Finding {
    let at = to_position(error.marker());
    let info = error.info();
    // The parser has no error codes, only texts.
    if info.contains("recursion limit") {
        return depth_error(file, at);
    }
    if info.contains("tab") && !info.contains("expected") {
        return tab_error(file, at);
    }
    error_at(file, at, &codes::YAML_SYNTAX, info)
}
