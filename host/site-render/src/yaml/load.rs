//! Events to nodes: the loader.
//!
//! It pulls one event at a time and never recurses, so that depth and size are checked
//! before anything grows.

mod layout;
mod scalars;

use std::sync::Arc;

use yaml_rust2::parser::{Event, Parser};

use crate::codes;
use crate::finding::Code;
use crate::finding::Finding;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Node, Value};

use super::alias::{Anchors, Target};
use super::documents::Documents;
use super::entries::Entries;
use super::limits::{Budget, DEPTH, Size};
use super::mark::{position, syntax, too_deep};
use super::refuse::refuse;
use super::resolve::Refusal;
use super::text::Lines;

/// Reads every document of a file.
pub(super) fn load(file: &Arc<SourceFile>) -> Result<(Vec<Node>, Vec<Finding>), Box<Finding>> {
    let lines = Lines::of(&file.text);
    let mut loader = Loader {
        file,
        lines: &lines,
        tabs: file.text.contains('\t'),
        documents: Documents::default(),
        anchors: Anchors::default(),
        budget: Budget::default(),
        stack: Vec::new(),
        done: None,
        warnings: Vec::new(),
    };
    let mut parser = Parser::new_from_str(&file.text);
    loop {
        let (event, mark) = parser.next_token().map_err(|e| Box::new(syntax(file, &e)))?;
        if event == Event::StreamEnd {
            break;
        }
        loader.event(event, position(&mark))?;
    }
    Ok((loader.documents.all, loader.warnings))
}

struct Loader<'f> {
    file: &'f Arc<SourceFile>,
    lines: &'f Lines<'f>,
    tabs: bool,
    documents: Documents,
    anchors: Anchors,
    budget: Budget,
    stack: Vec<Open>,
    done: Option<Node>,
    warnings: Vec<Finding>,
}

/// A collection whose end has not come.
struct Open {
    anchor: usize,
    at: Position,
    /// Between brackets, where tabs may indent; not looked for in a file without tabs.
    flow: bool,
    size: Size,
    body: Body,
}

enum Body {
    Sequence(Vec<Node>),
    Mapping(Entries),
}

type Checked = Result<(), Box<Finding>>;

impl Loader<'_> {
    fn event(&mut self, event: Event, at: Position) -> Checked {
        match event {
            Event::DocumentStart => {
                self.anchors.clear();
                self.documents.start(self.file, self.lines, at)
            }
            Event::DocumentEnd => {
                if let Some(node) = self.done.take() {
                    self.documents.end(self.file, node, at, &mut self.warnings);
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(at)?;
                self.scalar(text, style, anchor, tag.as_ref(), at)
            }
            Event::Alias(anchor) => {
                self.count(at)?;
                self.alias(anchor, at)
            }
            Event::SequenceStart(anchor, _) => {
                let at = self.first_dash(at);
                self.open(anchor, at, Body::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, _) => {
                self.open(anchor, at, Body::Mapping(Entries::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
        }
    }

    fn count(&mut self, at: Position) -> Checked {
        if self.budget.node() {
            return Ok(());
        }
        Err(self.refuse(at, &codes::YAML_SIZE, "the file has more than a million values").into())
    }

    fn open(&mut self, anchor: usize, at: Position, body: Body) -> Checked {
        self.count(at)?;
        self.refuse_tab(at)?;
        if self.awaited_key().is_some() {
            return Err(self.no_key(at).into());
        }
        if self.stack.len() >= DEPTH {
            return Err(too_deep(self.file, at).into());
        }
        let flow = self.tabs && (self.in_flow() || self.lines.opens_flow(at));
        self.stack.push(Open { anchor, at, flow, size: Size::COLLECTION, body });
        Ok(())
    }

    fn close(&mut self) -> Checked {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let value = match open.body {
            Body::Sequence(items) => Value::Sequence(Arc::new(items)),
            Body::Mapping(entries) => Value::Mapping(Arc::new(entries.mapping)),
        };
        let node = self.node(value, open.at);
        let size = open.size;
        self.anchors.set(open.anchor, || Target { node: node.clone(), size, scalar: None });
        self.complete(node, size, false)
    }

    /// Hands a complete node to whatever holds it.
    fn complete(&mut self, node: Node, size: Size, alias: bool) -> Checked {
        let Some(open) = self.stack.last_mut() else {
            self.done = Some(node);
            return Ok(());
        };
        open.size.hold(size);
        match &mut open.body {
            Body::Sequence(items) => {
                items.push(node);
                Ok(())
            }
            Body::Mapping(entries) => entries.value(self.file, node, alias, &mut self.warnings),
        }
    }

    fn node(&self, value: Value, at: Position) -> Node {
        Node {
            value,
            origin: Origin::File { file: self.file.clone(), at, key: Position::default() },
        }
    }

    fn no_key(&self, at: Position) -> Finding {
        self.refuse(at, &codes::YAML_KEY, "a list or a mapping cannot be a key")
    }

    fn refused(&self, at: Position, (code, message): Refusal) -> Finding {
        self.refuse(at, code, message)
    }

    fn refuse(&self, at: Position, code: &'static Code, message: impl Into<String>) -> Finding {
        refuse(self.file, at, code, message)
    }
}
