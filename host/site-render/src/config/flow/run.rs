//! Statements, in the order in which Python runs them.

use std::rc::Rc;

use ruff_python_ast::{Identifier, Stmt};
use ruff_text_size::Ranged as _;

use super::asked::Excuse;
use super::exit::{Exit, Ways};
use super::heap::{MODULE, Slot};
use super::state::Flow;
use super::value::Value;

impl<'a> Flow<'a> {
    pub(super) fn block(&mut self, body: &'a [Stmt]) {
        if self.deeper() {
            self.statements(body);
            self.nested -= 1;
        }
    }

    fn statements(&mut self, body: &'a [Stmt]) {
        let outer = std::mem::take(&mut self.left);
        let mut body = body;
        while let [stmt, rest @ ..] = body {
            if self.heap.spent() || self.ended.is_some() {
                break;
            }
            self.at = stmt.start();
            self.statement(stmt);
            body = rest;
            if !self.left.is_empty() && !rest.is_empty() && self.ended.is_none() {
                // A way through the statement has left this block.
                let mut ways = Ways::or_left(self.left);
                self.branch(&mut ways, 0, Excuse::NONE, |flow| flow.remaining(rest));
                self.meet(&ways);
                break;
            }
        }
        self.left.extend(outer);
    }

    /// Runs what is left of a block, all of it on one condition.
    fn remaining(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.heap.spent() || self.ended.is_some() {
                return;
            }
            self.at = stmt.start();
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::If(choice) => self.choice(choice),
            Stmt::For(each) => self.each(each),
            Stmt::While(again) => self.again(again),
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::With(with) => self.with(with),
            Stmt::Match(matched) => self.matched(matched),
            _ => {
                self.simple(stmt);
                self.note(stmt.start());
            }
        }
    }

    /// Runs a statement without a body that is run here.
    fn simple(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => self.put_into(&assign.targets, &assign.value),
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.put_into(std::slice::from_ref(&*assign.target), value);
                }
            }
            Stmt::AugAssign(assign) => {
                let before = self.eval(&assign.target);
                let value = self.eval(&assign.value);
                let after = self.augment(before, assign.op, &value);
                self.assign(&assign.target, &after);
            }
            Stmt::Expr(expr) => drop(self.eval(&expr.value)),
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.delete(target)),
            Stmt::Return(returned) => {
                let value = returned.value.as_ref().map(|value| self.eval(value));
                self.hand_back(&value.unwrap_or_default());
                self.ended = Some(Exit::Return);
            }
            Stmt::Raise(_) => self.ended = Some(Exit::Raise),
            Stmt::Break(_) => self.ended = Some(Exit::Break),
            Stmt::Continue(_) => self.ended = Some(Exit::Continue),
            Stmt::FunctionDef(def) => self.define(def),
            Stmt::ClassDef(class) => self.define_class(class),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(stmt),
            Stmt::Global(global) => {
                self.globals.extend(global.names.iter().map(Identifier::as_str));
            }
            Stmt::Assert(assert) => drop(self.eval(&assert.test)),
            _ => {}
        }
    }

    /// Binds a name where the function that runs, or the module, binds it.
    pub(super) fn bind(&mut self, name: &str, value: Option<Value>) {
        let global = self.globals.contains(name);
        let scope = if global { MODULE } else { self.heap.scope() };
        if scope == MODULE && self.settings.iter().any(|setting| setting.name == name) {
            self.bound.push(Rc::from(name));
            if let Some(value) = &value {
                self.stored |= self.heap.reach(value);
            }
        }
        self.heap.set(Slot::Name(scope, name.into()), value);
    }
}
