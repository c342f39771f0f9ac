//! Converts the parser's positions and errors.

use std::sync::Arc;

use yaml_events::{ErrorKind, Mark, SyntaxError};

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Position, SourceFile};

use super::limits::DEPTH;
use super::refuse::error_at;

/// Returns the position of a parser's mark.
pub(super) fn to_position(mark: Mark) -> Position {
    Position { line: mark.line, column: mark.column }
}

/// Returns the error for a document that nests too deep.
pub(super) fn depth_error(file: &Arc<SourceFile>, at: Position) -> Finding {
    let message = format!("more than {DEPTH} levels of nesting");
    error_at(file, at, &codes::YAML_DEPTH, message)
}

/// Converts the parser's error to a finding.
pub(super) fn syntax_error(file: &Arc<SourceFile>, error: &SyntaxError) -> Finding {
    let code = match error.kind {
        ErrorKind::Directive => &codes::YAML_DIRECTIVE,
        ErrorKind::Syntax => &codes::YAML_SYNTAX,
        ErrorKind::Tab => &codes::YAML_TABS,
    };
    let finding = error_at(file, to_position(error.at), code, error.message);
    if error.kind == ErrorKind::Tab { finding.hint("indent with spaces") } else { finding }
}
