//! Loops: the body runs once for each element that is known.
//!
//! A way that has left the loop skips the passes after it and the `else`, and one that has
//! left the function skips all that is behind the loop.

use ruff_python_ast::{Stmt, StmtFor, StmtWhile};
use ruff_text_size::Ranged as _;

use super::asked::Excuse;
use super::branch::truth;
use super::exit::{Exit, Exits, Ways};
use super::state::Flow;
use super::value::{MOST, Value};

impl<'a> Flow<'a> {
    pub(super) fn each(&mut self, each: &'a StmtFor) {
        let outer = std::mem::take(&mut self.left);
        let iterable = self.eval(&each.iter);
        let (elements, certain) = self.elements(&iterable);
        if certain {
            self.passes(each, &elements[..elements.len().min(MOST)]);
        } else {
            let element = elements.first().cloned().unwrap_or_default();
            let mut ways = Ways::or_nothing();
            self.branch(&mut ways, 0, Excuse::NONE, |flow| flow.pass(each, &element));
            self.meet(&ways);
        }
        self.behind(&each.orelse, outer);
    }

    fn passes(&mut self, each: &'a StmtFor, mut elements: &[Value]) {
        while let [element, rest @ ..] = elements {
            self.pass(each, element);
            if self.ended.is_some() {
                return;
            }
            if !self.left.is_empty() && !rest.is_empty() {
                let mut ways = Ways::or_left(self.left);
                self.branch(&mut ways, 0, Excuse::NONE, |flow| flow.remaining_passes(each, rest));
                self.meet(&ways);
                return;
            }
            elements = rest;
        }
    }

    /// Runs the passes that are left, all of them on one condition.
    fn remaining_passes(&mut self, each: &'a StmtFor, elements: &[Value]) {
        for element in elements {
            self.pass(each, element);
            if self.ended.is_some() {
                return;
            }
        }
    }

    fn pass(&mut self, each: &'a StmtFor, element: &Value) {
        self.assign(&each.target, element);
        self.note(each.target.start());
        self.once(&each.body);
    }

    /// Runs the body of a loop; `continue` ends no more than that.
    fn once(&mut self, body: &'a [Stmt]) {
        self.block(body);
        self.left.remove(Exit::Continue);
        self.ended = self.ended.filter(|exit| *exit != Exit::Continue);
    }

    pub(super) fn again(&mut self, again: &'a StmtWhile) {
        let outer = std::mem::take(&mut self.left);
        let test = self.eval(&again.test);
        let controls = self.heap.reach(&test);
        match truth(&again.test) {
            Some(false) => {}
            Some(true) => {
                self.once(&again.body);
                // Without a `break` nothing is behind it that runs.
                self.left.insert(Exit::Break);
            }
            None => {
                let mut ways = Ways::or_nothing();
                self.branch(&mut ways, controls, Excuse::NONE, |flow| flow.once(&again.body));
                self.meet(&ways);
            }
        }
        self.behind(&again.orelse, outer);
    }

    /// Runs the `else` of a loop, where nothing has left the loop, and goes on behind it.
    fn behind(&mut self, orelse: &'a [Stmt], outer: Exits) {
        let mut left = std::mem::take(&mut self.left);
        match self.ended {
            Some(Exit::Break) => self.ended = None,
            Some(_) => {}
            None if left.is_empty() => self.block(orelse),
            None if orelse.is_empty() => {}
            None => {
                let mut ways = Ways::or_nothing();
                self.branch(&mut ways, 0, Excuse::NONE, |flow| flow.block(orelse));
                self.meet(&ways);
            }
        }
        left.remove(Exit::Break);
        self.left.extend(left);
        self.left.extend(outer);
    }
}
