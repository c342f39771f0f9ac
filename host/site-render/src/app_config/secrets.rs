//! Rejects literal secrets in a configuration: by the name they are assigned to, by a known shape,
//! or by their randomness.
//!
//! No message contains the value, and no place shows its line. Users mark a false alarm with
//! [`MARKER`] in a comment on the line where the text ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, FStringPart, Parameters, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::codes;
use crate::finding::Finding;
use crate::origin::SourceFile;
use crate::secret;

use super::text::{self, MAX_FINDINGS};

mod shape;

pub(super) use shape::has_known_shape;

/// The comment that marks a text as not a secret.
const MARKER: &str = "site-cmp: not a secret";

/// The maximum number of suspicious texts that are compared with markers.
const MAX_SUSPECTS: usize = 1000;

/// Returns an error for each literal secret.
pub(super) fn find_literals(
    file: &Arc<SourceFile>,
    body: &[Stmt],
    comments: &[TextRange],
) -> Vec<Finding> {
    let mut search = SecretSearch { suspects: BTreeMap::new() };
    search.visit_body(body);
    for comment in comments {
        if has_known_shape(&file.text[*comment]) {
            search.note_suspect(*comment, Suspicion::Shape);
        }
    }
    let marks: Vec<usize> = comments
        .iter()
        .filter(|comment| file.text[**comment].contains(MARKER))
        .map(|comment| comment.start().to_usize())
        .collect();
    let marked = |start: usize, end: usize| {
        let line_end = file.text[end..].find('\n').map_or(file.text.len(), |at| end + at);
        let next = marks.partition_point(|mark| *mark < start);
        marks[next..]
            .iter()
            .take_while(|mark| **mark <= line_end)
            .any(|mark| *mark >= end || *mark == start)
    };
    let full = search.suspects.len() >= MAX_SUSPECTS;
    let unmarked = search.suspects.into_iter().filter(|(start, (end, _))| !marked(*start, *end));
    let unmarked =
        unmarked.take(MAX_FINDINGS).map(|(start, (_, why))| literal_finding(file, start, &why));
    let mut findings: Vec<Finding> = unmarked.collect();
    if full && findings.is_empty() {
        let message =
            format!("{} contains more than {MAX_SUSPECTS} texts that look like secrets", file.name);
        findings.push(codes::SECRET_LITERAL.finding(message));
    }
    findings
}

/// The reason why a text is suspected to be a secret.
#[derive(Debug)]
enum Suspicion {
    Named(String),
    Shape,
    Random,
}

/// Returns the error for one literal secret.
fn literal_finding(file: &Arc<SourceFile>, start: usize, why: &Suspicion) -> Finding {
    let why = match why {
        Suspicion::Named(name) => format!("a secret is assigned to `{name}` as text"),
        Suspicion::Shape => "a text has the shape of a token, a key or a password".to_owned(),
        Suspicion::Random => "a text is as random as a secret".to_owned(),
    };
    codes::SECRET_LITERAL.finding(format!("{}: {why}", file.name))
        .at(text::place_at(file, start).without_text())
        .hint(format!("read it from an environment variable; if it is not a secret, add a comment at the end of its line: `# {MARKER}`"))
}

struct SecretSearch {
    /// The start, end and reason of each suspicious text.
    suspects: BTreeMap<usize, (usize, Suspicion)>,
}

impl<'a> Visitor<'a> for SecretSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.check_assigned(target, &assign.value));
            }
            Stmt::AnnAssign(assign) => {
                assign.value.iter().for_each(|value| self.check_assigned(&assign.target, value));
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Dict(dict) => {
                for item in &dict.items {
                    item.key.iter().for_each(|key| self.check_assigned(key, &item.value));
                }
            }
            Expr::Named(named) => self.check_assigned(&named.target, &named.value),
            Expr::Call(call) => {
                for keyword in &call.arguments.keywords {
                    if let Some(name) = &keyword.arg {
                        self.check_named(name, &keyword.value);
                    }
                }
                // The second argument of a reader is its default value: `getenv("NAME",
                // "secret")`.
                if let [Expr::StringLiteral(name), default, ..] = &call.arguments.args[..] {
                    self.check_named(name.value.to_str(), default);
                }
            }
            Expr::StringLiteral(text) => self.check_text(text.value.to_str(), text.range()),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                self.check_text(&String::from_utf8_lossy(&bytes), expr.range());
            }
            Expr::FString(text) => {
                for part in &text.value {
                    let literals = match part {
                        FStringPart::Literal(_) => continue,
                        FStringPart::FString(text) => text.elements.literals(),
                    };
                    for literal in literals {
                        self.check_text(&literal.value, literal.range());
                    }
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.check_named(parameter.parameter.name.as_str(), default);
            }
        }
        visitor::walk_parameters(self, parameters);
    }
}

impl SecretSearch {
    /// Checks a value that is assigned to a name, an attribute, a key or an index.
    fn check_assigned(&mut self, target: &Expr, value: &Expr) {
        match target {
            Expr::Name(name) => self.check_named(&name.id, value),
            Expr::Attribute(attribute) => self.check_named(&attribute.attr, value),
            Expr::StringLiteral(key) => self.check_named(key.value.to_str(), value),
            Expr::Subscript(index) => {
                if let Expr::StringLiteral(key) = &*index.slice {
                    self.check_named(key.value.to_str(), value);
                }
            }
            Expr::Tuple(targets) => {
                if let Expr::Tuple(values) = value {
                    for (target, value) in targets.elts.iter().zip(&values.elts) {
                        self.check_assigned(target, value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Checks a value whose name may mark it as a secret.
    fn check_named(&mut self, name: &str, value: &Expr) {
        let secret = match value {
            Expr::StringLiteral(text) => {
                let text = text.value.to_str();
                secret::is_literal(text) && !shape::is_variable_name(text)
            }
            Expr::BytesLiteral(bytes) => !bytes.value.is_empty(),
            _ => false,
        };
        if secret && secret::is_named_by(name) {
            self.note_suspect(value.range(), Suspicion::Named(name.to_owned()));
        }
    }

    /// Checks the shape and the randomness of a text.
    fn check_text(&mut self, text: &str, range: TextRange) {
        if has_known_shape(text) || secret::is_in_url(text) {
            self.note_suspect(range, Suspicion::Shape);
        } else if shape::is_random(text) {
            self.note_suspect(range, Suspicion::Random);
        }
    }

    /// Records a suspicious text. The first reason wins: a name explains more than a shape does.
    fn note_suspect(&mut self, range: TextRange, why: Suspicion) {
        if self.suspects.len() < MAX_SUSPECTS {
            self.suspects.entry(range.start().to_usize()).or_insert((range.end().to_usize(), why));
        }
    }
}
