//! Walks a configuration and notes each text that may be a secret.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Comprehension, Expr, FStringPart, Parameters, Pattern, PatternMatchAs, Stmt,
};
use ruff_text_size::{Ranged as _, TextRange};

use super::constant::{Constants, Scope};
use super::named_values::{has_json_secret, has_named_password, holds_literal, named_pairs};
use super::randomness::is_random;
use super::{MAX_SUSPECTS, Suspects, Suspicion};
use crate::disclosure::key_names::is_certain;
use crate::disclosure::token_shapes::has_known_shape;
use crate::disclosure::url_credentials::has_url_credential;

/// Returns the names that are bound once, to a constant.
pub(super) fn find_constants(body: &[Stmt]) -> Constants {
    let mut search = ConstantSearch { constants: BTreeMap::new() };
    search.visit_body(body);
    search.constants
}

struct ConstantSearch {
    constants: Constants,
}

impl ConstantSearch {
    fn bind(&mut self, target: &Expr, value: Option<&Expr>) {
        let Expr::Name(name) = target else { return };
        // A name that is bound again may have any of its values.
        let constant = if self.constants.contains_key(name.id.as_str()) {
            None
        } else {
            value.and_then(|value| Scope::new(&self.constants).fold(value))
        };
        self.constants.insert(name.id.to_string(), constant);
    }
}

impl<'a> Visitor<'a> for ConstantSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.bind(target, Some(&assign.value)));
            }
            Stmt::AnnAssign(assign) => self.bind(&assign.target, assign.value.as_deref()),
            Stmt::AugAssign(assign) => self.bind(&assign.target, None),
            Stmt::For(each) => self.bind(&each.target, None),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    // Statements alone bind the names of a module.
    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// The search for secrets in one file.
pub(super) struct SecretSearch<'c> {
    pub(super) suspects: Suspects,
    scope: Scope<'c>,
    /// The names of the functions around the statement.
    functions: Vec<&'c str>,
    /// Whether an expression around this one was computed as a whole.
    is_inside: bool,
}

impl<'c> SecretSearch<'c> {
    pub(super) fn new(constants: &'c Constants) -> Self {
        let scope = Scope::new(constants);
        Self { suspects: BTreeMap::new(), scope, functions: Vec::new(), is_inside: false }
    }

    /// Checks a value that is assigned to a name, an attribute, a key or an index.
    fn check_assigned(&mut self, target: &Expr, value: &Expr) {
        match target {
            Expr::Name(name) => self.check_named(&name.id, value),
            Expr::Attribute(attribute) => self.check_named(&attribute.attr, value),
            Expr::Subscript(index) => self.check_keyed(&index.slice, value),
            Expr::Starred(starred) => self.check_assigned(&starred.value, value),
            Expr::Tuple(_) | Expr::List(_) => {
                let (targets, values) = (elements(target), elements(value));
                for (target, value) in targets.iter().zip(values) {
                    self.check_assigned(target, value);
                }
            }
            _ => {}
        }
    }

    /// Checks a value whose key is computed.
    fn check_keyed(&mut self, key: &Expr, value: &Expr) {
        // A name is a constant of its own and not the name of the key's value.
        if let Some(key) = self.scope.fold(key).filter(|key| key.has_text) {
            self.check_named(&key.text, value);
        }
    }

    /// Checks a value whose name may mark it as a secret.
    fn check_named(&mut self, name: &str, value: &Expr) {
        if is_certain(name) && holds_literal(self.scope, value) {
            self.note_suspect(value.range(), Suspicion::Named(name.to_owned()));
        }
    }

    /// Checks the shape and the randomness of a text.
    fn check_text(&mut self, text: &str, range: TextRange) {
        let is_shaped = has_known_shape(text) || has_url_credential(text);
        if is_shaped || has_named_password(text) || has_json_secret(text) {
            self.note_suspect(range, Suspicion::Shape);
        } else if is_random(text) {
            self.note_suspect(range, Suspicion::Random);
        }
    }

