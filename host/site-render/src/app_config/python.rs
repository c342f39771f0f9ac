//! Parses one layer and extracts the facts that a merge needs.
//!
//! The syntax tree itself is dropped: it takes many times the memory of the text, and only `flow`
//! needs it again and parses the text a second time. A layer that Python would not compile is
//! rejected with the line of the error. No Python code is ever run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::codes;
use crate::digest::sha256;
use crate::finding::Finding;
use crate::origin::{Location, SourceFile};

use super::text::{self, MAX_FINDINGS};
use super::walk::SyntaxWalk;
use super::{depth, env_reads, secrets};

/// A parsed layer.
#[derive(Debug)]
pub struct Module {
    pub(crate) file: Arc<SourceFile>,
    /// The SHA-256 digest of the file's bytes.
    pub(super) sha256: String,
    /// Errors of the Python compiler, and literal secrets.
    pub(crate) problems: Vec<Finding>,
    pub(super) facts: ModuleFacts,
    /// The variables that this layer reads when it is looked at alone.
    pub(super) reads: Arc<BTreeSet<String>>,
}

/// The facts about a layer that matter to other layers.
#[derive(Debug, Default)]
pub(super) struct ModuleFacts {
    /// The names of each `from __future__ import ...`.
    pub(super) futures: Vec<(Vec<String>, TextRange)>,
    /// Each `from module import *`.
    pub(super) stars: Vec<StarImport>,
    /// Names that the module binds and deletes, in order.
    pub(super) bindings: Vec<Binding>,
    /// Modules that it imports, with the place.
    pub(super) imports: Vec<(String, TextSize)>,
    /// Names that are read while the module runs, with the first place.
    pub(super) uses: BTreeMap<String, TextSize>,
    /// Calls that may bind any name.
    pub(super) dynamic: Vec<(String, TextSize)>,
    /// Calls and indexes that may read an environment variable.
    pub(super) lookups: Vec<Lookup>,
    /// The parameters of each function.
    pub(super) functions: Vec<(String, Vec<String>)>,
    /// Aliases: a name and the dotted name that it is bound to.
    pub(super) aliases: Vec<(String, String)>,
    /// The string literals that a name may be bound to.
    pub(super) words: BTreeMap<String, BTreeSet<String>>,
    /// The names that a name may be a copy of.
    pub(super) copies: Vec<(String, String)>,
    /// The prefixes that readers of the environment add to names.
    pub(super) prefixes: BTreeSet<String>,
}

/// A star import.
#[derive(Debug)]
pub(super) struct StarImport {
    pub(super) module: String,
    pub(super) range: TextRange,
    /// Whether it runs only under a condition.
    pub(super) conditional: bool,
    /// Whether an earlier statement, other than an import, binds a name.
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
    /// To an import, by its dotted name.
    Import(String),
    /// Deleted with `del`.
    Deleted,
}

/// A call or an index whose argument may name a variable: `os.environ["A"]`, `env("A")`.
#[derive(Debug)]
pub(super) struct Lookup {
    /// The dotted name of the callee; an indexed object ends in `[]`.
    pub(super) what: String,
    /// The number of the function that contains it, if any.
    pub(super) within: Option<usize>,
    pub(super) arguments: Vec<(ArgumentSlot, LookupKey)>,
}

/// The position or the name of an argument.
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
    /// Returns an error for text that a chart cannot carry, and for the first syntax error.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Box<Finding>> {
        let file = text::decode(name, bytes)?;
        depth::check_depth(&file)?;
        let parsed = parse_module(&file.text).map_err(|error| {
            let place = text::place_at(&file, error.location.start().to_usize());
            syntax_error(place, &error.error.to_string())
        })?;
        let mut walk = SyntaxWalk::default();
        walk.visit_body(parsed.suite());
        let comments: Vec<TextRange> = parsed
            .tokens()
            .iter()
            .filter(|token| token.kind() == TokenKind::Comment)
            .map(Ranged::range)
            .collect();
        // The parser accepts a backslash at the end of the file, and Python does not.
        let text = file.text.trim_end();
        let commented = comments.last().is_some_and(|last| last.end().to_usize() >= text.len());
        if text.ends_with('\\') && !commented {
            let at = TextSize::try_from(text.len() - 1).unwrap_or_default();
            walk.complaints.push((at, "the last line ends with a backslash".to_owned()));
        }
        let complaints = walk
            .complaints
            .iter()
            .take(MAX_FINDINGS)
            .map(|(at, what)| *syntax_error(text::place_at(&file, at.to_usize()), what));
        let mut problems: Vec<Finding> = complaints.collect();
        problems.extend(secrets::find_literals(&file, parsed.suite(), &comments));
        let (sha256, facts) = (sha256(bytes), walk.facts);
        let module = Self { sha256, problems, facts, file, reads: Arc::default() };
        Ok(Self { reads: Arc::new(env_reads::find_variables(&[&module])), ..module })
    }

    /// Returns the errors of the Python compiler, and literal secrets.
    pub fn problems(&self) -> &[Finding] {
        &self.problems
    }

    /// Returns its approximate size in memory, in bytes: the text, and facts of about the same
    /// length.
    pub(crate) fn bytes(&self) -> u64 {
        4 * self.file.text.len() as u64
    }

    /// Returns whether the layer may bind names that static analysis cannot see.
    pub(crate) fn is_dynamic(&self) -> bool {
        !self.facts.dynamic.is_empty()
    }

    /// Returns the place of an offset.
    pub(crate) fn place(&self, at: TextSize) -> Location {
        text::place_at(&self.file, at.to_usize())
    }
}

/// Returns an error for text that is not valid Python.
fn syntax_error(place: Location, what: &str) -> Box<Finding> {
    let message = format!("{} is not valid Python: {what}", place.file.name);
    Box::new(codes::CONFIG_SYNTAX.finding(message).at(place))
}
