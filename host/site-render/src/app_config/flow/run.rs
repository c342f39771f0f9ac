//! Runs statements in the order in which Python does.

use std::rc::Rc;

use ruff_python_ast::{Identifier, Stmt};
use ruff_text_size::Ranged as _;

use super::exit::{Exit, Ways};
use super::heap::{HeapSlot, MODULE};
use super::inspected::Excuse;
use super::state::Flow;
use super::value::FlowValue;

impl<'a> Flow<'a> {
    /// Runs a block, unless it nests too deep.
    pub(super) fn run_block(&mut self, body: &'a [Stmt]) {
        if self.go_deeper() {
            self.run_statements(body);
            self.nested -= 1;
        }
    }

    /// Runs statements up to the first exit. Once a branch has left, the rest runs under a
    /// condition.
    fn run_statements(&mut self, body: &'a [Stmt]) {
        let outer = std::mem::take(&mut self.left);
        let mut body = body;
        while let [stmt, rest @ ..] = body {
            if self.heap.is_exhausted() || self.ended.is_some() {
                break;
            }
            self.at = stmt.start();
            self.run_statement(stmt);
            body = rest;
            if !self.left.is_empty() && !rest.is_empty() && self.ended.is_none() {
                // A branch of the statement has left this block.
                let mut ways = Ways::or_left(self.left);
                self.run_branch(&mut ways, 0, Excuse::NONE, |flow| flow.run_remaining(rest));
                self.join_ways(&ways);
                break;
            }
        }
        self.left.extend(outer);
    }

    /// Runs the remaining statements of a block, all under one condition.
    fn run_remaining(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.heap.is_exhausted() || self.ended.is_some() {
                return;
            }
            self.at = stmt.start();
            self.run_statement(stmt);
        }
    }

    /// Runs one statement.
    fn run_statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::If(choice) => self.run_if(choice),
            Stmt::For(each) => self.run_for(each),
            Stmt::While(again) => self.run_while(again),
            Stmt::Try(attempt) => self.run_try(attempt),
            Stmt::With(with) => self.run_with(with),
            Stmt::Match(matched) => self.run_match(matched),
            _ => {
                self.run_simple(stmt);
                self.note_statement(stmt.start());
            }
        }
    }

    /// Runs a statement that has no branches.
    fn run_simple(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => self.assign_value(&assign.targets, &assign.value),
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign_value(std::slice::from_ref(&*assign.target), value);
                }
            }
            Stmt::AugAssign(assign) => {
                let before = self.eval(&assign.target);
                let value = self.eval(&assign.value);
                let after = self.eval_augmented(before, assign.op, &value);
                self.assign_target(&assign.target, &after);
            }
            Stmt::Expr(expr) => drop(self.eval(&expr.value)),
            Stmt::Delete(delete) => {
                delete.targets.iter().for_each(|target| self.delete_target(target));
            }
            Stmt::Return(returned) => {
                let value = returned.value.as_ref().map(|value| self.eval(value));
                self.join_returned(&value.unwrap_or_default());
                self.ended = Some(Exit::Return);
            }
            Stmt::Raise(_) => self.ended = Some(Exit::Raise),
            Stmt::Break(_) => self.ended = Some(Exit::Break),
            Stmt::Continue(_) => self.ended = Some(Exit::Continue),
            Stmt::FunctionDef(def) => self.define_function(def),
            Stmt::ClassDef(class) => self.define_class(class),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.bind_imports(stmt),
            Stmt::Global(global) => {
                self.globals.extend(global.names.iter().map(Identifier::as_str));
            }
            Stmt::Assert(assert) => drop(self.eval(&assert.test)),
            _ => {}
        }
    }

    /// Binds a name in the scope of the running function, or of the module.
    pub(super) fn bind_name(&mut self, name: &str, value: Option<FlowValue>) {
        let global = self.globals.contains(name);
        let scope = if global { MODULE } else { self.heap.current_scope() };
        if scope == MODULE && self.settings.iter().any(|setting| setting.name == name) {
            self.bound.push(Rc::from(name));
            if let Some(value) = &value {
                self.stored |= self.heap.variables_of(value);
            }
        }
        self.heap.set(HeapSlot::Name(scope, name.into()), value);
    }
}
