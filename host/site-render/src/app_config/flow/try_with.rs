//! `try`, and `with` blocks that may suppress an exception: bodies that may end early while the
//! configuration goes on.
//!
//! Only the statements before the first one that may raise are certain to run.

use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtTry, StmtWith};

use super::call::is_builtin;
use super::exit::Ways;
use super::heap::{HeapSlot, MODULE};
use super::inspected::Excuse;
use super::method::METHODS;
use super::state::Flow;
use super::value::FlowValue;

/// Functions whose context managers never suppress an exception, by the last part of their dotted
/// name: those of Python and of environs.
const LOUD: &[&str] = &[
    "open",
    "prefixed",
    "nullcontext",
    "closing",
    "catch_warnings",
    "redirect_stdout",
    "redirect_stderr",
    "TemporaryDirectory",
    "NamedTemporaryFile",
];

/// Whether methods of containers are assumed to raise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Methods {
    AreFine,
    MayRaise,
}

impl<'a> Flow<'a> {
    /// Runs a `try` statement.
    pub(super) fn run_try(&mut self, attempt: &'a StmtTry) {
        if attempt.handlers.is_empty() {
            self.run_block(&attempt.body);
        } else {
            self.run_try_with_handlers(attempt);
        }
        let ended = self.ended.take();
        self.run_block(&attempt.finalbody);
        self.ended = self.ended.or(ended);
    }

