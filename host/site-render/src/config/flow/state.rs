//! The state of a config that is followed.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{ExprLambda, StmtFunctionDef};
use ruff_text_size::TextSize;

use super::asked::Questions;
use super::exit::{Exit, Exits};
use super::heap::{Heap, MODULE, Slot};
use super::value::{Id, Known, Value, Variables};
use super::watch::{Done, Setting, Spot};

/// Steps for each byte of the text, and for each text: the example's configs take one a byte.
pub(super) const STEPS_PER_BYTE: usize = 16;
pub(super) const STEPS: usize = 1 << 18;

/// How deep expressions, blocks and calls may be in each other: a text alone may nest 200 deep
/// (`depth`), and a function that calls itself as often again.
const DEEPEST: usize = 160;

/// A function of the config.
#[derive(Clone, Copy)]
pub(super) enum Function<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// A config that is followed.
pub(super) struct Flow<'a> {
    pub(super) heap: Heap,
    pub(super) variables: &'a [String],
    /// Prefixes that the config gives its readers.
    pub(super) prefixes: BTreeSet<&'a str>,
    pub(super) settings: Vec<Setting<'a>>,
    /// Functions, with the layer that each is in, and whether it is within another.
    pub(super) functions: Vec<(Function<'a>, usize, bool)>,
    /// Modules of star imports, with the layer that has them first.
    pub(super) stars: Vec<(usize, &'a str)>,
    pub(super) late_star: Option<Spot>,
    /// Scopes that the names of a function are looked up in, before the module's.
    pub(super) visible: Vec<usize>,
    /// Names of the module that the function binds.
    pub(super) globals: BTreeSet<&'a str>,
    /// How many functions are running, and what each has handed back.
    pub(super) calls: usize,
    pub(super) returned: Vec<Option<Value>>,
    /// Where it is.
    pub(super) layer: usize,
    pub(super) at: TextSize,
    /// How many expressions and blocks are around.
    pub(super) nested: usize,
    /// How many branches are around, and the variables that decide on them.
    pub(super) depth: usize,
    pub(super) controls: Variables,
    /// How the block has ended, if it has.
    pub(super) ended: Option<Exit>,
    /// How branches have left the block while others go on.
    pub(super) left: Exits,
    /// Variables that were read since a `try`.
    pub(super) seen: Variables,
    /// What the statement has bound of the settings, and variables in what it has stored.
    pub(super) bound: Vec<std::rc::Rc<str>>,
    pub(super) stored: Variables,
    /// Variables that code of others was given beside a container.
    pub(super) escaped: Variables,
    pub(super) read_at: BTreeMap<usize, Spot>,
    pub(super) questions: Questions,
    /// Settings of other modules by the same names.
    pub(super) namesakes: BTreeSet<Slot>,
    /// Where a variable is read first whose name is not known.
    pub(super) computed: Option<Spot>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(bytes: usize, variables: &'a [String], settings: &'a [String]) -> Self {
        Self {
            heap: Heap::new(STEPS + STEPS_PER_BYTE * bytes),
            variables,
            prefixes: BTreeSet::new(),
            settings: settings.iter().map(|name| Setting::new(name)).collect(),
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
            questions: Questions::default(),
            namesakes: BTreeSet::new(),
            computed: None,
        }
    }

    /// Notes what a statement has done to the settings.
    pub(super) fn note(&mut self, at: TextSize) {
        let touched = self.heap.end_statement();
        let bound = std::mem::take(&mut self.bound);
        let stored = std::mem::take(&mut self.stored);
        if touched.is_empty() && bound.is_empty() {
            return;
        }
        let at = (self.layer, at);
        let done = Done { at, stored, controls: self.controls, depth: self.depth };
        let touched: BTreeSet<Id> = touched.into_iter().collect();
        for number in 0..self.settings.len() {
            let mut changed = bound.iter().any(|name| **name == *self.settings[number].name);
            let now = self.reach_of(number, |id| changed |= touched.contains(&id));
            self.settings[number].after(now, changed, &done);
        }
    }

    pub(super) fn reach_of(&mut self, number: usize, each: impl FnMut(Id)) -> Variables {
        let slot = Slot::Name(MODULE, self.settings[number].name.into());
        let value = self.heap.get(&slot).cloned().unwrap_or_default();
        self.heap.reach_and(&value, each)
    }

    /// Goes one expression or block deeper, unless that is too deep for the stack.
    pub(super) fn deeper(&mut self) -> bool {
        if self.nested >= DEEPEST {
            self.heap.give_up();
            return false;
        }
        self.nested += 1;
        true
    }

    pub(super) fn function_known(&mut self, function: Function<'a>) -> Known {
        self.functions.push((function, self.layer, !self.visible.is_empty()));
        Known::Function(self.functions.len() - 1)
    }

    pub(super) fn hand_back(&mut self, value: &Value) {
        if let Some(mut returned) = self.returned.pop() {
            self.join_into(&mut returned, value);
            self.returned.push(returned);
        }
    }

    /// Makes it the other value where it is none yet, else either of both.
    pub(super) fn join_into(&mut self, value: &mut Option<Value>, other: &Value) {
        match value {
            Some(value) => self.heap.join(value, other),
            None => *value = Some(other.clone()),
        }
    }

    pub(super) fn enter(&mut self) {
        let scope = self.heap.enter();
        self.visible.push(scope);
    }

    pub(super) fn leave(&mut self) -> BTreeMap<std::rc::Rc<str>, Value> {
        self.visible.pop();
        self.heap.leave()
    }
}