    /// Checks the text of an expression that joins constants.
    fn check_computed(&mut self, expr: &Expr) -> bool {
        if self.is_inside || !matches!(expr, Expr::BinOp(_) | Expr::Call(_) | Expr::FString(_)) {
            return false;
        }
        let Some(constant) = self.scope.fold(expr).filter(|constant| constant.has_text) else {
            return false;
        };
        self.check_text(&constant.text, expr.range());
        true
    }

    /// Records a suspicious text. The first reason wins: a name explains more than a shape does,
    /// and a whole expression more than its parts.
    pub(super) fn note_suspect(&mut self, range: TextRange, why: Suspicion) {
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let around = self.suspects.range(..=start).next_back();
        let is_known = around.is_some_and(|(_, (known, _))| *known >= end);
        if !is_known && self.suspects.len() < MAX_SUSPECTS {
            self.suspects.insert(start, (end, why));
        }
    }

    fn check_literals(&mut self, expr: &Expr) {
        match expr {
            Expr::StringLiteral(text) => self.check_text(text.value.to_str(), text.range()),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                self.check_text(&String::from_utf8_lossy(&bytes), expr.range());
            }
            Expr::FString(text) => {
                for part in &text.value {
                    let FStringPart::FString(text) = part else { continue };
                    for literal in text.elements.literals() {
                        self.check_text(&literal.value, literal.range());
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'a: 'c, 'c> Visitor<'a> for SecretSearch<'c> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.check_assigned(target, &assign.value));
            }
            Stmt::AnnAssign(assign) => {
                assign.value.iter().for_each(|value| self.check_assigned(&assign.target, value));
            }
            Stmt::AugAssign(assign) => self.check_assigned(&assign.target, &assign.value),
            Stmt::For(each) => {
                for item in elements(&each.iter) {
                    self.check_assigned(&each.target, item);
                }
            }
            Stmt::ClassDef(class) => {
                for keyword in class.arguments.iter().flat_map(|arguments| &arguments.keywords) {
                    keyword.arg.iter().for_each(|name| self.check_named(name, &keyword.value));
                }
            }
            Stmt::Match(choice) => {
                // `case NAME:` binds the name to the subject.
                for case in &choice.cases {
                    if let Pattern::MatchAs(PatternMatchAs { name: Some(name), .. }) = &case.pattern
                    {
                        self.check_named(name, &choice.subject);
                    }
                }
            }
            Stmt::Return(end) => {
                if let (Some(name), Some(value)) = (self.functions.last().copied(), &end.value) {
                    self.check_named(name, value);
                }
            }
            Stmt::FunctionDef(function) => {
                self.functions.push(&function.name);
                visitor::walk_stmt(self, stmt);
                self.functions.pop();
                return;
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Dict(dict) => {
                for item in &dict.items {
                    item.key.iter().for_each(|key| self.check_keyed(key, &item.value));
                }
            }
            Expr::Named(named) => self.check_assigned(&named.target, &named.value),
            Expr::Call(call) => {
                for keyword in &call.arguments.keywords {
                    if let Some(name) = &keyword.arg {
                        self.check_named(name, &keyword.value);
                    }
                }
                for (name, value) in named_pairs(call) {
                    self.check_keyed(name, value);
                }
            }
            _ => {}
        }
        let computed = self.check_computed(expr);
        self.check_literals(expr);
        let before = self.is_inside;
        self.is_inside |= computed;
        visitor::walk_expr(self, expr);
        self.is_inside = before;
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        for item in elements(&comprehension.iter) {
            self.check_assigned(&comprehension.target, item);
        }
        visitor::walk_comprehension(self, comprehension);
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

/// Returns the elements of a tuple or a list; none of any other expression.
fn elements(expr: &Expr) -> &[Expr] {
    match expr {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        _ => &[],
    }
}
