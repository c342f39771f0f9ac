//! Statements, in the order in which Python runs them.
//!
//! Of an `if` both ways are followed from the same state, and what is after it may be either.

use std::rc::Rc;

use ruff_python_ast::{
    ExceptHandler, Expr, MatchCase, Pattern, Stmt, StmtFor, StmtIf, StmtTry, StmtWith,
};
use ruff_text_size::Ranged as _;

use super::heap::{Changes, MODULE, Slot};
use super::value::{Known, MOST, Value, Variables};
use super::{Flow, Function};

impl<'a> Flow<'a> {
    pub(super) fn block(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.heap.spent() || self.ended {
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
            Stmt::While(again) => {
                let test = self.eval(&again.test);
                let controls = self.heap.reach(&test);
                if truth(&again.test) != Some(false) {
                    let mut branches = vec![Changes::new()];
                    self.branch(&mut branches, controls, false, |flow| flow.block(&again.body));
                    self.meet(&branches);
                }
                self.block(&again.orelse);
            }
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::With(with) => self.with(with),
            Stmt::Match(matched) => {
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
            _ => {
                self.simple(stmt);
                self.note(stmt.start());
            }
        }
    }

    /// Runs a statement without a body that is run here.
    fn simple(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                let value = self.eval(&assign.value);
                assign.targets.iter().for_each(|target| self.assign(target, &value));
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.eval(value);
                    self.assign(&assign.target, &value);
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
                self.ended = true;
            }
            Stmt::Raise(_) => {
                self.ended = true;
                self.raised = true;
            }
            Stmt::Break(_) | Stmt::Continue(_) => self.ended = true,
            Stmt::FunctionDef(def) => {
                // A decorator may make anything of it.
                let known = if def.decorator_list.is_empty() {
                    self.function_known(Function::Def(def))
                } else {
                    Known::Nothing
                };
                self.bind(def.name.as_str(), Some(Value { known, ..Value::default() }));
            }
            Stmt::ClassDef(class) => {
                self.enter();
                self.block(&class.body);
                let names = self.leave();
                let id = self.heap.object(true);
                for (name, value) in names {
                    self.heap.set(Slot::Field(id, format!(".{name}").into()), Some(value));
                }
                self.bind(class.name.as_str(), Some(Value::object(id)));
            }
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(stmt),
            Stmt::Global(global) => {
                self.globals.extend(global.names.iter().map(|name| name.as_str()));
            }
            Stmt::Assert(assert) => drop(self.eval(&assert.test)),
            _ => {}
        }
    }

    fn choice(&mut self, choice: &'a StmtIf) {
        let first = (Some(&*choice.test), &choice.body);
        let others =
            choice.elif_else_clauses.iter().map(|other| (other.test.as_ref(), &other.body));
        let (mut branches, mut covered) = (Vec::new(), false);
        // Whether a test before has asked for the variables, and which.
        let (mut excused, mut controls) = (false, 0);
        for (test, body) in std::iter::once(first).chain(others) {
            match test.and_then(truth) {
                Some(false) => continue,
                Some(true) => {
                    covered = true;
                }
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

    fn each(&mut self, each: &'a StmtFor) {
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
    }

    fn attempt(&mut self, attempt: &'a StmtTry) {
        self.block(&attempt.body);
        let mut branches = vec![Changes::new()];
        (self.ended, self.raised) = (false, false);
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            self.branch(&mut branches, 0, false, |flow| {
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

    fn with(&mut self, with: &'a StmtWith) {
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
    fn branch(
        &mut self,
        branches: &mut Vec<Changes>,
        controls: Variables,
        excused: bool,
        body: impl FnOnce(&mut Self),
    ) {
        let began: Vec<_> = self.settings.iter_mut().map(super::Setting::begin_branch).collect();
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
        self.ended = false;
        if !std::mem::take(&mut self.raised) {
            branches.push(changes);
        }
    }

    fn meet(&mut self, branches: &[Changes]) {
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
            ruff_python_ast::Number::Int(int) => int.as_u8().map(|int| int != 0),
            _ => None,
        },
        Expr::Name(name) if name.id == "TYPE_CHECKING" => Some(false),
        Expr::UnaryOp(not) if not.op == ruff_python_ast::UnaryOp::Not => {
            truth(&not.operand).map(|truth| !truth)
        }
        _ => None,
    }
}

/// Returns whether a test asks for no more than that something is set.
fn is_plain(test: &Expr) -> bool {
    match test {
        Expr::BoolOp(all) if all.op == ruff_python_ast::BoolOp::And => {
            all.values.iter().all(is_plain)
        }
        Expr::Name(_)
        | Expr::Call(_)
        | Expr::Named(_)
        | Expr::Subscript(_)
        | Expr::Attribute(_) => true,
        _ => false,
    }
}
