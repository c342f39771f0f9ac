//! Expressions that Python evaluates only in part: `and`, `or` and `a if b else c`.

use ruff_python_ast::{BoolOp, Expr, ExprBoolOp, ExprIf};

use super::branch::{constant_truth, is_plain};
use super::exit::Ways;
use super::inspected::Excuse;
use super::state::Flow;
use super::value::{FlowValue, Variables};

impl<'a> Flow<'a> {
    /// Evaluates an expression that may be skipped, as one branch of two.
    pub(super) fn eval_maybe(
        &mut self,
        controls: Variables,
        excused: Excuse,
        eval: impl FnOnce(&mut Self) -> FlowValue,
    ) -> FlowValue {
        let mut ways = Ways::or_nothing();
        let value = self.eval_way(&mut ways, controls, excused, eval);
        self.join_ways(&ways);
        value
    }

    /// Evaluates an expression, as a branch unless it is certain to run.
    pub(super) fn eval_if_certain(
        &mut self,
        certain: bool,
        eval: impl FnOnce(&mut Self) -> FlowValue,
    ) -> FlowValue {
        if certain { eval(self) } else { self.eval_maybe(0, Excuse::NONE, eval) }
    }

    /// Evaluates a condition that may be skipped. Returns the variables in it, and its excuse.
    pub(super) fn eval_condition_maybe(
        &mut self,
        controls: Variables,
        excused: Excuse,
        test: &'a Expr,
    ) -> (Variables, Excuse) {
        let (mut reads, mut excuse) = (0, Excuse::NONE);
        self.eval_maybe(controls, excused, |flow| {
            let (value, read, own) = flow.eval_condition(test);
            (reads, excuse) = (read, own);
            value
        });
        (reads, excuse)
    }

    /// Evaluates an expression as one branch of a statement.
    fn eval_way(
        &mut self,
        ways: &mut Ways,
        controls: Variables,
        excused: Excuse,
        eval: impl FnOnce(&mut Self) -> FlowValue,
    ) -> FlowValue {
        // The effects so far are unconditional, so they are recorded before the branch.
        let stored = self.stored;
        self.note_statement(self.at);
        let mut value = FlowValue::default();
        self.run_branch(ways, controls, excused, |flow| {
            value = eval(flow);
            flow.note_statement(flow.at);
        });
        self.stored |= stored;
        value
    }

    /// Evaluates `and` and `or`: each operand may run only if those before it do not decide.
    pub(super) fn eval_bool_op(&mut self, any: &'a ExprBoolOp) -> FlowValue {
        let mut joined: Option<FlowValue> = None;
        let (mut controls, mut excused, mut certain) = (0, Excuse::NONE, true);
        for operand in &any.values {
            let (mut reads, mut excuse) = (0, Excuse::NONE);
            let mut tested = |flow: &mut Self| {
                let (value, read, own) = flow.eval_condition(operand);
                (reads, excuse) = (read, own);
                value
            };
            let value =
                if certain { tested(self) } else { self.eval_maybe(controls, excused, tested) };
            controls |= reads;
            excused.extend(excuse);
            let decides = reads != 0 && (any.op == BoolOp::Or || !is_plain(operand));
            excused.extend(Excuse::all_if(decides));
            self.join_values(&mut joined, &value);
            match constant_truth(operand) {
                Some(truth) if truth == (any.op == BoolOp::Or) => break,
                Some(_) => {}
                None => certain = false,
            }
        }
        joined.unwrap_or_default()
    }

    /// Evaluates `a if b else c`: the result may be either value.
    pub(super) fn eval_conditional(&mut self, choice: &'a ExprIf) -> FlowValue {
        let (_, controls, excused) = self.eval_condition(&choice.test);
        if let Some(truth) = constant_truth(&choice.test) {
            return self.eval(if truth { &choice.body } else { &choice.orelse });
        }
        let [first, second] = both_arms(&choice.test, controls, excused);
        let mut ways = Ways::default();
        let mut value = self.eval_way(&mut ways, controls, first, |flow| flow.eval(&choice.body));
        let other = self.eval_way(&mut ways, controls, second, |flow| flow.eval(&choice.orelse));
        self.join_ways(&ways);
        self.heap.join_values(&mut value, &other);
        value.from |= controls;
        value
    }

    /// Assigns either value, like an `if` with two assignments.
    fn assign_conditional(&mut self, choice: &'a ExprIf, targets: &'a [Expr]) {
        let (_, controls, excused) = self.eval_condition(&choice.test);
        if let Some(truth) = constant_truth(&choice.test) {
            self.assign_value(targets, if truth { &choice.body } else { &choice.orelse });
            return;
        }
        let arms = both_arms(&choice.test, controls, excused);
        let mut ways = Ways::default();
        for (value, excused) in [&choice.body, &choice.orelse].into_iter().zip(arms) {
            self.run_branch(&mut ways, controls, excused, |flow| {
                flow.assign_value(targets, value);
                flow.note_statement(flow.at);
            });
        }
        self.join_ways(&ways);
    }

    /// Assigns a value to targets. A conditional expression is assigned arm by arm.
    pub(super) fn assign_value(&mut self, targets: &'a [Expr], value: &'a Expr) {
        match value {
            Expr::If(choice) => {
                if self.go_deeper() {
                    self.assign_conditional(choice, targets);
                    self.nested -= 1;
                }
            }
            value => {
                let value = self.eval_for_targets(targets, value);
                for target in targets {
                    self.assign_target(target, &value);
                }
            }
        }
    }
}

/// Returns the excuses of both arms. The second arm runs where the variables are not set.
fn both_arms(test: &Expr, controls: Variables, excused: Excuse) -> [Excuse; 2] {
    let of = |decides: bool| {
        let mut both = excused;
        both.extend(Excuse::all_if(controls != 0 && decides));
        both
    };
    [of(!is_plain(test)), of(true)]
}
