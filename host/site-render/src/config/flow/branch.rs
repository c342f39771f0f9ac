//! Statements with bodies that may run, or run more than once.
//!
//! Of an `if` all ways are followed from the same state, and what is after it may be any of
//! them. The body of a loop runs once for each element that is known.

use ruff_python_ast::{
    BoolOp, CmpOp, ExceptHandler, Expr, ExprIf, MatchCase, Number, Pattern, Stmt, StmtFor, StmtIf,
    StmtMatch, StmtTry, StmtWhile, StmtWith, UnaryOp,
};
use ruff_text_size::Ranged as _;

use super::heap::Changes;
use super::value::{MOST, Value, Variables};
use super::{Flow, Setting};

impl<'a> Flow<'a> {
    pub(super) fn choice(&mut self, choice: &'a StmtIf) {
        let first = (Some(&*choice.test), &choice.body);
        let others =
            choice.elif_else_clauses.iter().map(|other| (other.test.as_ref(), &other.body));
        let (mut branches, mut covered) = (Vec::new(), false);
        // Whether a test before has asked for the variables, and which.
        let (mut excused, mut controls) = (false, 0);
        for (test, body) in std::iter::once(first).chain(others) {
            match test.and_then(|test| truth(test).or_else(|| self.compared(test))) {
                Some(false) => continue,
                Some(true) => covered = true,
                None => covered |= test.is_none(),
            }
            if let Some(test) = test {
                let tested = self.eval(test);
                let reads = self.heap.reach(&tested);
                controls |= reads;
                excused |= reads != 0 && !is_plain(test);
            }
            if covered && branches.is_empty() {
                // Nothing else can run.
                self.block(body);
                return;
            }
            self.branch(&mut branches, controls, excused, |flow| flow.block(body));
            // The others run where the variables are not set.
            excused |= controls != 0;
            if covered {
                break;
            }
        }
        if !covered {
            branches.push(Changes::new());
        }
        self.meet(&branches);
    }

    /// Returns whether two texts are the same, where both are known: a loop over names that
    /// are written out looks for one of them.
    fn compared(&mut self, test: &'a Expr) -> Option<bool> {
        let Expr::Compare(compare) = test else { return None };
        let ([op], [right]) = (&compare.ops[..], &compare.comparators[..]) else { return None };
        let (left, right) = (self.eval(&compare.left), self.eval(right));
        let ([left], [right]) = (left.words(), right.words()) else { return None };
        match op {
            CmpOp::Eq => Some(left == right),
            CmpOp::NotEq => Some(left != right),
            _ => None,
        }
    }

    /// Assigns one value or the other, as an `if` with two assignments would.
    pub(super) fn one_of(&mut self, choice: &'a ExprIf, targets: &'a [Expr]) {
        let tested = self.eval(&choice.test);
        let controls = self.heap.reach(&tested);
        let excused = controls != 0 && !is_plain(&choice.test);
        let mut branches = Vec::new();
        for (value, excused) in [(&choice.body, excused), (&choice.orelse, controls != 0)] {
            self.branch(&mut branches, controls, excused, |flow| {
                flow.put_into(targets, value);
                flow.note(flow.at);
            });
        }
        self.meet(&branches);
    }

    pub(super) fn put_into(&mut self, targets: &'a [Expr], value: &'a Expr) {
        let value = self.eval(value);
        for target in targets {
            self.assign(target, &value);
        }
    }

    pub(super) fn each(&mut self, each: &'a StmtFor) {
        let iterable = self.eval(&each.iter);
        let (elements, certain) = self.elements(&iterable);
        if certain {
            for element in elements.iter().take(MOST) {
                self.pass(each, element);
            }
        } else {
            let element = elements.first().cloned().unwrap_or_default();
            let mut branches = Vec::new();
            branches.push(Changes::new());
            self.branch(&mut branches, 0, false, |flow| flow.pass(each, &element));
            self.meet(&branches);
        }
        self.block(&each.orelse);
    }

    fn pass(&mut self, each: &'a StmtFor, element: &Value) {
        self.assign(&each.target, element);
        self.note(each.target.start());
        self.block(&each.body);
        // `break` and `continue` end one pass; a `return` has handed its value back.
        self.ended = self.raised;
        self.split = false;
    }

