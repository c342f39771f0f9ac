//! Several documents in one file: which of them count.
//!
//! Helm cuts a file at lines that begin with `---` and may hold only a comment after it;
//! it never reads a directive, and of each piece it reads the first document only.

use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::origin::{Position, SourceFile};
use crate::value::Node;

use super::text::SourceLines;
use super::{error_at, place_at};

/// What the documents so far amount to.
#[derive(Debug, Default)]
pub(super) struct DocumentList {
    /// Those that count, in order.
    pub(super) all: Vec<Node>,
    started: bool,
    ignored: bool,
    last_end: u32,
}

impl DocumentList {
    /// Looks at a document's first line, which is its marker if it has one.
    pub(super) fn start_document(
        &mut self,
        file: &Arc<SourceFile>,
        lines: &SourceLines<'_>,
        at: Position,
    ) -> Result<(), Box<Finding>> {
        for line in self.last_end + 1..at.line {
            if lines.get(line).starts_with('%') {
                let at = Position { line, column: 1 };
                let message = "a YAML directive, which Helm does not read";
                return Err(error_at(file, at, &codes::YAML_DIRECTIVE, message).into());
            }
        }
        let marker = lines.get(at.line).strip_prefix("---");
        if let Some(rest) = marker
            && !matches!(rest.trim_start().chars().next(), None | Some('#'))
        {
            let message = "only a comment may follow `---`, or Helm refuses the file";
            return Err(error_at(file, at, &codes::YAML_DOCUMENT_MARKER, message).into());
        }
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
        warnings: &mut Vec<Finding>,
    ) {
        self.last_end = at.line;
        if self.ignored {
            let message = "Helm ignores what follows a line of `...`, and so it is ignored here";
            warnings.push(
                codes::YAML_IGNORED_DOCUMENT
                    .finding(message)
                    .at(node.origin.place().unwrap_or_else(|| place_at(file, at)))
                    .hint("separate documents with a line of `---`"),
            );
            return;
        }
        self.all.push(node);
    }
}
