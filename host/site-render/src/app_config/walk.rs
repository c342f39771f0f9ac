//! Walks a layer's syntax tree and records the facts that matter to other layers.
//!
//! It also reports errors that Python's compiler raises and its parser does not: a `return`
//! outside a function, a late `from __future__`.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt, StmtImportFrom,
};
use ruff_text_size::{Ranged as _, TextSize};

use super::pattern;
use super::python::{
    ArgumentSlot, Binding, BindingKind, Lookup, LookupKey, ModuleFacts, StarImport,
};

mod lookups;

/// The features that `from __future__` accepts (Python 3.13, `__future__.all_feature_names`),
/// without `barry_as_FLUFL`, which changes the grammar.
const FEATURES: &[&str] = &[
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "generator_stop",
    "annotations",
];

/// Calls that may bind any name of the module.
const DYNAMIC: &[&str] = &["globals", "locals", "vars", "exec", "eval"];

/// The position of the walk, and its results.
#[derive(Default)]
pub(super) struct SyntaxWalk {
    pub(super) facts: ModuleFacts,
    /// Errors of Python's compiler, with their places.
    pub(super) complaints: Vec<(TextSize, String)>,
    /// The number of enclosing functions, classes and comprehensions, whose names are local.
    scopes: usize,
    /// The enclosing functions, by number; `None` for a lambda.
    functions: Vec<Option<usize>>,
    /// The number of enclosing statements that may not run their body.
    conditions: usize,
    loops: usize,
    /// Whether a statement came before after which `from __future__` is an error.
    begun: bool,
    /// Whether a statement other than an import has bound a name.
    bound: bool,
}

