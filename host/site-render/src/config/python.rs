//! One layer as Python sees it: parsed, and kept as what a merge has to know.
//!
//! The syntax tree itself is not kept: it takes many times the memory of the text, and only
//! `flow`, which parses the text again, has another use for it. A layer that Python would not
//! compile is refused at the line that is wrong; nothing is ever run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::codes;
use crate::digest::sha256;
use crate::finding::Finding;
use crate::origin::{Place, SourceFile};
use crate::secret;

use super::text::{self, MAX_FINDINGS};
use super::walk::SyntaxWalk;
use super::{depth, env_reads, secrets};

/// A parsed layer.
#[derive(Debug)]
pub struct Module {
    pub(crate) file: Arc<SourceFile>,
    /// Digest of the file's bytes.
    pub(super) sha256: String,
    /// What Python or a reader of secrets would say against it.
    pub(crate) problems: Vec<Finding>,
    pub(super) facts: ModuleFacts,
    /// Variables that it reads, taken by itself.
    pub(super) reads: Arc<BTreeSet<String>>,
}

/// What a layer does, as far as other layers are concerned.
#[derive(Debug, Default)]
pub(super) struct ModuleFacts {
    /// `from __future__ import ...`, with the names.
    pub(super) futures: Vec<(Vec<String>, TextRange)>,
    /// `from module import *`.
    pub(super) stars: Vec<StarImport>,
    /// Names that the module binds and deletes, in their order.
    pub(super) bindings: Vec<Binding>,
    /// Modules it imports, with where.
    pub(super) imports: Vec<(String, TextSize)>,
    /// Names that are read while the module runs, with where first.
    pub(super) uses: BTreeMap<String, TextSize>,
    /// Calls that may bind any name.
    pub(super) dynamic: Vec<(String, TextSize)>,
    /// What may lead to the environment's variables.
    pub(super) lookups: Vec<Lookup>,
    /// Parameters of each function.
    pub(super) functions: Vec<(String, Vec<String>)>,
    /// Other names of things: alias to dotted name.
    pub(super) aliases: Vec<(String, String)>,
    /// Words that a name may stand for.
    pub(super) words: BTreeMap<String, BTreeSet<String>>,
    /// Names that a name may stand for.
    pub(super) copies: Vec<(String, String)>,
    /// What readers of the environment put before each name.
    pub(super) prefixes: BTreeSet<String>,
}

/// A star import.
#[derive(Debug)]
pub(super) struct StarImport {
    pub(super) module: String,
    pub(super) range: TextRange,
    /// Whether it is run under a condition.
    pub(super) conditional: bool,
    /// Whether a name was bound before it, but by an import.
    pub(super) late: bool,
}

/// A name that is bound or deleted.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) at: TextSize,
    pub(super) conditional: bool,
    pub(super) kind: BindingKind,
}

/// How a name is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BindingKind {
    /// To a value.
    Value,
    /// To what is imported under this dotted name.
    Import(String),
    /// Not any more.
    Deleted,
}

/// A call or an index with words among what it is given: `os.environ["A"]`, `env("A")`.
#[derive(Debug)]
pub(super) struct Lookup {
    /// What is called, dotted; what is indexed, with `[]` after it.
    pub(super) what: String,
    /// The function it stands in, if it stands in one.
    pub(super) within: Option<usize>,
    pub(super) given: Vec<(ArgumentSlot, LookupKey)>,
}

/// Where an argument stands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ArgumentSlot {
    Index(usize),
    Named(String),
}

/// An argument that may name a variable.
#[derive(Debug)]
pub(super) enum LookupKey {
    Word(String),
    Name(String),
}

impl Module {
    /// Parses a layer.
    ///
    /// # Errors
    /// Text that no chart can carry, and the first thing in it that is no Python.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Box<Finding>> {
        let file = text::decode(name, bytes)?;
        depth::check_depth(&file)?;
        let parsed = parse_module(&file.text).map_err(|error| {
            let place = text::place_at(&file, error.location.start().to_usize());
            syntax_error(hide_secret_line(place), &error.error.to_string())
        })?;
        let mut walk = SyntaxWalk::default();
        walk.visit_body(parsed.suite());
        let comments: Vec<TextRange> = parsed
            .tokens()
            .iter()
            .filter(|token| token.kind() == TokenKind::Comment)
            .map(Ranged::range)
            .collect();
        let text = file.text.trim_end();
        let commented = comments.last().is_some_and(|last| last.end().to_usize() >= text.len());
        if text.ends_with('\\') && !commented {
            let at = TextSize::try_from(text.len() - 1).unwrap_or_default();
            walk.complaints.push((at, "the last line is to be continued".to_owned()));
        }
        let complaints = walk.complaints.iter().take(MAX_FINDINGS).map(|(at, what)| {
            *syntax_error(hide_secret_line(text::place_at(&file, at.to_usize())), what)
        });
        let mut problems: Vec<Finding> = complaints.collect();
        problems.extend(secrets::find_literals(&file, parsed.suite(), &comments));
        let (sha256, facts) = (sha256(bytes), walk.facts);
        let module = Self { sha256, problems, facts, file, reads: Arc::default() };
        Ok(Self { reads: Arc::new(env_reads::find_variables(&[&module])), ..module })
    }

    /// About what it takes in memory: its text, and notes on it that are no longer.
    pub(crate) fn bytes(&self) -> u64 {
        4 * self.file.text.len() as u64
    }

    /// Returns whether it may bind names that cannot be seen.
    pub(crate) fn is_dynamic(&self) -> bool {
        !self.facts.dynamic.is_empty()
    }

    /// A place in it.
    pub(crate) fn place(&self, at: TextSize) -> Place {
        text::place_at(&self.file, at.to_usize())
    }
}

fn syntax_error(place: Place, what: &str) -> Box<Finding> {
    let message = format!("{} is no Python: {what}", place.file.name);
    Box::new(codes::CONFIG_SYNTAX.finding(message).at(place))
}

/// The place, without its line where that may hold a secret.
fn hide_secret_line(place: Place) -> Place {
    let word = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let secret = place.line_text().is_some_and(|line| {
        line.split(word).any(secret::is_named_by) || secrets::has_known_shape(line)
    });
    if secret { place.without_text() } else { place }
}
