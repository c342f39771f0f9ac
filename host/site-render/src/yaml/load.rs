//! Events to nodes: the loader.
//!
//! It pulls one event at a time and never recurses, so that depth and size are checked
//! before anything grows.

use std::sync::Arc;

use yaml_rust2::parser::{Event, Parser, Tag};
use yaml_rust2::scanner::TScalarStyle;

use crate::finding::Finding;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Node, Value};

use super::alias::{Anchors, Target};
use super::documents::Documents;
use super::entries::{Entries, Key};
use super::limits::{Budget, DEPTH, Size};
use super::mark::{position, syntax, tab, too_deep};
use super::resolve::{self, Refusal, Scalar};
use super::text::Lines;
use super::{Parsed, refuse};

/// Reads every document of a file.
pub(super) fn load(file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
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
        let (event, mark) = parser.next_token().map_err(|e| syntax(file, &e))?;
        if event == Event::StreamEnd {
            break;
        }
        loader.event(event, position(&mark))?;
    }
    let root = loader.documents.root.take();
    let start = Position { line: 1, column: 1 };
    let root = root.unwrap_or_else(|| loader.node(Value::Null, start));
    Ok(Parsed {
        root,
        warnings: loader.warnings,
    })
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
        Err(self.refuse(at, "yaml/size", "the file has more than a million values"))
    }

    fn scalar(
        &mut self,
        text: String,
        style: TScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Checked {
        if !matches!(style, TScalarStyle::Literal | TScalarStyle::Folded) {
            self.refuse_tab(at)?;
        }
        let absent = text.is_empty() && style == TScalarStyle::Plain;
        let at = self.written(at, absent);
        let merge = text == "<<" && merges(style, tag);
        let scalar = resolve::scalar(text, style, tag).map_err(|e| self.refused(at, e))?;
        if merge && let Some(waiting) = self.awaited_key() {
            *waiting = Some(Key::Merge(at));
            return Ok(());
        }
        if self.awaited_key().is_some() {
            let value = scalar.value().unwrap_or(Value::Null);
            let node = self.node(value, at);
            self.anchors
                .set(anchor, || target(node, Some(scalar.clone())));
            return self.key(&scalar, at);
        }
        let value = scalar.value().map_err(|e| self.refused(at, e))?;
        let node = self.node(value, at);
        self.anchors
            .set(anchor, || target(node.clone(), Some(scalar)));
        self.complete(node, Size::SCALAR, false)
    }

    /// A value that is not there has its key's place, not that of whatever comes next.
    fn written(&self, at: Position, absent: bool) -> Position {
        match self.stack.last().map(|open| &open.body) {
            Some(Body::Mapping(entries)) if absent => match entries.key {
                Some(Key::Named(_, key) | Key::Merge(key)) => key,
                None => at,
            },
            _ => at,
        }
    }

    /// The parser marks a list that is flush with its key behind its first dash.
    fn first_dash(&self, at: Position) -> Position {
        let Some(Body::Mapping(entries)) = self.stack.last().map(|open| &open.body) else {
            return at;
        };
        match entries.key {
            Some(Key::Named(_, key) | Key::Merge(key)) if key.line < at.line => {
                self.lines.dash(at.line).unwrap_or(at)
            }
            _ => at,
        }
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Checked {
        self.refuse_tab(at)?;
        let Some(target) = self.anchors.get(anchor).cloned() else {
            let message = "an alias of something that is not complete, or in another document";
            return Err(self.refuse(at, "yaml/aliases", message));
        };
        if !self.budget.alias(target.size) {
            let message = "its aliases make the file far larger than it looks";
            return Err(self.refuse(at, "yaml/aliases", message));
        }
        if self.stack.len() + target.size.height > DEPTH {
            return Err(too_deep(self.file, at));
        }
        if self.awaited_key().is_some() {
            return match &target.scalar {
                Some(scalar) => self.key(scalar, at),
                None => Err(self.no_key(at)),
            };
        }
        self.complete(target.node, target.size, true)
    }

    fn open(&mut self, anchor: usize, at: Position, body: Body) -> Checked {
        self.count(at)?;
        self.refuse_tab(at)?;
        if self.awaited_key().is_some() {
            return Err(self.no_key(at));
        }
        if self.stack.len() >= DEPTH {
            return Err(too_deep(self.file, at));
        }
        let flow = self.tabs && (self.in_flow() || self.lines.opens_flow(at));
        self.stack.push(Open {
            anchor,
            at,
            flow,
            size: Size::COLLECTION,
            body,
        });
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
        self.anchors.set(open.anchor, || Target {
            node: node.clone(),
            size,
            scalar: None,
        });
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

    /// The slot for a key, where the next node is one.
    fn awaited_key(&mut self) -> Option<&mut Option<Key>> {
        match &mut self.stack.last_mut()?.body {
            Body::Mapping(entries) if entries.key.is_none() => Some(&mut entries.key),
            _ => None,
        }
    }

    fn key(&mut self, scalar: &Scalar, at: Position) -> Checked {
        let name = scalar.key().map_err(|e| self.refused(at, e))?;
        if let Some(open) = self.stack.last_mut() {
            // The parser marks a block mapping at its first colon.
            open.at = open.at.min(at);
            open.size.hold(Size::SCALAR);
        }
        if let Some(waiting) = self.awaited_key() {
            *waiting = Some(Key::Named(name, at));
        }
        Ok(())
    }

    fn node(&self, value: Value, at: Position) -> Node {
        Node {
            value,
            origin: Origin::File {
                file: self.file.clone(),
                at,
                key: Position::default(),
            },
        }
    }

    fn in_flow(&self) -> bool {
        self.stack.last().is_some_and(|open| open.flow)
    }

    fn refuse_tab(&self, at: Position) -> Checked {
        if !self.tabs || self.in_flow() || !self.lines.tab_before(at) {
            return Ok(());
        }
        Err(tab(self.file, at))
    }

    fn no_key(&self, at: Position) -> Box<Finding> {
        self.refuse(at, "yaml/key", "a list or a mapping cannot be a key")
    }

    fn refused(&self, at: Position, (code, message): Refusal) -> Box<Finding> {
        self.refuse(at, code, message)
    }

    fn refuse(&self, at: Position, code: &'static str, message: impl Into<String>) -> Box<Finding> {
        refuse(self.file, at, code, message)
    }
}

fn target(node: Node, scalar: Option<Scalar>) -> Target {
    Target {
        node,
        size: Size::SCALAR,
        scalar,
    }
}

/// True for a `<<` that merges: plain, or tagged as such.
fn merges(style: TScalarStyle, tag: Option<&Tag>) -> bool {
    match tag {
        None => style == TScalarStyle::Plain,
        Some(tag) => tag.suffix == "!" || tag.suffix.ends_with("merge"),
    }
}
