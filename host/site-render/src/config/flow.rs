//! What becomes of the variables that a config reads: which settings they shape, and whether
//! a later statement or layer throws that away.
//!
//! The layers are followed as Python would run them, one after the other, in one module.
//! Nothing is run and nothing is guessed: what cannot be followed (`exec`, a key that is
//! computed, a call into another module) is taken to keep what it was given. Steps are
//! limited by the length of the text; after that many, nothing is said of it.

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

/// Steps for each byte of the text, and for each text: the example's configs take one a byte.
const STEPS_PER_BYTE: usize = 16;
const STEPS: usize = 1 << 18;

/// How deep expressions, blocks and calls may be in each other: a text alone may nest 200 deep
/// (`depth`), and a function that calls itself as often again.
const DEEPEST: usize = 160;

/// What was found.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Statements that throw variables away.
    pub(crate) losses: Vec<Loss>,
    /// Variables that are read, with where first.
    pub(crate) read: BTreeMap<String, Spot>,
    /// Where a variable is read first whose name cannot be computed.
    pub(crate) computed: Option<Spot>,
    /// Variables that shape no setting, whether they are read or not.
    pub(crate) unused: Vec<String>,
    /// A star import that may bind the settings anew.
    pub(crate) late_star: Option<Spot>,
    /// Whether it is all of it.
    pub(crate) whole: bool,
    #[cfg(test)]
    steps: usize,
}

/// Follows the variables through the layers; at most 64 of them.
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

/// A function of the config.
#[derive(Clone, Copy)]
enum Function<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// A config that is followed.
struct Flow<'a> {
    heap: Heap,
    variables: &'a [String],
    /// Prefixes that the config gives its readers.
    prefixes: BTreeSet<&'a str>,
    settings: Vec<WatchedSetting<'a>>,
    /// Functions, with the layer that each is in, and whether it is within another.
    functions: Vec<(Function<'a>, usize, bool)>,
    /// Modules of star imports, with the layer that has them first.
    stars: Vec<(usize, &'a str)>,
    late_star: Option<Spot>,
    /// Scopes that the names of a function are looked up in, before the module's.
    visible: Vec<usize>,
    /// Names of the module that the function binds.
    globals: BTreeSet<&'a str>,
    /// How many functions are running, and what each has handed back.
    calls: usize,
    returned: Vec<Option<FlowValue>>,
    /// Where it is.
    layer: usize,
    at: TextSize,
    /// How many expressions and blocks are around.
    nested: usize,
    /// How many branches are around, and the variables that decide on them.
    depth: usize,
    controls: Variables,
    /// How the block has ended, if it has.
    ended: Option<Exit>,
    /// How branches have left the block while others go on.
    left: Exits,
    /// Variables that were read since a `try`.
    seen: Variables,
    /// What the statement has bound of the settings, and variables in what it has stored.
    bound: Vec<std::rc::Rc<str>>,
    stored: Variables,
    /// Variables that code of others was given beside a container.
    escaped: Variables,
    read_at: BTreeMap<usize, Spot>,
    inspections: Inspections,
    /// Settings of other modules by the same names.
    namesakes: BTreeSet<HeapSlot>,
    /// Where a variable is read first whose name is not known.
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

    /// Notes what a statement has done to the settings.
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

    fn reach_of(&mut self, number: usize, each: impl FnMut(Id)) -> Variables {
        let slot = HeapSlot::Name(MODULE, self.settings[number].name.into());
        let value = self.heap.get(&slot).cloned().unwrap_or_default();
        self.heap.visit_reachable(&value, each)
    }

    /// Goes one expression or block deeper, unless that is too deep for the stack.
    fn go_deeper(&mut self) -> bool {
        if self.nested >= DEEPEST {
            self.heap.give_up();
            return false;
        }
        self.nested += 1;
        true
    }

    fn register_function(&mut self, function: Function<'a>) -> KnownAs {
        self.functions.push((function, self.layer, !self.visible.is_empty()));
        KnownAs::Function(self.functions.len() - 1)
    }

    fn join_returned(&mut self, value: &FlowValue) {
        if let Some(mut returned) = self.returned.pop() {
            self.join_values(&mut returned, value);
            self.returned.push(returned);
        }
    }

    /// Makes it the other value where it is none yet, else either of both.
    fn join_values(&mut self, value: &mut Option<FlowValue>, other: &FlowValue) {
        match value {
            Some(value) => self.heap.join_values(value, other),
            None => *value = Some(other.clone()),
        }
    }

    fn enter_scope(&mut self) {
        let scope = self.heap.push_scope();
        self.visible.push(scope);
    }

    fn leave_scope(&mut self) -> BTreeMap<std::rc::Rc<str>, FlowValue> {
        self.visible.pop();
        self.heap.pop_scope()
    }
}
