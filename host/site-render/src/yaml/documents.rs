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

/// Checks the lines that begin with `---`: Helm takes each of them for the start of a document, even
/// one that begins a word or is in quotes. A comment without a blank before it is a word for YAML, and
/// a `\r` ends a comment for YAML alone.
pub(super) fn check_markers(file: &Arc<SourceFile>) -> Result<(), Box<Finding>> {
    for (line, text) in (1..).zip(file.text.split('\n')) {
        let rest = text.strip_prefix("---").unwrap_or_default();
        // Helm drops blanks beyond ASCII too, and YAML reads them.
        let comment = rest.trim_matches([' ', '\t', '\r']);
        let is_comment =
            comment.starts_with('#') && !rest.starts_with('#') && !comment.contains('\r');
        if !comment.is_empty() && !is_comment {
            let message = "only a blank and a comment may follow `---`, or Helm rejects the file";
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
}

impl DocumentList {
    /// Begins a document. Helm does not read one that has no line of `---`, but for the first.
    pub(super) fn start_document(&mut self, is_explicit: bool) {
        self.ignored = self.started && !is_explicit;
        self.started = true;
    }

    /// Adds the document that was started last.
    pub(super) fn end_document(
        &mut self,
        file: &Arc<SourceFile>,
        node: Node,
        at: Position,
        warnings: &mut FindingList,
    ) {
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
