//! The state of the analysis of one configuration.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{ExprLambda, StmtFunctionDef};
use ruff_text_size::TextSize;

use super::exit::{Exit, Exits};
use super::heap::{Heap, HeapSlot, MODULE};
use super::inspected::Inspections;
use super::value::{FlowValue, Id, KnownAs, Variables};
use super::watch::{Spot, StatementEffect, WatchedSetting};

/// The step limit: so many for each byte of the text, plus a base. The configurations of the
/// example fleet take about one step per byte.
pub(super) const STEPS_PER_BYTE: usize = 16;
pub(super) const STEPS: usize = 1 << 18;

/// The maximum nesting of expressions, blocks and calls. A text alone may nest 200 deep (`depth`),
/// and a recursive function adds as much again for each call.
const DEEPEST: usize = 160;

/// A function of the configuration.
#[derive(Clone, Copy)]
pub(super) enum Function<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// The state of the analysis.
pub(super) struct Flow<'a> {
    pub(super) heap: Heap,
    pub(super) variables: &'a [String],
    /// The prefixes that the configuration sets on its readers.
    pub(super) prefixes: BTreeSet<&'a str>,
    pub(super) settings: Vec<WatchedSetting<'a>>,
    /// Functions, each with its layer, and whether it is nested in another.
    pub(super) functions: Vec<(Function<'a>, usize, bool)>,
    /// Modules of star imports, each with the first layer that has it.
    pub(super) stars: Vec<(usize, &'a str)>,
    pub(super) late_star: Option<Spot>,
    /// The scopes in which the names of a function are looked up before the module's.
    pub(super) visible: Vec<usize>,
    /// The names that the running function declares `global`.
    pub(super) globals: BTreeSet<&'a str>,
    /// The number of running functions, and the value that each has returned so far.
    pub(super) calls: usize,
    pub(super) returned: Vec<Option<FlowValue>>,
    /// The layer and the place of the current statement.
    pub(super) layer: usize,
    pub(super) at: TextSize,
    /// The number of enclosing expressions and blocks.
    pub(super) nested: usize,
    /// The number of enclosing branches, and the variables in their conditions.
    pub(super) depth: usize,
    pub(super) controls: Variables,
    /// The exit that has ended the block, if any.
    pub(super) ended: Option<Exit>,
    /// The exits that some branches have taken while others continue.
    pub(super) left: Exits,
    /// The variables that were read since the enclosing `try` began.
    pub(super) seen: Variables,
    /// The settings that the current statement has bound, and the variables in the values that it
    /// has stored.
    pub(super) bound: Vec<std::rc::Rc<str>>,
    pub(super) stored: Variables,
    /// The variables that were passed to code outside the configuration together with a container.
    pub(super) escaped: Variables,
    pub(super) read_at: BTreeMap<usize, Spot>,
    pub(super) inspections: Inspections,
    /// Settings of the same names in other modules.
    pub(super) namesakes: BTreeSet<HeapSlot>,
    /// The first read of a variable whose name is not known.
    pub(super) computed: Option<Spot>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(bytes: usize, variables: &'a [String], settings: &'a [String]) -> Self {
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
    pub(super) fn note_statement(&mut self, at: TextSize) {
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
    pub(super) fn reach_of(&mut self, number: usize, each: impl FnMut(Id)) -> Variables {
        let slot = HeapSlot::Name(MODULE, self.settings[number].name.into());
        let value = self.heap.get(&slot).cloned().unwrap_or_default();
        self.heap.visit_reachable(&value, each)
    }

    /// Enters one more expression or block. Returns `false`, and ends the analysis, at the nesting
    /// limit.
    pub(super) fn go_deeper(&mut self) -> bool {
        if self.nested >= DEEPEST {
            self.heap.give_up();
            return false;
        }
        self.nested += 1;
        true
    }

    /// Registers a function, and returns the fact that identifies it.
    pub(super) fn register_function(&mut self, function: Function<'a>) -> KnownAs {
        self.functions.push((function, self.layer, !self.visible.is_empty()));
        KnownAs::Function(self.functions.len() - 1)
    }

    /// Joins a returned value into the result of the running function.
    pub(super) fn join_returned(&mut self, value: &FlowValue) {
        if let Some(mut returned) = self.returned.pop() {
            self.join_values(&mut returned, value);
            self.returned.push(returned);
        }
    }

    /// Joins a value into another, or sets it if there is none yet.
    pub(super) fn join_values(&mut self, value: &mut Option<FlowValue>, other: &FlowValue) {
        match value {
            Some(value) => self.heap.join_values(value, other),
            None => *value = Some(other.clone()),
        }
    }

    /// Enters the scope of a function.
    pub(super) fn enter_scope(&mut self) {
        let scope = self.heap.push_scope();
        self.visible.push(scope);
    }

    /// Leaves the scope of a function, and returns its names.
    pub(super) fn leave_scope(&mut self) -> BTreeMap<std::rc::Rc<str>, FlowValue> {
        self.visible.pop();
        self.heap.pop_scope()
    }
}
