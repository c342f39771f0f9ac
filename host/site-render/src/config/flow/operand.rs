//! Expressions of which Python evaluates some parts only on a condition.

use ruff_python_ast::{BoolOp, Expr, ExprBoolOp, ExprIf};

use super::Flow;
use super::branch::{is_plain, truth};
use super::exit::Ways;
use super::value::{Value, Variables};

impl<'a> Flow<'a> {
    /// Evaluates something that may not be evaluated: what it does is one way of two.
    pub(super) fn perhaps(
        &mut self,
        controls: Variables,
        excused: bool,
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
        if certain { eval(self) } else { self.perhaps(0, false, eval) }
    }

    fn way(
        &mut self,
        ways: &mut Ways,
        controls: Variables,
        excused: bool,
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
        let (mut controls, mut excused, mut certain) = (0, false, true);
        for operand in &any.values {
            let value = if certain {
                self.eval(operand)
            } else {
                self.perhaps(controls, excused, |flow| flow.eval(operand))
            };
            let reads = self.heap.reach(&value);
            controls |= reads;
            excused |= reads != 0 && (any.op == BoolOp::Or || !is_plain(operand));
            match &mut joined {
                Some(joined) => self.heap.join(joined, &value),
                None => joined = Some(value),
            }
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
        let test = self.eval(&choice.test);
        if let Some(truth) = truth(&choice.test) {
            return self.eval(if truth { &choice.body } else { &choice.orelse });
        }
        let controls = self.heap.reach(&test);
        let excused = controls != 0 && !is_plain(&choice.test);
        let mut ways = Ways::default();
        let mut value = self.way(&mut ways, controls, excused, |flow| flow.eval(&choice.body));
        let other = self.way(&mut ways, controls, controls != 0, |flow| flow.eval(&choice.orelse));
        self.meet(&ways);
        self.heap.join(&mut value, &other);
        value.from |= controls;
        value
    }

    /// Assigns one value or the other, as an `if` with two assignments would.
    fn one_of(&mut self, choice: &'a ExprIf, targets: &'a [Expr]) {
        let tested = self.eval(&choice.test);
        if let Some(truth) = truth(&choice.test) {
            self.put_into(targets, if truth { &choice.body } else { &choice.orelse });
            return;
        }
        let controls = self.heap.reach(&tested);
        let excused = controls != 0 && !is_plain(&choice.test);
        let mut ways = Ways::default();
        for (value, excused) in [(&choice.body, excused), (&choice.orelse, controls != 0)] {
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
                let value = self.eval(value);
                for target in targets {
                    self.assign(target, &value);
                }
            }
        }
    }
}
