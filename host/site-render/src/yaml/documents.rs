//! Several documents in one file, merged as Helm 4 merges them.
//!
//! Helm cuts a file at lines that begin with `---` and may hold only a comment after it;
//! it never reads a directive, and of each piece it reads the first document only.

use std::sync::Arc;

use crate::finding::{Finding, Stage};
use crate::origin::{Position, SourceFile};
use crate::value::{Mapping, Node, Value};

use super::text::Lines;
use super::{place, refuse};

/// What the documents so far amount to.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// Their merge; none while they are all empty.
    pub(super) root: Option<Node>,
    started: bool,
    ignored: bool,
    last_end: u32,
}

impl Documents {
    /// Looks at a document's first line, which is its marker if it has one.
    pub(super) fn start(
        &mut self,
        file: &Arc<SourceFile>,
        lines: &Lines<'_>,
        at: Position,
    ) -> Result<(), Box<Finding>> {
        for line in self.last_end + 1..at.line {
            if lines.get(line).starts_with('%') {
                let at = Position { line, column: 1 };
                let message = "a YAML directive, which Helm does not read";
                return Err(refuse(file, at, "yaml/directive", message).into());
            }
        }
        let marker = lines.get(at.line).strip_prefix("---");
        if let Some(rest) = marker
            && !matches!(rest.trim_start().chars().next(), None | Some('#'))
        {
            let message = "only a comment may follow `---`, or Helm refuses the file";
            return Err(refuse(file, at, "yaml/document-marker", message).into());
        }
        self.ignored = self.started && marker.is_none();
        self.started = true;
        Ok(())
    }

    /// Adds the document that was started last.
    pub(super) fn end(
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
                Finding::warning(Stage::Sources, "yaml/ignored-document", message)
                    .at(node.origin.place().unwrap_or_else(|| place(file, at)))
                    .hint("separate documents with a line of `---`"),
            );
            return;
        }
        self.root = match self.root.take() {
            Some(first) if matches!(node.value, Value::Null) => Some(first),
            Some(first) => Some(merge(first, node)),
            None => Some(node),
        };
    }
}

/// Maps merge, anything else replaces, nulls included.
fn merge(under: Node, over: Node) -> Node {
    let (Value::Mapping(below), Value::Mapping(above)) = (&under.value, &over.value) else {
        return over;
    };
    let mut merged: Mapping = below.as_ref().clone();
    for (key, node) in above.iter() {
        let node = match merged.get(key) {
            Some(below) => merge(below.clone(), node.clone()),
            None => node.clone(),
        };
        merged.insert(key.clone(), node);
    }
    Node {
        value: Value::Mapping(Arc::new(merged)),
        origin: under.origin,
    }
}
