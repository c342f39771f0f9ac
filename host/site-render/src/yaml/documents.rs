//! Several documents in one file, and which of them Helm reads.
//!
//! Helm splits a file at lines that begin with `---`, after which only a comment may follow. It
//! reads no directives, and only the first document of each piece.

use std::sync::Arc;

use crate::codes;
use crate::finding::{Finding, Severity};
use crate::finding_list::FindingList;
use crate::origin::{Position, SourceFile};
use crate::value::Node;

use super::refuse::{error_at, place_at};
use super::text::SourceLines;

/// Checks the lines that begin with `---`: Helm takes each of them for the start of a document, even
/// one that begins a word or is in quotes.
pub(super) fn check_markers(file: &Arc<SourceFile>) -> Result<(), Box<Finding>> {
    for (line, text) in (1..).zip(file.text.split('\n')) {
        let rest = text.strip_prefix("---").map(str::trim).unwrap_or_default();
        if !rest.is_empty() && !rest.starts_with('#') {
            let message = "only a comment may follow `---`, or Helm rejects the file";
            let at = Position { line, column: 1 };
            return Err(error_at(file, at, &codes::YAML_DOCUMENT_MARKER, message).into());
        }
    }
    Ok(())
}

/// The documents of a file so far.
#[derive(Debug, Default)]
pub(super) struct DocumentList {
    /// The documents that Helm reads, in order.
    pub(super) all: Vec<Node>,
    started: bool,
    ignored: bool,
    last_end: u32,
}

impl DocumentList {
    /// Checks the lines before a document, and whether Helm reads it.
    pub(super) fn start_document(
        &mut self,
        file: &Arc<SourceFile>,
        lines: &SourceLines<'_>,
        at: Position,
    ) -> Result<(), Box<Finding>> {
        for line in self.last_end + 1..at.line {
            if lines.get(line).starts_with('%') {
                let at = Position { line, column: 1 };
                let message = "a YAML directive is not supported by Helm";
                return Err(error_at(file, at, &codes::YAML_DIRECTIVE, message).into());
            }
        }
        let marker = lines.get(at.line).strip_prefix("---");
        self.ignored = self.started && marker.is_none();
        self.started = true;
        Ok(())
    }

    /// Adds the document that was started last.
    pub(super) fn end_document(
        &mut self,
        file: &Arc<SourceFile>,
        node: Node,
        at: Position,
        warnings: &mut FindingList,
    ) {
        self.last_end = at.line;
        if self.ignored {
            let message = "the document after a line of `...` is ignored, as in Helm";
            warnings.push_with(Severity::Warning, || {
                codes::YAML_IGNORED_DOCUMENT
                    .finding(message)
                    .at(node.origin.place().unwrap_or_else(|| place_at(file, at)))
                    .hint("separate documents with a line of `---`")
            });
            return;
        }
        self.all.push(node);
    }
}
