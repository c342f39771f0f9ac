//! Loops: the body runs once for each known element.
//!
//! A branch that breaks out of the loop skips the remaining passes and the `else`. A branch that
//! returns skips everything after the loop.

use ruff_python_ast::{Stmt, StmtFor, StmtWhile};
use ruff_text_size::Ranged as _;

use super::branch::constant_truth;
use super::exit::{Exit, Exits, Ways};
use super::inspected::Excuse;
use super::state::Flow;
use super::value::{FlowValue, MOST};

impl<'a> Flow<'a> {
    /// Runs a `for` loop.
    pub(super) fn run_for(&mut self, each: &'a StmtFor) {
        let outer = std::mem::take(&mut self.left);
        let iterable = self.eval(&each.iter);
        let (elements, certain) = self.loop_elements(&iterable);
        if certain {
            self.run_passes(each, &elements[..elements.len().min(MOST)]);
        } else {
            let element = elements.first().cloned().unwrap_or_default();
            let mut ways = Ways::or_nothing();
            self.run_branch(&mut ways, 0, Excuse::NONE, |flow| flow.run_pass(each, &element));
            self.join_ways(&ways);
        }
        self.run_loop_else(&each.orelse, outer);
    }

    /// Runs one pass for each element.
    fn run_passes(&mut self, each: &'a StmtFor, mut elements: &[FlowValue]) {
        while let [element, rest @ ..] = elements {
            self.run_pass(each, element);
            if self.ended.is_some() {
                return;
            }
            if !self.left.is_empty() && !rest.is_empty() {
                let mut ways = Ways::or_left(self.left);
                self.run_branch(&mut ways, 0, Excuse::NONE, |flow| {
                    flow.remaining_passes(each, rest);
                });
                self.join_ways(&ways);
                return;
            }
            elements = rest;
        }
    }

    /// Runs the remaining passes, all under one condition.
    fn remaining_passes(&mut self, each: &'a StmtFor, elements: &[FlowValue]) {
        for element in elements {
            self.run_pass(each, element);
            if self.ended.is_some() {
                return;
            }
        }
    }

    /// Runs one pass: assigns the element and runs the body.
    fn run_pass(&mut self, each: &'a StmtFor, element: &FlowValue) {
        self.assign_target(&each.target, element);
        self.note_statement(each.target.start());
        self.run_loop_body(&each.body);
    }

    /// Runs the body of a loop once. `continue` ends only this pass.
    fn run_loop_body(&mut self, body: &'a [Stmt]) {
        self.run_block(body);
        self.left.remove(Exit::Continue);
        self.ended = self.ended.filter(|exit| *exit != Exit::Continue);
    }

    /// Runs a `while` loop; its body runs once.
    pub(super) fn run_while(&mut self, again: &'a StmtWhile) {
        let outer = std::mem::take(&mut self.left);
        let test = self.eval(&again.test);
        let controls = self.heap.variables_of(&test);
        match constant_truth(&again.test) {
            Some(false) => {}
            Some(true) => {
                self.run_loop_body(&again.body);
                // Code after `while True` runs only after a `break`.
                self.left.insert(Exit::Break);
            }
            None => {
                let mut ways = Ways::or_nothing();
                self.run_branch(&mut ways, controls, Excuse::NONE, |flow| {
                    flow.run_loop_body(&again.body);
                });
                self.join_ways(&ways);
            }
        }
        self.run_loop_else(&again.orelse, outer);
    }

    /// Runs the `else` of a loop where no branch has left it, and continues after the loop.
    fn run_loop_else(&mut self, orelse: &'a [Stmt], outer: Exits) {
        let mut left = std::mem::take(&mut self.left);
        match self.ended {
            Some(Exit::Break) => self.ended = None,
            Some(_) => {}
            None if left.is_empty() => self.run_block(orelse),
            None if orelse.is_empty() => {}
            None => {
                let mut ways = Ways::or_nothing();
                self.run_branch(&mut ways, 0, Excuse::NONE, |flow| flow.run_block(orelse));
                self.join_ways(&ways);
            }
        }
        left.remove(Exit::Break);
        self.left.extend(left);
        self.left.extend(outer);
    }
}
