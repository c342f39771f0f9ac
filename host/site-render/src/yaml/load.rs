//! Builds nodes from the parser's events.
//!
//! It reads one event at a time and never recurses, so that depth and size are checked before
//! memory or stack is used.

mod scalars;

use std::sync::Arc;

use yaml_events::{EventKind, Parser, Properties};

use crate::codes;
use crate::finding::Code;
use crate::finding::Finding;
use crate::finding_list::FindingList;
use crate::memory::FILE_BYTES;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Node, Value};

use super::alias::{AnchorTarget, Anchors};
use super::documents::{DocumentList, check_markers};
use super::entries::MappingEntries;
use super::limits::{DEPTH, NodeBudget, TreeSize};
use super::mark::{depth_error, syntax_error, to_position};
use super::refuse::error_at;
use super::resolve::ScalarError;
use super::text::with_line_end;

/// The documents of a file.
pub(super) struct LoadedFile {
    /// The documents that Helm reads, in order.
    pub(super) documents: Vec<Node>,
    /// Warnings, such as duplicate keys.
    pub(super) warnings: Vec<Finding>,
    /// The memory of all documents with their aliases expanded, in bytes.
    pub(super) memory: u64,
}

/// Parses all documents of a file, which Helm splits.
pub(super) fn load_documents(file: &Arc<SourceFile>) -> Result<LoadedFile, Box<Finding>> {
    check_markers(file)?;
    load_unsplit(file)
}

/// Parses all documents of a file, as a YAML reader splits it.
pub(super) fn load_unsplit(file: &Arc<SourceFile>) -> Result<LoadedFile, Box<Finding>> {
    let text = with_line_end(&file.text);
    let mut loader = Loader {
        file,
        documents: DocumentList::default(),
        anchors: Anchors::default(),
        budget: NodeBudget::default(),
        stack: Vec::new(),
        done: None,
        warnings: FindingList::default(),
    };
    let mut parser = Parser::new(&text);
    loop {
        let event = parser.next_event().map_err(|e| Box::new(syntax_error(file, &e)))?;
        if event.kind == EventKind::StreamEnd {
            break;
        }
        loader.handle_event(event.kind, to_position(event.at))?;
    }
    Ok(LoadedFile {
        documents: loader.documents.all,
        warnings: loader.warnings.into_vec(),
        memory: loader.budget.bytes,
    })
}

struct Loader<'f> {
    file: &'f Arc<SourceFile>,
    documents: DocumentList,
    anchors: Anchors<'f>,
    budget: NodeBudget,
    stack: Vec<OpenCollection<'f>>,
    done: Option<Node>,
    warnings: FindingList,
}

/// A collection whose end has not been read yet.
struct OpenCollection<'f> {
    anchor: Option<&'f str>,
    at: Position,
    size: TreeSize,
    body: CollectionBody,
}

enum CollectionBody {
    Sequence(Vec<Node>),
    Mapping(MappingEntries),
}

type CheckResult = Result<(), Box<Finding>>;

impl<'f> Loader<'f> {
    /// Handles one event of the parser.
    fn handle_event(&mut self, event: EventKind<'f>, at: Position) -> CheckResult {
        match event {
            EventKind::DocumentStart { explicit } => {
                self.anchors.clear();
                self.documents.start_document(explicit);
                Ok(())
            }
            EventKind::DocumentEnd => {
                if let Some(node) = self.done.take() {
                    self.documents.end_document(self.file, node, at, &mut self.warnings);
                }
                Ok(())
            }
            EventKind::Scalar { text, style, properties } => {
                self.count_value(text.len(), at)?;
                self.load_scalar(text, style, &properties, at)
            }
            EventKind::Alias(anchor) => {
                self.count_value(0, at)?;
                self.load_alias(anchor, at)
            }
            EventKind::SequenceStart(properties) => {
                self.open_collection(&properties, at, CollectionBody::Sequence(Vec::new()))
            }
            EventKind::MappingStart(properties) => {
                let body = CollectionBody::Mapping(MappingEntries::default());
                self.open_collection(&properties, at, body)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close_collection(),
            EventKind::StreamEnd => Ok(()),
        }
    }

    /// Counts a value against the file's limit.
    fn count_value(&mut self, text_bytes: usize, at: Position) -> CheckResult {
        if self.budget.count_node(text_bytes) {
            return Ok(());
        }
        let message =
            format!("the values of the file take more than {} MiB of memory", FILE_BYTES >> 20);
        Err(self.error_at(at, &codes::YAML_SIZE, message).into())
    }

    /// Begins a collection.
    fn open_collection(
        &mut self,
        properties: &Properties<'f>,
        at: Position,
        body: CollectionBody,
    ) -> CheckResult {
        self.count_value(0, at)?;
        if self.awaited_key().is_some() {
            return Err(self.key_error(at).into());
        }
        if self.stack.len() >= DEPTH {
            return Err(depth_error(self.file, at).into());
        }
        let anchor = properties.anchor;
        self.anchors.begin(anchor);
        self.stack.push(OpenCollection { anchor, at, size: TreeSize::COLLECTION, body });
        Ok(())
    }

    /// Ends the innermost collection.
    fn close_collection(&mut self) -> CheckResult {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let value = match open.body {
            CollectionBody::Sequence(items) => Value::Sequence(Arc::new(items)),
            CollectionBody::Mapping(entries) => Value::Mapping(Arc::new(entries.mapping)),
        };
        let node = self.node_at(value, open.at);
        let size = open.size;
        self.anchors.set(open.anchor, || AnchorTarget { node: node.clone(), size, scalar: None });
        self.complete_node(node, size, false)
    }

    /// Adds a complete node to the enclosing collection.
    fn complete_node(&mut self, node: Node, size: TreeSize, alias: bool) -> CheckResult {
        let Some(open) = self.stack.last_mut() else {
            self.done = Some(node);
            return Ok(());
        };
        open.size.add_child(size);
        match &mut open.body {
            CollectionBody::Sequence(items) => {
                items.push(node);
                Ok(())
            }
            CollectionBody::Mapping(entries) => {
                entries.add_value(self.file, node, alias, &mut self.warnings)
            }
        }
    }

    /// Returns a node at a position of the file.
    fn node_at(&self, value: Value, at: Position) -> Node {
        Node {
            value,
            origin: Origin::File { file: self.file.clone(), at, key: Position::default() },
        }
    }

    /// Returns the error for a collection that is used as a key.
    fn key_error(&self, at: Position) -> Finding {
        self.error_at(at, &codes::YAML_KEY, "a list or a mapping is not a valid key")
    }

    /// Returns the error for a scalar that cannot be read.
    fn reject(&self, at: Position, (code, message): ScalarError) -> Finding {
        self.error_at(at, code, message)
    }

    /// Returns an error at a position of the file.
    fn error_at(&self, at: Position, code: &'static Code, message: impl Into<String>) -> Finding {
        error_at(self.file, at, code, message)
    }
}