    /// Runs a `try` statement with handlers. Only the certain statements of its body run
    /// unconditionally.
    fn run_try_with_handlers(&mut self, attempt: &'a StmtTry) {
        let seen = std::mem::take(&mut self.seen);
        let (certain, rest) = attempt.body.split_at(self.count_certain(&attempt.body));
        self.run_block(certain);
        if self.ended.is_some() {
            self.seen |= seen;
            return;
        }
        let (mut ways, mut read) = (Ways::default(), 0);
        self.run_branch(&mut ways, 0, Excuse::NONE, |flow| {
            flow.run_block(rest);
            read = flow.seen;
            if flow.ended.is_none() {
                flow.run_try_else(&attempt.orelse);
            }
        });
        self.seen |= seen;
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            // Reading a variable that is not set raises, so the variables decide whether the
            // handler runs.
            self.run_branch(&mut ways, 0, Excuse::all_if(read != 0), |flow| {
                if let Some(name) = &handler.name {
                    flow.bind_name(name.as_str(), Some(FlowValue::default()));
                }
                flow.run_block(&handler.body);
            });
        }
        self.join_ways(&ways);
    }

    /// Runs the `else` of a `try`, but not in a branch that has left the body.
    fn run_try_else(&mut self, orelse: &'a [Stmt]) {
        if self.left.is_empty() {
            self.run_block(orelse);
        } else {
            let mut ways = Ways::or_left(self.left);
            self.run_branch(&mut ways, 0, Excuse::NONE, |flow| flow.run_block(orelse));
            self.join_ways(&ways);
        }
    }

    /// Runs a `with` statement.
    pub(super) fn run_with(&mut self, with: &'a StmtWith) {
        let mut loud = true;
        for item in &with.items {
            let value = self.eval(&item.context_expr);
            loud &= is_loud(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.assign_target(target, &value);
            }
        }
        self.note_statement(self.at);
        if loud {
            self.run_block(&with.body);
            return;
        }
        let (certain, rest) = with.body.split_at(self.count_certain(&with.body));
        self.run_block(certain);
        if self.ended.is_none() && !rest.is_empty() {
            let mut ways = Ways::or_nothing();
            self.run_branch(&mut ways, 0, Excuse::NONE, |flow| flow.run_block(rest));
            self.join_ways(&ways);
        }
    }

    /// Returns the number of statements that are certain to run.
    fn count_certain(&mut self, body: &'a [Stmt]) -> usize {
        for (index, stmt) in body.iter().enumerate() {
            if self.may_fail(stmt) {
                return index;
            }
            if !self.is_harmless(stmt) {
                return index + 1;
            }
        }
        body.len()
    }

    /// Returns whether a statement may raise before its effect. Only the new value is checked, not
    /// the target: if the target did not exist, no value could be lost.
    fn may_fail(&mut self, stmt: &'a Stmt) -> bool {
        match stmt {
            Stmt::Assign(assign) => self.may_raise(&assign.value, Methods::AreFine),
            Stmt::AnnAssign(assign) => {
                assign.value.as_ref().is_some_and(|value| self.may_raise(value, Methods::AreFine))
            }
            Stmt::AugAssign(assign) => self.may_raise(&assign.value, Methods::AreFine),
            Stmt::Expr(expr) => self.may_raise(&expr.value, Methods::AreFine),
            Stmt::For(each) => {
                self.may_raise(&each.iter, Methods::AreFine)
                    || each.body.iter().any(|stmt| self.may_fail(stmt))
            }
            Stmt::FunctionDef(def) => !def.decorator_list.is_empty(),
            Stmt::Return(returned) => {
                returned.value.as_ref().is_some_and(|value| self.may_raise(value, Methods::AreFine))
            }
            Stmt::Delete(_) | Stmt::Pass(_) | Stmt::Global(_) => false,
            _ => true,
        }
    }

    /// Returns whether a statement never raises.
    fn is_harmless(&mut self, stmt: &'a Stmt) -> bool {
        match stmt {
            Stmt::Assign(assign) => {
                assign.targets.iter().all(Expr::is_name_expr)
                    && !self.may_raise(&assign.value, Methods::MayRaise)
            }
            Stmt::FunctionDef(_) | Stmt::Pass(_) | Stmt::Global(_) => true,
            _ => false,
        }
    }

    /// Returns whether an expression may raise.
    fn may_raise(&mut self, expr: &'a Expr, methods: Methods) -> bool {
        if !self.heap.take_steps(1) {
            return true;
        }
        match expr {
            Expr::Name(name) => !self.is_bound(name.id.as_str()),
            Expr::Dict(dict) => dict.items.iter().any(|item| {
                item.key.as_ref().is_some_and(|key| self.may_raise(key, methods))
                    || self.may_raise(&item.value, methods)
            }),
            Expr::List(list) => list.elts.iter().any(|one| self.may_raise(one, methods)),
            Expr::Tuple(tuple) => tuple.elts.iter().any(|one| self.may_raise(one, methods)),
            Expr::Named(named) => self.may_raise(&named.value, methods),
            Expr::BoolOp(any) => any.values.iter().any(|one| self.may_raise(one, methods)),
            Expr::If(choice) => [&choice.test, &choice.body, &choice.orelse]
                .iter()
                .any(|one| self.may_raise(one, methods)),
            Expr::Call(call) => {
                !(is_dict(&call.func) || methods == Methods::AreFine && is_method(&call.func))
                    || call.arguments.args.iter().any(|one| self.may_raise(one, methods))
                    || call.arguments.keywords.iter().any(|one| self.may_raise(&one.value, methods))
            }
            Expr::Lambda(_) => false,
            _ => !expr.is_literal_expr(),
        }
    }

    /// Returns whether a name is known to be bound.
    fn is_bound(&self, name: &str) -> bool {
        is_builtin(name)
            || self.settings.iter().any(|setting| setting.name == name)
            || self
                .visible
                .iter()
                .copied()
                .chain([MODULE])
                .any(|scope| self.heap.get(&HeapSlot::Name(scope, name.into())).is_some())
    }
}

/// Returns whether a function is `dict`.
fn is_dict(func: &Expr) -> bool {
    matches!(func, Expr::Name(name) if name.id == "dict")
}

/// Returns whether a function is a method of a container, by its name.
fn is_method(func: &Expr) -> bool {
    let mut receiver = match func {
        Expr::Attribute(method) if METHODS.contains(&method.attr.as_str()) => &*method.value,
        _ => return false,
    };
    loop {
        receiver = match receiver {
            Expr::Name(_) => return true,
            Expr::Subscript(index) if index.slice.is_literal_expr() => &index.value,
            Expr::Attribute(attribute) => &attribute.value,
            _ => return false,
        };
    }
}

/// Returns whether a context manager never suppresses an exception of its body.
fn is_loud(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    match &*call.func {
        Expr::Name(name) => LOUD.contains(&name.id.as_str()),
        Expr::Attribute(attribute) => LOUD.contains(&attribute.attr.as_str()),
        _ => false,
    }
}
