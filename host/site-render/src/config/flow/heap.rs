//! The names and containers of a config while it is followed.
//!
//! What a branch changes is noted and can be taken back, so that the other branch begins
//! where the first one did. A look at a container takes a step, and steps are limited.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::value::{FlowValue, Id, Variables};

/// The scope of the module's own names.
pub(super) const MODULE: usize = 0;
/// The scope of what other modules hold, by its dotted name.
pub(super) const OTHERS: usize = 1;
/// Steps that a new container takes, and what is kept under a new name or key: memory is what
/// they use, 100 bytes or more.
const MAKING: usize = 32;
const KEEPING: usize = 16;
/// Bytes of a name that one step reads.
pub(super) const BYTES_PER_STEP: usize = 16;

/// Where a value is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HeapSlot {
    /// A name of a scope.
    Name(usize, Rc<str>),
    /// What a container holds under a key.
    Field(Id, Rc<str>),
    /// What it holds under keys that are not known, if it may.
    Rest(Id),
}

/// A container: a dict, a list, a module, or what nothing is known of.
#[derive(Debug, Default)]
struct Container {
    fields: BTreeMap<Rc<str>, FlowValue>,
    rest: Option<FlowValue>,
    /// Whether it was there all the time, and is only seen since a while.
    discovered: bool,
}

/// What a branch has changed, and to what.
pub(super) type Changes = BTreeMap<HeapSlot, Option<FlowValue>>;

/// Names and containers.
#[derive(Debug)]
pub(super) struct Heap {
    scopes: Vec<BTreeMap<Rc<str>, FlowValue>>,
    objects: Vec<Container>,
    /// When a container was last visited, by number of the visit.
    visited: Vec<u32>,
    visit: u32,
    /// What was before each change, while a branch is followed.
    journal: Vec<(HeapSlot, Option<FlowValue>)>,
    /// How many containers there were when each branch around began.
    branches: Vec<usize>,
    /// Containers that the statement has changed, but for those that it has made.
    touched: Vec<Id>,
    /// How many there were before it.
    fresh: usize,
    steps: usize,
    most: usize,
}

impl Heap {
    pub(super) fn new(most: usize) -> Self {
        Self {
            scopes: vec![BTreeMap::new(), BTreeMap::new()],
            objects: Vec::new(),
            visited: Vec::new(),
            visit: 0,
            journal: Vec::new(),
            branches: Vec::new(),
            touched: Vec::new(),
            fresh: 0,
            steps: 0,
            most,
        }
    }

    /// Takes so many steps; returns whether there were as many left.
    pub(super) fn take_steps(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        !self.is_exhausted()
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > self.most
    }

    /// Takes all steps that are left.
    pub(super) fn give_up(&mut self) {
        self.steps = self.steps.max(self.most + 1);
    }

    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Makes a container; `open` if it may hold more than is known.
    pub(super) fn new_container(&mut self, open: bool) -> Id {
        self.take_steps(MAKING);
        let id = Id::try_from(self.objects.len()).unwrap_or(Id::MAX);
        self.objects
            .push(Container { rest: open.then(FlowValue::default), ..Container::default() });
        self.visited.push(0);
        id
    }

    pub(super) fn push_scope(&mut self) -> usize {
        self.scopes.push(BTreeMap::new());
        self.scopes.len() - 1
    }

    pub(super) fn pop_scope(&mut self) -> BTreeMap<Rc<str>, FlowValue> {
        self.scopes.pop().unwrap_or_default()
    }

    /// Returns the scope of the function that runs, or the module's.
    pub(super) fn current_scope(&self) -> usize {
        if self.scopes.len() > OTHERS + 1 { self.scopes.len() - 1 } else { MODULE }
    }

    pub(super) fn get(&self, slot: &HeapSlot) -> Option<&FlowValue> {
        match slot {
            HeapSlot::Name(scope, name) => self.scopes.get(*scope)?.get(name),
            HeapSlot::Field(id, key) => self.objects.get(*id as usize)?.fields.get(key),
            HeapSlot::Rest(id) => self.objects.get(*id as usize)?.rest.as_ref(),
        }
    }

    /// Puts a value there, or takes it out; notes what was before where a branch may ask.
    pub(super) fn set(&mut self, slot: HeapSlot, value: Option<FlowValue>) {
        if let HeapSlot::Name(_, name) = &slot {
            self.take_steps(name.len() / BYTES_PER_STEP);
        }
        self.take_steps(1);
        if let HeapSlot::Field(id, _) | HeapSlot::Rest(id) = &slot
            && self.is_older(*id, self.fresh)
        {
            self.touched.push(*id);
        }
        let noted = match (&slot, self.branches.last()) {
            (_, None) => false,
            (HeapSlot::Field(id, _) | HeapSlot::Rest(id), Some(begun)) => {
                self.is_older(*id, *begun)
            }
            _ => true,
        };
        let before = self.replace(&slot, value);
        if before.is_none() {
            self.take_steps(KEEPING);
        }
        if noted {
            self.journal.push((slot, before));
        }
    }