    pub(super) fn attempt(&mut self, attempt: &'a StmtTry) {
        let mut branches = vec![Changes::new()];
        let imports = |stmt: &Stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_));
        let seen = std::mem::take(&mut self.seen);
        if attempt.handlers.is_empty() || !attempt.body.iter().any(imports) {
            self.block(&attempt.body);
            self.split |= self.ended && !self.raised;
            (self.ended, self.raised) = (false, false);
        } else {
            // Only the image knows whether it has the module.
            self.branch(&mut branches, 0, false, |flow| flow.block(&attempt.body));
        }
        // What is read and is not there raises: the variables decide.
        let excused = self.seen != 0;
        self.seen |= seen;
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            self.branch(&mut branches, 0, excused, |flow| {
                if let Some(name) = &handler.name {
                    flow.bind(name.as_str(), Some(Value::default()));
                }
                flow.block(&handler.body);
            });
        }
        self.meet(&branches);
        self.block(&attempt.orelse);
        self.block(&attempt.finalbody);
    }

    pub(super) fn with(&mut self, with: &'a StmtWith) {
        for item in &with.items {
            let value = self.eval(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.assign(target, &value);
            }
        }
        self.note(self.at);
        self.block(&with.body);
    }

    /// Runs something that may not run, takes it back, and adds what it would change; nothing
    /// where it raises.
    pub(super) fn branch(
        &mut self,
        branches: &mut Vec<Changes>,
        controls: Variables,
        excused: bool,
        body: impl FnOnce(&mut Self),
    ) {
        let began: Vec<_> = self.settings.iter_mut().map(Setting::begin_branch).collect();
        let outer = (self.controls, self.heap.begin());
        self.controls |= controls;
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.controls = outer.0;
        let changes = self.heap.take_back(outer.1);
        let excused = excused || self.raised;
        for (setting, began) in self.settings.iter_mut().zip(began) {
            setting.end_branch(began, excused, self.depth);
        }
        self.split |= self.ended && !self.raised;
        self.ended = false;
        if !std::mem::take(&mut self.raised) {
            branches.push(changes);
        }
    }

    pub(super) fn meet(&mut self, branches: &[Changes]) {
        if branches.is_empty() {
            return;
        }
        self.heap.merge(branches);
        self.heap.end_statement();
        for number in 0..self.settings.len() {
            let now = self.reach_of(number, |_| {});
            self.settings[number].meet(now);
        }
    }

    pub(super) fn again(&mut self, again: &'a StmtWhile) {
        let test = self.eval(&again.test);
        let controls = self.heap.reach(&test);
        if truth(&again.test) != Some(false) {
            let mut branches = vec![Changes::new()];
            self.branch(&mut branches, controls, false, |flow| flow.block(&again.body));
            self.meet(&branches);
            self.split = false;
        }
        self.block(&again.orelse);
    }

    pub(super) fn matched(&mut self, matched: &'a StmtMatch) {
        let subject = self.eval(&matched.subject);
        let controls = self.heap.reach(&subject);
        let any = |case: &MatchCase| case.guard.is_none() && case.pattern.is_irrefutable();
        let covered = matched.cases.iter().any(any);
        let mut branches = if covered { Vec::new() } else { vec![Changes::new()] };
        for case in &matched.cases {
            self.branch(&mut branches, controls, controls != 0, |flow| {
                flow.capture(&case.pattern, &subject);
                case.guard.iter().for_each(|guard| drop(flow.eval(guard)));
                flow.block(&case.body);
            });
        }
        self.meet(&branches);
    }

    fn capture(&mut self, pattern: &'a Pattern, subject: &Value) {
        let name = match pattern {
            Pattern::MatchAs(captured) => captured.name.as_ref(),
            Pattern::MatchStar(rest) => rest.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name.as_str(), Some(subject.clone()));
            self.note(pattern.start());
        }
    }
}

/// Returns the value of a test that does not depend on anything.
fn truth(test: &Expr) -> Option<bool> {
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
fn is_plain(test: &Expr) -> bool {
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
