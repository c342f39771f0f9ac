//! `if` and `match`: statements of which one body runs.
//!
//! The analysis follows each body from the same state. After the statement, the state is the union
//! of the results.

use ruff_python_ast::{
    BoolOp, CmpOp, Expr, MatchCase, Number, Pattern, StmtIf, StmtMatch, UnaryOp,
};
use ruff_text_size::Ranged as _;

use super::exit::{Exit, Ways};
use super::heap::Changes;
use super::inspected::Excuse;
use super::state::Flow;
use super::value::{FlowValue, Variables};
use super::watch::WatchedSetting;
use crate::app_config::pattern::captured_names;

impl<'a> Flow<'a> {
    /// Runs an `if` statement.
    pub(super) fn run_if(&mut self, choice: &'a StmtIf) {
        let first = (Some(&*choice.test), &choice.body);
        let others =
            choice.elif_else_clauses.iter().map(|other| (other.test.as_ref(), &other.body));
        let (mut ways, mut covered, mut nth) = (Ways::default(), false, 0);
        // Whether an earlier condition reads variables, and which.
        let (mut excused, mut controls) = (Excuse::NONE, 0);
        for (test, body) in std::iter::once(first).chain(others) {
            match test
                .and_then(|test| constant_truth(test).or_else(|| self.compare_known_texts(test)))
            {
                Some(false) => continue,
                Some(true) => covered = true,
                None => covered |= test.is_none(),
            }
            if let Some(test) = test {
                // Python evaluates an `elif` condition only if all conditions before it are false.
                let (reads, excuse) = if nth == 0 {
                    let (_, reads, excuse) = self.eval_condition(test);
                    (reads, excuse)
                } else {
                    self.at = test.start();
                    self.eval_condition_maybe(controls, excused, test)
                };
                nth += 1;
                controls |= reads;
                excused.extend(excuse);
                excused.extend(Excuse::all_if(reads != 0 && !is_plain(test)));
            }
            if covered && ways.changes.is_empty() {
                // No other body can run.
                self.run_block(body);
                return;
            }
            self.run_branch(&mut ways, controls, excused, |flow| flow.run_block(body));
            // The remaining bodies run only where the variables are not set.
            excused.extend(Excuse::all_if(controls != 0));
            if covered {
                break;
            }
        }
        if !covered {
            ways.push(Changes::new(), None);
        }
        self.join_ways(&ways);
    }

    /// Compares two known texts. This resolves the loop over a fixed list of names that acts on
    /// one of them.
    fn compare_known_texts(&mut self, test: &'a Expr) -> Option<bool> {
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

    /// Runs a body that may not run, undoes its changes, and adds them to the branches of the
    /// statement. A body that raises adds none: after it, nothing of the configuration remains.
    pub(super) fn run_branch(
        &mut self,
        ways: &mut Ways,
        controls: Variables,
        excused: Excuse,
        body: impl FnOnce(&mut Self),
    ) {
        let began: Vec<_> = self.settings.iter_mut().map(WatchedSetting::begin_branch).collect();
        let left = std::mem::take(&mut self.left);
        let outer = (self.controls, self.heap.begin_branch());
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

    /// Continues with the union of all branches of a statement.
    pub(super) fn join_ways(&mut self, ways: &Ways) {
        self.ended = self.ended.or(ways.exit());
        if ways.changes.iter().all(Changes::is_empty) {
            return;
        }
        self.heap.merge_branches(&ways.changes);
        self.heap.end_statement();
        for number in 0..self.settings.len() {
            let now = self.reach_of(number, |_| {});
            self.settings[number].join_branches(now);
        }
    }

    /// Runs a `match` statement.
    pub(super) fn run_match(&mut self, matched: &'a StmtMatch) {
        let (subject, controls, mut excused) = self.eval_condition(&matched.subject);
        excused.extend(Excuse::all_if(controls != 0));
        let any = |case: &MatchCase| case.guard.is_none() && case.pattern.is_irrefutable();
        let covered = matched.cases.iter().any(any);
        let mut ways = if covered { Ways::default() } else { Ways::or_nothing() };
        for case in &matched.cases {
            self.run_branch(&mut ways, controls, excused, |flow| {
                flow.bind_captures(&case.pattern, &subject);
                case.guard.iter().for_each(|guard| drop(flow.eval(guard)));
                flow.run_block(&case.body);
            });
        }
        self.join_ways(&ways);
    }

    /// Binds the names of a pattern to the subject, or to an unknown part of it.
    fn bind_captures(&mut self, pattern: &'a Pattern, subject: &FlowValue) {
        for (name, whole) in captured_names(pattern) {
            let value = if whole {
                subject.clone()
            } else {
                let from = self.heap.variables_of(subject);
                FlowValue { from, ..FlowValue::from_container(self.heap.new_container(true)) }
            };
            self.bind_name(name.as_str(), Some(value));
        }
        self.note_statement(pattern.start());
    }
}

/// Returns the value of a condition that is constant.
pub(super) fn constant_truth(test: &Expr) -> Option<bool> {
    match test {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NoneLiteral(_) => Some(false),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => int.as_u8().map(|int| int != 0),
            _ => None,
        },
        Expr::Name(name) if name.id == "TYPE_CHECKING" => Some(false),
        Expr::UnaryOp(not) if not.op == UnaryOp::Not => {
            constant_truth(&not.operand).map(|truth| !truth)
        }
        _ => None,
    }
}

/// Returns whether a condition tests only that something is set.
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
