//! Expressions of which Python evaluates some parts only on a condition.

use ruff_python_ast::{BoolOp, Expr, ExprBoolOp, ExprIf};

use super::asked::Excuse;
use super::branch::{is_plain, truth};
use super::exit::Ways;
use super::state::Flow;
use super::value::{Value, Variables};

impl<'a> Flow<'a> {
    /// Evaluates something that may not be evaluated: what it does is one way of two.
    pub(super) fn perhaps(
        &mut self,
        controls: Variables,
        excused: Excuse,
        eval: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let mut ways = Ways::or_nothing();
        let value = self.way(&mut ways, controls, excused, eval);
        self.meet(&ways);
        value
    }

    /// Evaluates something, if it is certain as a part of the statement.
    pub(super) fn certainly(
        &mut self,
        certain: bool,
        eval: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        if certain { eval(self) } else { self.perhaps(0, Excuse::NONE, eval) }
    }

    /// Tests something that may not be tested; returns the variables in it, and its excuse.
    pub(super) fn tested_perhaps(
        &mut self,
        controls: Variables,
        excused: Excuse,
        test: &'a Expr,
    ) -> (Variables, Excuse) {
        let (mut reads, mut excuse) = (0, Excuse::NONE);
        self.perhaps(controls, excused, |flow| {
            let (value, read, own) = flow.tested(test);
            (reads, excuse) = (read, own);
            value
        });
        (reads, excuse)
    }

    fn way(
        &mut self,
        ways: &mut Ways,
        controls: Variables,
        excused: Excuse,
        eval: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        // What the statement has done before is not done on a condition.
        let stored = self.stored;
        self.note(self.at);
        let mut value = Value::default();
        self.branch(ways, controls, excused, |flow| {
            value = eval(flow);
            flow.note(flow.at);
        });
        self.stored |= stored;
        value
    }

    /// Evaluates `and` and `or`: each operand after those before it.
    pub(super) fn operands(&mut self, any: &'a ExprBoolOp) -> Value {
        let mut joined: Option<Value> = None;
        let (mut controls, mut excused, mut certain) = (0, Excuse::NONE, true);
        for operand in &any.values {
            let (mut reads, mut excuse) = (0, Excuse::NONE);
            let mut tested = |flow: &mut Self| {
                let (value, read, own) = flow.tested(operand);
                (reads, excuse) = (read, own);
                value
            };
            let value =
                if certain { tested(self) } else { self.perhaps(controls, excused, tested) };
            controls |= reads;
            excused.extend(excuse);
            let asks = reads != 0 && (any.op == BoolOp::Or || !is_plain(operand));
            excused.extend(Excuse::all_if(asks));
            self.join_into(&mut joined, &value);
            match truth(operand) {
                Some(truth) if truth == (any.op == BoolOp::Or) => break,
                Some(_) => {}
                None => certain = false,
            }
        }
        joined.unwrap_or_default()
    }

    /// Evaluates one value or the other.
    pub(super) fn arms(&mut self, choice: &'a ExprIf) -> Value {
        let (_, controls, excused) = self.tested(&choice.test);
        if let Some(truth) = truth(&choice.test) {
            return self.eval(if truth { &choice.body } else { &choice.orelse });
        }
        let [first, second] = both_arms(&choice.test, controls, excused);
        let mut ways = Ways::default();
        let mut value = self.way(&mut ways, controls, first, |flow| flow.eval(&choice.body));
        let other = self.way(&mut ways, controls, second, |flow| flow.eval(&choice.orelse));
        self.meet(&ways);
        self.heap.join(&mut value, &other);
        value.from |= controls;
        value
    }

    /// Assigns one value or the other, as an `if` with two assignments would.
    fn one_of(&mut self, choice: &'a ExprIf, targets: &'a [Expr]) {
        let (_, controls, excused) = self.tested(&choice.test);
        if let Some(truth) = truth(&choice.test) {
            self.put_into(targets, if truth { &choice.body } else { &choice.orelse });
            return;
        }
        let arms = both_arms(&choice.test, controls, excused);
        let mut ways = Ways::default();
        for (value, excused) in [&choice.body, &choice.orelse].into_iter().zip(arms) {
            self.branch(&mut ways, controls, excused, |flow| {
                flow.put_into(targets, value);
                flow.note(flow.at);
            });
        }
        self.meet(&ways);
    }

    pub(super) fn put_into(&mut self, targets: &'a [Expr], value: &'a Expr) {
        match value {
            Expr::If(choice) => {
                if self.deeper() {
                    self.one_of(choice, targets);
                    self.nested -= 1;
                }
            }
            value => {
                let value = self.valued_for(targets, value);
                for target in targets {
                    self.assign(target, &value);
                }
            }
        }
    }
}

/// Returns the excuses of both arms: the second runs where the variables are not set.
fn both_arms(test: &Expr, controls: Variables, excused: Excuse) -> [Excuse; 2] {
    let of = |asks: bool| {
        let mut both = excused;
        both.extend(Excuse::all_if(controls != 0 && asks));
        both
    };
    [of(!is_plain(test)), of(true)]
}
