//! The parser's marks and errors, in our words.

use std::sync::Arc;

use yaml_rust2::scanner::{Marker, ScanError};

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Position, SourceFile};

use super::limits::DEPTH;
use super::refuse::refuse;

pub(super) fn position(mark: &Marker) -> Position {
    Position {
        line: u32::try_from(mark.line()).unwrap_or(u32::MAX),
        column: u32::try_from(mark.col()).unwrap_or(u32::MAX).saturating_add(1),
    }
}

pub(super) fn too_deep(file: &Arc<SourceFile>, at: Position) -> Finding {
    let message = format!("more than {DEPTH} levels of nesting");
    refuse(file, at, &codes::YAML_DEPTH, message)
}

pub(super) fn tab(file: &Arc<SourceFile>, at: Position) -> Finding {
    refuse(file, at, &codes::YAML_TABS, "a tab in the indentation").hint("indent with spaces")
}

/// The parser's error in our words.
pub(super) fn syntax(file: &Arc<SourceFile>, error: &ScanError) -> Finding {
    let at = position(error.marker());
    let info = error.info();
    if info.contains("recursion limit") {
        return too_deep(file, at);
    }
    if info.contains("tab") && !info.contains("expected") {
        return tab(file, at);
    }
    refuse(file, at, &codes::YAML_SYNTAX, info)
}
