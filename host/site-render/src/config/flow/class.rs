//! Classes, and functions with decorators: when, and with what, their code runs is not known.
//!
//! It is run on trial. What it reads is read, and what it shapes is shaped, but it changes
//! nothing: a setting neither has nor loses anything by it.

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};

use super::asked::Excuse;
use super::call::Given;
use super::exit::Ways;
use super::heap::Slot;
use super::state::{Flow, Function};
use super::value::{Known, Value};
use crate::config::readers;

/// Decorators of Python that leave a function what it is, by the last of their dotted name.
const TRANSPARENT: &[&str] = &["cache", "lru_cache", "staticmethod"];

impl<'a> Flow<'a> {
    pub(super) fn define(&mut self, def: &'a StmtFunctionDef) {
        let known = self.function_known(Function::Def(def));
        let decorated = !def.decorator_list.iter().all(|one| is_transparent(&one.expression));
        let known = match known {
            Known::Function(number) if decorated => {
                // A decorator may call it: `@register`.
                if def.parameters.iter_non_variadic_params().all(|one| one.default().is_some()) {
                    self.on_trial(|flow| flow.run(number, Given::default()));
                }
                Known::Decorated(number)
            }
            known => known,
        };
        self.bind(def.name.as_str(), Some(Value { known, ..Value::default() }));
    }

    pub(super) fn define_class(&mut self, class: &'a StmtClassDef) {
        let arguments = class.arguments.iter();
        let bases: Vec<Value> =
            arguments.flat_map(|given| &given.args).map(|base| self.eval(base)).collect();
        let reader = bases.iter().find(|base| base.path().is_some_and(makes_a_reader));
        if let (Some(reader), true) = (reader, class.body.iter().all(says_nothing)) {
            self.bind(class.name.as_str(), Some(reader.clone()));
            return;
        }
        if reader.is_some() || bases.iter().any(|base| base.path().is_some_and(is_settings)) {
            self.note_computed();
        }
        let mut from = bases.iter().fold(0, |from, base| from | self.heap.reach(base));
        self.enter();
        self.block(&class.body);
        let seen = std::mem::take(&mut self.seen);
        for stmt in &class.body {
            if let Stmt::FunctionDef(def) = stmt
                && let Known::Function(number) = self.function_known(Function::Def(def))
            {
                self.on_trial(|flow| flow.run(number, Given::default()));
            }
        }
        from |= self.seen;
        self.seen |= seen;
        let names = self.leave();
        let id = self.heap.object(true);
        for (name, value) in names {
            self.heap.set(Slot::Field(id, format!(".{name}").into()), Some(value));
        }
        self.bind(class.name.as_str(), Some(Value { from, ..Value::object(id) }));
    }

    /// Runs something that may run at another time, or never, and takes back what it changes;
    /// returns something that is made of the same.
    pub(super) fn on_trial(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        let stored = self.stored;
        self.note(self.at);
        let before = self.settings.clone();
        self.heap.step(before.len());
        let mut from = 0;
        self.branch(&mut Ways::default(), 0, Excuse::ALL, |flow| {
            let value = run(flow);
            flow.note(flow.at);
            from = flow.heap.reach(&value);
        });
        for (setting, before) in self.settings.iter_mut().zip(before) {
            setting.go_back_to(before);
        }
        self.stored |= stored;
        Value { from, ..Value::object(self.heap.object(true)) }
    }

    /// Notes that a variable is read whose name is not known.
    pub(super) fn note_computed(&mut self) {
        self.computed.get_or_insert((self.layer, self.at));
    }

    /// Notes the same where code that is not followed is given the environment, or what reads
    /// it.
    pub(super) fn hand_over(&mut self, given: &Given) {
        let reads = |value: &Value| match &value.known {
            Known::Path(path) => readers::is_environment(path) || readers::reads(path),
            Known::Method(method) => {
                method.0.path().is_some_and(|path| readers::reads(&format!("{path}.{}", method.1)))
            }
            _ => false,
        };
        if given.all().any(reads) {
            self.note_computed();
        }
    }
}

fn is_transparent(decorator: &Expr) -> bool {
    match decorator {
        Expr::Call(call) => is_transparent(&call.func),
        Expr::Attribute(attribute) => TRANSPARENT.contains(&attribute.attr.as_str()),
        Expr::Name(name) => TRANSPARENT.contains(&name.id.as_str()),
        _ => false,
    }
}

/// Returns whether a call of the class makes what reads variables.
fn makes_a_reader(path: &str) -> bool {
    readers::reads(&format!("{path}()"))
}

/// Returns whether it is the class of pydantic whose fields are read from the environment.
fn is_settings(path: &str) -> bool {
    path.rsplit('.').next() == Some("BaseSettings")
}

/// Returns whether a statement of a class leaves it what its base is.
fn says_nothing(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Pass(_) => true,
        Stmt::Expr(expr) => expr.value.is_literal_expr(),
        _ => false,
    }
}