impl<'a> Visitor<'a> for SyntaxWalk {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.begun |= !matches!(stmt, Stmt::ImportFrom(_)) && !is_text(stmt);
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bind_name(&function.name, function.name.start());
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.visit_parameters(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                self.walk_function(Some((function.name.as_str(), &function.parameters)), |walk| {
                    walk.visit_body(&function.body);
                });
            }
            Stmt::ClassDef(class) => {
                self.bind_name(&class.name, class.name.start());
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                class.arguments.iter().for_each(|each| self.visit_arguments(each));
                let loops = std::mem::take(&mut self.loops);
                self.walk_scope(|walk| walk.visit_body(&class.body));
                self.loops = loops;
            }
            Stmt::If(_) | Stmt::Try(_) | Stmt::With(_) | Stmt::Match(_) => {
                self.conditions += 1;
                visitor::walk_stmt(self, stmt);
                self.conditions -= 1;
            }
            Stmt::For(each) => {
                self.note_words_of(&each.target, &each.iter);
                self.walk_loop(stmt);
            }
            Stmt::While(_) => self.walk_loop(stmt),
            _ => self.walk_simple(stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => self.bind_name(&name.id, name.start()),
                ExprContext::Del => self.note_binding(&name.id, name.start(), BindingKind::Deleted),
                _ if self.functions.is_empty() => {
                    self.facts.uses.entry(name.id.to_string()).or_insert(name.start());
                }
                _ => {}
            },
            Expr::Lambda(lambda) => {
                lambda.parameters.iter().for_each(|each| self.visit_parameters(each));
                self.walk_function(None, |walk| walk.visit_expr(&lambda.body));
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => self.require_function("yield", expr.start()),
            Expr::Await(_) => self.require_function("await", expr.start()),
            Expr::Call(call) => self.note_call(call),
            Expr::Subscript(index) => self.note_index(index),
            _ => {}
        }
        if !matches!(expr, Expr::Lambda(_)) {
            visitor::walk_expr(self, expr);
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.note_words_of(&comprehension.target, &comprehension.iter);
        self.visit_expr(&comprehension.iter);
        self.walk_scope(|walk| walk.visit_expr(&comprehension.target));
        comprehension.ifs.iter().for_each(|test| self.visit_expr(test));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(except) = handler;
        if let Some(name) = &except.name {
            self.bind_name(name, name.start());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = pattern::captured_name(pattern) {
            self.bind_name(name, name.start());
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl SyntaxWalk {
    /// Records a statement without a body.
    fn walk_simple(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    let name = alias.asname.as_ref().map_or_else(
                        || module.split('.').next().unwrap_or(module),
                        |name| name.as_str(),
                    );
                    let bound = if alias.asname.is_some() { module } else { name };
                    self.note_import(name, bound.to_owned(), alias.start());
                    self.facts.imports.push((module.to_owned(), alias.start()));
                }
            }
            Stmt::ImportFrom(import) => self.walk_import_from(import),
            // A function binds the name, and whether the function is called is not known here.
            Stmt::Global(global) if !self.functions.is_empty() => {
                for name in &global.names {
                    let (name, at) = (name.to_string(), name.start());
                    let kind = BindingKind::Value;
                    self.facts.bindings.push(Binding { name, at, conditional: true, kind });
                }
            }
            Stmt::Nonlocal(_) => self.require_function("nonlocal", stmt.start()),
            Stmt::Return(_) => {
                self.require_function("return", stmt.start());
                visitor::walk_stmt(self, stmt);
            }
            Stmt::Break(_) | Stmt::Continue(_) if self.loops == 0 => {
                self.complaints.push((stmt.start(), "`break` or `continue` outside a loop".into()));
            }
            // An annotation without a value binds nothing.
            Stmt::AnnAssign(assign) if assign.value.is_none() && assign.target.is_name_expr() => {
                self.visit_annotation(&assign.annotation);
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.note_words_of(target, &assign.value));
                visitor::walk_stmt(self, stmt);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    /// Records `from module import ...`.
    fn walk_import_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |name| name.as_str());
        if module == "__future__" && import.level == 0 {
            self.note_future(import);
            return;
        }
        self.begun = true;
        if import.level > 0 {
            let what = "a relative import, but a configuration is not part of a package";
            self.complaints.push((import.start(), what.to_owned()));
            return;
        }
        self.facts.imports.push((module.to_owned(), import.start()));
        for alias in &import.names {
            if alias.name.as_str() == "*" && self.scopes > 0 {
                let what = "`import *` inside a function or class";
                self.complaints.push((import.start(), what.to_owned()));
            } else if alias.name.as_str() == "*" {
                self.facts.stars.push(StarImport {
                    module: module.to_owned(),
                    range: import.range(),
                    conditional: self.conditions > 0,
                    late: self.bound,
                });
            } else {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                self.note_import(name, format!("{module}.{}", alias.name), alias.start());
            }
        }
    }

    /// Records `from __future__ import ...`, and checks it as Python's compiler does.
    fn note_future(&mut self, import: &StmtImportFrom) {
        let names: Vec<String> = import.names.iter().map(|alias| alias.name.to_string()).collect();
        if self.begun || self.scopes > 0 || self.conditions > 0 {
            let what = "`from __future__` must come first";
            self.complaints.push((import.start(), what.to_owned()));
        }
        if let Some(name) = names.iter().find(|name| !FEATURES.contains(&name.as_str())) {
            self.complaints
                .push((import.start(), format!("`{name}` is not a feature of `__future__`")));
        }
        if import.names.iter().any(|alias| alias.asname.is_some()) {
            let what = "`from __future__ import ... as` cannot be merged";
            self.complaints.push((import.start(), what.to_owned()));
        }
        self.facts.futures.push((names, import.range()));
    }

    /// Records a name that an import binds.
    fn note_import(&mut self, name: &str, of: String, at: TextSize) {
        self.facts.aliases.push((name.to_owned(), of.clone()));
        self.note_binding(name, at, BindingKind::Import(of));
    }

    /// Records a name that is bound to a value.
    fn bind_name(&mut self, name: &str, at: TextSize) {
        self.bound |= self.scopes == 0;
        self.note_binding(name, at, BindingKind::Value);
    }

    /// Records a binding, if it is one of the module and not local to a function.
    fn note_binding(&mut self, name: &str, at: TextSize, kind: BindingKind) {
        if self.scopes == 0 {
            let conditional = self.conditions > 0;
            self.facts.bindings.push(Binding { name: name.to_owned(), at, conditional, kind });
        }
    }

    /// Walks a loop, whose body may not run.
    fn walk_loop(&mut self, stmt: &Stmt) {
        self.conditions += 1;
        self.loops += 1;
        visitor::walk_stmt(self, stmt);
        self.loops -= 1;
        self.conditions -= 1;
    }

    /// Walks a body whose names are local.
    fn walk_scope(&mut self, body: impl FnOnce(&mut Self)) {
        self.scopes += 1;
        body(self);
        self.scopes -= 1;
    }

    /// Walks a function's body; `named` is absent for a lambda.
    fn walk_function(&mut self, named: Option<(&str, &Parameters)>, body: impl FnOnce(&mut Self)) {
        let number = named.map(|(name, parameters)| {
            let parameters = parameters.iter().map(|parameter| parameter.name().to_string());
            self.facts.functions.push((name.to_owned(), parameters.collect()));
            self.facts.functions.len() - 1
        });
        let loops = std::mem::take(&mut self.loops);
        self.functions.push(number);
        self.walk_scope(body);
        self.functions.pop();
        self.loops = loops;
    }

    /// Reports a statement that is only valid in a function.
    fn require_function(&mut self, word: &str, at: TextSize) {
        if self.functions.is_empty() {
            self.complaints.push((at, format!("`{word}` outside a function")));
        }
    }
}

/// Returns whether a statement is a docstring.
fn is_text(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr())
}
