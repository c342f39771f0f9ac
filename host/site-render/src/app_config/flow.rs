//! Data-flow analysis of a configuration: finds the settings that are made from environment
//! variables, and the statements or layers that later replace those values.
//!
//! The analysis follows the layers in the order in which Python runs them, as one module. It runs
//! no Python code. Where it cannot follow a value (`exec`, a computed key, a call into another
//! module), it assumes that the result still depends on all inputs, so that it reports no false
//! losses. A step limit that grows with the length of the text bounds its time; when the limit is
//! reached, it reports nothing about the settings.
//!
//! Terms: a variable *shapes* a setting whose value is made from it. A *loss* is a statement after
//! which the setting no longer contains the variable. An *excuse* covers the settings that a
//! condition replaces on purpose.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{ExprLambda, StmtFunctionDef};
use ruff_python_parser::parse_module;
use ruff_text_size::TextSize;

use super::python::Module;

mod inspected;
mod try_with;
mod branch;
mod call;
mod class;
mod eval;
mod exit;
mod function;
mod heap;
mod lookup;
mod memo;
mod method;
mod conditional;
mod loops;
mod run;
mod store;
#[cfg(test)]
mod tests;
mod value;
mod watch;
mod text_values;

use exit::{Exit, Exits};
use heap::{Heap, HeapSlot, MODULE};
use inspected::Inspections;
pub(crate) use memo::Memo;
use value::{FlowValue, Id, KnownAs, Variables};
pub(crate) use watch::{Loss, Spot};
use watch::{StatementEffect, WatchedSetting};

/// The step limit: so many for each byte of the text, plus a base. The configurations of the
/// example fleet take about one step per byte.
const STEPS_PER_BYTE: usize = 16;
const STEPS: usize = 1 << 18;

/// The maximum nesting of expressions, blocks and calls. A text alone may nest 200 deep (`depth`),
/// and a recursive function adds as much again for each call.
const DEEPEST: usize = 160;

/// The result of the analysis.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Statements that remove variables from a setting.
    pub(crate) losses: Vec<Loss>,
    /// The variables that are read, with the first place.
    pub(crate) read: BTreeMap<String, Spot>,
    /// The first read of a variable whose name cannot be computed.
    pub(crate) computed: Option<Spot>,
    /// The variables that shape no setting, whether they are read or not.
    pub(crate) unused: Vec<String>,
    /// A star import that may bind the settings again.
    pub(crate) late_star: Option<Spot>,
    /// Whether the analysis is complete: it did not reach the step limit.
    pub(crate) whole: bool,
    #[cfg(test)]
    steps: usize,
}

/// Follows the variables through the layers. Only the first 64 are followed: a `Variables` set is
/// a 64-bit mask.
fn follow_modules(modules: &[&Module], variables: &[String], settings: &[String]) -> Followed {
    let variables = &variables[..variables.len().min(Variables::BITS as usize)];
    let parsed: Vec<_> =
        modules.iter().map(|module| parse_module(&module.file.text).ok()).collect();
    let bytes: usize = modules.iter().map(|module| module.file.text.len()).sum();
    let mut flow = Flow::new(bytes, variables, settings);
    flow.prefixes =
        modules.iter().flat_map(|module| &module.facts.prefixes).map(|one| &**one).collect();
    for (layer, parsed) in parsed.iter().enumerate() {
        if let Some(parsed) = parsed {
            flow.layer = layer;
            flow.run_block(parsed.suite());
            (flow.ended, flow.left) = (None, Exits::default());
        }
    }
    // A value that unknown code received may be used there.
    let elsewhere = flow.escaped | flow.variables_elsewhere();
    let used = flow.settings.iter().fold(elsewhere, |used, one| used | one.ever_made_from());
    let unused = variables.iter().enumerate().filter(|(number, _)| used & (1 << number) == 0);
    Followed {
        unused: unused.map(|(_, name)| name.clone()).collect(),
        read: flow.read_at.iter().map(|(number, at)| (variables[*number].clone(), *at)).collect(),
        losses: flow.settings.iter().flat_map(WatchedSetting::losses).collect(),
        computed: flow.computed,
        late_star: flow.late_star,
        whole: !flow.heap.is_exhausted(),
        #[cfg(test)]
        steps: flow.heap.steps(),
    }
}

