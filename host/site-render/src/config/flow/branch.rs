//! Statements with bodies of which one runs.
//!
//! All ways are followed from the same state, and what is after the statement may be what any
//! of them leaves.

use ruff_python_ast::{
    BoolOp, CmpOp, Expr, MatchCase, Number, Pattern, StmtIf, StmtMatch, UnaryOp,
};
use ruff_text_size::Ranged as _;

use super::asked::Excuse;
use super::exit::{Exit, Ways};
use super::heap::Changes;
use super::state::Flow;
use super::value::{Value, Variables};
use super::watch::Setting;
use crate::config::pattern::captures;

impl<'a> Flow<'a> {
    pub(super) fn choice(&mut self, choice: &'a StmtIf) {
        let first = (Some(&*choice.test), &choice.body);
        let others =
            choice.elif_else_clauses.iter().map(|other| (other.test.as_ref(), &other.body));
        let (mut ways, mut covered, mut nth) = (Ways::default(), false, 0);
        // Whether a test before has asked for the variables, and which.
        let (mut excused, mut controls) = (Excuse::NONE, 0);
        for (test, body) in std::iter::once(first).chain(others) {
            match test.and_then(|test| truth(test).or_else(|| self.compared(test))) {
                Some(false) => continue,
                Some(true) => covered = true,
                None => covered |= test.is_none(),
            }
            if let Some(test) = test {
                // The tests behind the first are only made where those before fail.
                let (reads, excuse) = if nth == 0 {
                    let (_, reads, excuse) = self.tested(test);
                    (reads, excuse)
                } else {
                    self.at = test.start();
                    self.tested_perhaps(controls, excused, test)
                };
                nth += 1;
                controls |= reads;
                excused.extend(excuse);
                excused.extend(Excuse::all_if(reads != 0 && !is_plain(test)));
            }
            if covered && ways.changes.is_empty() {
                // Nothing else can run.
                self.block(body);
                return;
            }
            self.branch(&mut ways, controls, excused, |flow| flow.block(body));
            // The others run where the variables are not set.
            excused.extend(Excuse::all_if(controls != 0));
            if covered {
                break;
            }
        }
        if !covered {
            ways.push(Changes::new(), None);
        }
        self.meet(&ways);
    }

    /// Returns whether two texts are the same, where both are known: a loop over names that
    /// are written out looks for one of them.
    fn compared(&mut self, test: &'a Expr) -> Option<bool> {
        let Expr::Compare(compare) = test else { return None };
        let ([op], [right]) = (&compare.ops[..], &compare.comparators[..]) else { return None };
        let is_plain = |side: &Expr| side.is_name_expr() || side.is_literal_expr();
        if !(is_plain(&compare.left) && is_plain(right)) {
            return None;
        }
        let (left, right) = (self.eval(&compare.left), self.eval(right));
        let ([left], [right]) = (left.words(), right.words()) else { return None };
        match op {
            CmpOp::Eq => Some(left == right),
            CmpOp::NotEq => Some(left != right),
            _ => None,
        }
    }

    /// Runs something that may not run, takes it back, and adds what it would change; nothing
    /// where it raises.
    pub(super) fn branch(
        &mut self,
        ways: &mut Ways,
        controls: Variables,
        excused: Excuse,
        body: impl FnOnce(&mut Self),
    ) {
        let began: Vec<_> = self.settings.iter_mut().map(Setting::begin_branch).collect();
        let left = std::mem::take(&mut self.left);
        let outer = (self.controls, self.heap.begin());
        self.controls |= controls;
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.controls = outer.0;
        let changes = self.heap.take_back(outer.1);
        let exit = self.ended.take();
        let raised = exit == Some(Exit::Raise);
        for (number, (setting, began)) in self.settings.iter_mut().zip(began).enumerate() {
            setting.end_branch(began, raised || excused.covers(number), self.depth);
        }
        self.left.extend(left);
        if !raised {
            if let Some(exit) = exit {
                self.left.insert(exit);
            }
            ways.push(changes, exit);
        }
    }

    /// Goes on where the ways through a statement meet.
    pub(super) fn meet(&mut self, ways: &Ways) {
        self.ended = self.ended.or(ways.exit());
        if ways.changes.iter().all(Changes::is_empty) {
            return;
        }
        self.heap.merge(&ways.changes);
        self.heap.end_statement();
        for number in 0..self.settings.len() {
            let now = self.reach_of(number, |_| {});
            self.settings[number].meet(now);
        }
    }

    pub(super) fn matched(&mut self, matched: &'a StmtMatch) {
        let (subject, controls, mut excused) = self.tested(&matched.subject);
        excused.extend(Excuse::all_if(controls != 0));
        let any = |case: &MatchCase| case.guard.is_none() && case.pattern.is_irrefutable();
        let covered = matched.cases.iter().any(any);
        let mut ways = if covered { Ways::default() } else { Ways::or_nothing() };
        for case in &matched.cases {
            self.branch(&mut ways, controls, excused, |flow| {
                flow.capture(&case.pattern, &subject);
                case.guard.iter().for_each(|guard| drop(flow.eval(guard)));
                flow.block(&case.body);
            });
        }
        self.meet(&ways);
    }

    /// Binds the names of a pattern: to the subject itself, or to something of it.
    fn capture(&mut self, pattern: &'a Pattern, subject: &Value) {
        for (name, whole) in captures(pattern) {
            let value = if whole {
                subject.clone()
            } else {
                let from = self.heap.reach(subject);
                Value { from, ..Value::object(self.heap.object(true)) }
            };
            self.bind(name.as_str(), Some(value));
        }
        self.note(pattern.start());
    }
}

/// Returns the value of a test that does not depend on anything.
pub(super) fn truth(test: &Expr) -> Option<bool> {
    match test {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NoneLiteral(_) => Some(false),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => int.as_u8().map(|int| int != 0),
            _ => None,
        },
        Expr::Name(name) if name.id == "TYPE_CHECKING" => Some(false),
        Expr::UnaryOp(not) if not.op == UnaryOp::Not => truth(&not.operand).map(|truth| !truth),
        _ => None,
    }
}

/// Returns whether a test asks for no more than that something is set.
pub(super) fn is_plain(test: &Expr) -> bool {
    match test {
        Expr::BoolOp(all) if all.op == BoolOp::And => all.values.iter().all(is_plain),
        Expr::Name(_)
        | Expr::Call(_)
        | Expr::Named(_)
        | Expr::Subscript(_)
        | Expr::Attribute(_) => true,
        _ => false,
    }
}
