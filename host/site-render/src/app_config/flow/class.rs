//! Classes and decorated functions. It is not known when their code runs, or with which arguments.
//!
//! The analysis runs such code on trial: it records what the code reads and the settings that it
//! may shape, and then undoes all changes, so that no setting gains or loses anything.

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};

use super::call::CallArguments;
use super::exit::Ways;
use super::heap::HeapSlot;
use super::inspected::Excuse;
use super::state::{Flow, Function};
use super::value::{FlowValue, KnownAs};
use crate::app_config::readers;

/// Decorators of Python that do not change the function, by the last part of their dotted name.
const TRANSPARENT: &[&str] = &["cache", "lru_cache", "staticmethod"];

impl<'a> Flow<'a> {
    /// Binds a function. A decorated one is run on trial, because the decorator may call it.
    pub(super) fn define_function(&mut self, def: &'a StmtFunctionDef) {
        let known = self.register_function(Function::Def(def));
        let decorated = !def.decorator_list.iter().all(|one| is_transparent(&one.expression));
        let known = match known {
            KnownAs::Function(number) if decorated => {
                // The decorator may call the function: `@register`.
                if def.parameters.iter_non_variadic_params().all(|one| one.default().is_some()) {
                    self.run_on_trial(|flow| flow.run_function(number, CallArguments::default()));
                }
                KnownAs::Decorated(number)
            }
            known => known,
        };
        self.bind_name(def.name.as_str(), Some(FlowValue { known, ..FlowValue::default() }));
    }

    /// Binds a class, and runs its body and its methods on trial.
    pub(super) fn define_class(&mut self, class: &'a StmtClassDef) {
        let arguments = class.arguments.iter();
        let bases: Vec<FlowValue> =
            arguments.flat_map(|args| &args.args).map(|base| self.eval(base)).collect();
        let reader = bases.iter().find(|base| base.path().is_some_and(makes_a_reader));
        if let (Some(reader), true) = (reader, class.body.iter().all(adds_nothing)) {
            self.bind_name(class.name.as_str(), Some(reader.clone()));
            return;
        }
        if reader.is_some() || bases.iter().any(|base| base.path().is_some_and(is_settings)) {
            self.note_computed();
        }
        let mut from = bases.iter().fold(0, |from, base| from | self.heap.variables_of(base));
        self.enter_scope();
        self.run_block(&class.body);
        let seen = std::mem::take(&mut self.seen);
        for stmt in &class.body {
            if let Stmt::FunctionDef(def) = stmt
                && let KnownAs::Function(number) = self.register_function(Function::Def(def))
            {
                self.run_on_trial(|flow| flow.run_function(number, CallArguments::default()));
            }
        }
        from |= self.seen;
        self.seen |= seen;
        let names = self.leave_scope();
        let id = self.heap.new_container(true);
        for (name, value) in names {
            self.heap.set(HeapSlot::Field(id, format!(".{name}").into()), Some(value));
        }
        self.bind_name(
            class.name.as_str(),
            Some(FlowValue { from, ..FlowValue::from_container(id) }),
        );
    }

    /// Runs code that may run later or never, and undoes its changes. Returns an unknown value
    /// that depends on the same variables.
    pub(super) fn run_on_trial(&mut self, run: impl FnOnce(&mut Self) -> FlowValue) -> FlowValue {
        let stored = self.stored;
        self.note_statement(self.at);
        let before = self.settings.clone();
        self.heap.take_steps(before.len());
        let mut from = 0;
        self.run_branch(&mut Ways::default(), 0, Excuse::ALL, |flow| {
            let value = run(flow);
            flow.note_statement(flow.at);
            from = flow.heap.variables_of(&value);
        });
        for (setting, before) in self.settings.iter_mut().zip(before) {
            setting.go_back_to(before);
        }
        self.stored |= stored;
        FlowValue { from, ..FlowValue::from_container(self.heap.new_container(true)) }
    }

    /// Records the first read of a variable whose name is not known.
    pub(super) fn note_computed(&mut self) {
        self.computed.get_or_insert((self.layer, self.at));
    }

    /// Records a read of unknown variables if the environment, or a reader of it, is passed to
    /// code that is not followed.
    pub(super) fn note_readers_passed(&mut self, args: &CallArguments) {
        let reads = |value: &FlowValue| match &value.known {
            KnownAs::Path(path) => readers::is_environment(path) || readers::reads_variable(path),
            KnownAs::Method(method) => method
                .0
                .path()
                .is_some_and(|path| readers::reads_variable(&format!("{path}.{}", method.1))),
            _ => false,
        };
        if args.all_values().any(reads) {
            self.note_computed();
        }
    }
}

/// Returns whether a decorator leaves the function unchanged.
fn is_transparent(decorator: &Expr) -> bool {
    match decorator {
        Expr::Call(call) => is_transparent(&call.func),
        Expr::Attribute(attribute) => TRANSPARENT.contains(&attribute.attr.as_str()),
        Expr::Name(name) => TRANSPARENT.contains(&name.id.as_str()),
        _ => false,
    }
}

/// Returns whether an instance of the class reads variables when it is called.
fn makes_a_reader(path: &str) -> bool {
    readers::reads_variable(&format!("{path}()"))
}

/// Returns whether it is pydantic's settings class, whose fields are read from the environment.
fn is_settings(path: &str) -> bool {
    path.rsplit('.').next() == Some("BaseSettings")
}

/// Returns whether a statement in a class leaves the behaviour of its base unchanged.
fn adds_nothing(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Pass(_) => true,
        Stmt::Expr(expr) => expr.value.is_literal_expr(),
        _ => false,
    }
}