    fn replace(&mut self, slot: &HeapSlot, value: Option<FlowValue>) -> Option<FlowValue> {
        let (map, key) = match slot {
            HeapSlot::Name(scope, name) => (self.scopes.get_mut(*scope), name),
            HeapSlot::Field(id, key) => {
                (self.objects.get_mut(*id as usize).map(|object| &mut object.fields), key)
            }
            HeapSlot::Rest(id) => {
                let object = self.objects.get_mut(*id as usize)?;
                return std::mem::replace(&mut object.rest, value);
            }
        };
        match value {
            Some(value) => map?.insert(key.clone(), value),
            None => map?.remove(key),
        }
    }

    /// Adds a value to what may be there.
    pub(super) fn add_value(&mut self, slot: HeapSlot, value: &FlowValue) {
        let mut joined = self.get(&slot).cloned().unwrap_or_default();
        self.join_values(&mut joined, value);
        self.set(slot, Some(joined));
    }

    /// Makes the first value either of both.
    pub(super) fn join_values(&mut self, value: &mut FlowValue, other: &FlowValue) {
        for left in value.join_with(other) {
            value.from |= self.variables_of(&FlowValue::from_container(left));
        }
    }

    /// Puts there what was there all the time and was not looked at yet.
    pub(super) fn discover(&mut self, slot: &HeapSlot, value: FlowValue) {
        self.take_steps(1);
        for id in &value.objects {
            if let Some(object) = self.objects.get_mut(*id as usize) {
                object.discovered = true;
            }
        }
        self.replace(slot, Some(value));
    }

    /// Returns whether a value was never stored, and is only taken to be there.
    pub(super) fn is_discovered(&self, value: &FlowValue) -> bool {
        let discovered = |id: &Id| self.objects.get(*id as usize).is_some_and(|one| one.discovered);
        value.objects.iter().any(discovered)
    }

    /// Returns whether a container was there when there were so many.
    fn is_older(&self, id: Id, than: usize) -> bool {
        (id as usize) < than || self.objects.get(id as usize).is_some_and(|one| one.discovered)
    }

    /// Ends a statement; returns the containers that it has changed.
    pub(super) fn end_statement(&mut self) -> Vec<Id> {
        self.fresh = self.objects.len();
        std::mem::take(&mut self.touched)
    }

    /// Returns the keys that a container is known to hold.
    pub(super) fn keys_of(&mut self, id: Id) -> Vec<Rc<str>> {
        let keys: Vec<Rc<str>> = self
            .objects
            .get(id as usize)
            .map(|object| object.fields.keys().cloned().collect())
            .unwrap_or_default();
        self.take_steps(keys.len());
        keys
    }

    /// Returns the variables that a value, and all that it holds, was made from.
    pub(super) fn variables_of(&mut self, value: &FlowValue) -> Variables {
        self.visit_reachable(value, |_| {})
    }

    /// Returns the same, and hands on each container that it holds.
    pub(super) fn visit_reachable(
        &mut self,
        value: &FlowValue,
        mut each: impl FnMut(Id),
    ) -> Variables {
        self.visit += 1;
        let (mut from, mut next) = (value.from, value.objects.clone());
        while let Some(id) = next.pop() {
            let Some(object) = self.objects.get(id as usize) else { continue };
            if std::mem::replace(&mut self.visited[id as usize], self.visit) == self.visit {
                continue;
            }
            each(id);
            self.steps = self.steps.saturating_add(1 + object.fields.len());
            if self.steps > self.most {
                return from;
            }
            for value in object.fields.values().chain(&object.rest) {
                from |= value.from;
                next.extend(&value.objects);
            }
        }
        from
    }

    /// Begins a branch.
    pub(super) fn begin_branch(&mut self) -> usize {
        self.branches.push(self.objects.len());
        self.journal.len()
    }

    /// Takes back what a branch has changed since it began, and returns it.
    pub(super) fn take_back(&mut self, begun: usize) -> Changes {
        self.branches.pop();
        let mut changes = Changes::new();
        let entries = self.journal.split_off(begun.min(self.journal.len()));
        self.take_steps(entries.len());
        for (slot, before) in entries.into_iter().rev() {
            // A scope that is left needs nothing back.
            if matches!(slot, HeapSlot::Name(scope, _) if scope >= self.scopes.len()) {
                continue;
            }
            let after = self.replace(&slot, before);
            changes.entry(slot).or_insert(after);
        }
        changes
    }

    /// Makes the state either of what the branches have made of it.
    pub(super) fn merge_branches(&mut self, branches: &[Changes]) {
        let mut merged: BTreeMap<&HeapSlot, Option<FlowValue>> = BTreeMap::new();
        for slot in branches.iter().flat_map(BTreeMap::keys) {
            if merged.contains_key(slot) || !self.take_steps(branches.len()) {
                continue;
            }
            let before = self.get(slot).cloned();
            let mut joined: Option<FlowValue> = None;
            for branch in branches {
                let after = branch.get(slot).unwrap_or(&before);
                match (&mut joined, after) {
                    (Some(joined), Some(after)) => self.join_values(joined, after),
                    (joined @ None, after) => joined.clone_from(after),
                    (Some(_), None) => {}
                }
            }
            merged.insert(slot, joined);
        }
        for (slot, value) in merged {
            self.set(slot.clone(), value);
        }
    }
}