/// A function of the configuration.
#[derive(Clone, Copy)]
enum Function<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// The state of the analysis.
struct Flow<'a> {
    heap: Heap,
    variables: &'a [String],
    /// The prefixes that the configuration sets on its readers.
    prefixes: BTreeSet<&'a str>,
    settings: Vec<WatchedSetting<'a>>,
    /// Functions, each with its layer, and whether it is nested in another.
    functions: Vec<(Function<'a>, usize, bool)>,
    /// Modules of star imports, each with the first layer that has it.
    stars: Vec<(usize, &'a str)>,
    late_star: Option<Spot>,
    /// The scopes in which the names of a function are looked up before the module's.
    visible: Vec<usize>,
    /// The names that the running function declares `global`.
    globals: BTreeSet<&'a str>,
    /// The number of running functions, and the value that each has returned so far.
    calls: usize,
    returned: Vec<Option<FlowValue>>,
    /// The layer and the place of the current statement.
    layer: usize,
    at: TextSize,
    /// The number of enclosing expressions and blocks.
    nested: usize,
    /// The number of enclosing branches, and the variables in their conditions.
    depth: usize,
    controls: Variables,
    /// The exit that has ended the block, if any.
    ended: Option<Exit>,
    /// The exits that some branches have taken while others continue.
    left: Exits,
    /// The variables that were read since the enclosing `try` began.
    seen: Variables,
    /// The settings that the current statement has bound, and the variables in the values that it
    /// has stored.
    bound: Vec<std::rc::Rc<str>>,
    stored: Variables,
    /// The variables that were passed to code outside the configuration together with a container.
    escaped: Variables,
    read_at: BTreeMap<usize, Spot>,
    inspections: Inspections,
    /// Settings of the same names in other modules.
    namesakes: BTreeSet<HeapSlot>,
    /// The first read of a variable whose name is not known.
    computed: Option<Spot>,
}

impl<'a> Flow<'a> {
    fn new(bytes: usize, variables: &'a [String], settings: &'a [String]) -> Self {
        Self {
            heap: Heap::new(STEPS + STEPS_PER_BYTE * bytes),
            variables,
            prefixes: BTreeSet::new(),
            settings: settings.iter().map(|name| WatchedSetting::new(name)).collect(),
            functions: Vec::new(),
            stars: Vec::new(),
            late_star: None,
            visible: Vec::new(),
            globals: BTreeSet::new(),
            calls: 0,
            returned: Vec::new(),
            layer: 0,
            at: TextSize::default(),
            nested: 0,
            depth: 0,
            controls: 0,
            ended: None,
            left: Exits::default(),
            seen: 0,
            bound: Vec::new(),
            stored: 0,
            escaped: 0,
            read_at: BTreeMap::new(),
            inspections: Inspections::default(),
            namesakes: BTreeSet::new(),
            computed: None,
        }
    }

    /// Records the effect of a statement on the settings.
    fn note_statement(&mut self, at: TextSize) {
        let touched = self.heap.end_statement();
        let bound = std::mem::take(&mut self.bound);
        let stored = std::mem::take(&mut self.stored);
        if touched.is_empty() && bound.is_empty() {
            return;
        }
        let at = (self.layer, at);
        let done = StatementEffect { at, stored, controls: self.controls, depth: self.depth };
        let touched: BTreeSet<Id> = touched.into_iter().collect();
        for number in 0..self.settings.len() {
            let mut changed = bound.iter().any(|name| **name == *self.settings[number].name);
            let now = self.reach_of(number, |id| changed |= touched.contains(&id));
            self.settings[number].note_statement(now, changed, &done);
        }
    }

    /// Returns the variables in a setting, and calls `each` with every container in it.
    fn reach_of(&mut self, number: usize, each: impl FnMut(Id)) -> Variables {
        let slot = HeapSlot::Name(MODULE, self.settings[number].name.into());
        let value = self.heap.get(&slot).cloned().unwrap_or_default();
        self.heap.visit_reachable(&value, each)
    }

    /// Enters one more expression or block. Returns `false`, and ends the analysis, at the nesting
    /// limit.
    fn go_deeper(&mut self) -> bool {
        if self.nested >= DEEPEST {
            self.heap.give_up();
            return false;
        }
        self.nested += 1;
        true
    }

    /// Registers a function, and returns the fact that identifies it.
    fn register_function(&mut self, function: Function<'a>) -> KnownAs {
        self.functions.push((function, self.layer, !self.visible.is_empty()));
        KnownAs::Function(self.functions.len() - 1)
    }

    /// Joins a returned value into the result of the running function.
    fn join_returned(&mut self, value: &FlowValue) {
        if let Some(mut returned) = self.returned.pop() {
            self.join_values(&mut returned, value);
            self.returned.push(returned);
        }
    }

    /// Joins a value into another, or sets it if there is none yet.
    fn join_values(&mut self, value: &mut Option<FlowValue>, other: &FlowValue) {
        match value {
            Some(value) => self.heap.join_values(value, other),
            None => *value = Some(other.clone()),
        }
    }

    /// Enters the scope of a function.
    fn enter_scope(&mut self) {
        let scope = self.heap.push_scope();
        self.visible.push(scope);
    }

    /// Leaves the scope of a function, and returns its names.
    fn leave_scope(&mut self) -> BTreeMap<std::rc::Rc<str>, FlowValue> {
        self.visible.pop();
        self.heap.pop_scope()
    }
}
