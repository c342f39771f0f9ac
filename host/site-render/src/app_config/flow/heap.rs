//! The names and containers of a configuration during the analysis.
//!
//! A journal records the changes of each branch, so that they can be undone and the next branch
//! begins with the same state. Each access to a container takes a step, and the steps are limited.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::value::{FlowValue, Id, Variables};

mod journal;

/// The scope of the module's own names.
pub(super) const MODULE: usize = 0;
/// The scope of the names in other modules, by dotted name.
pub(super) const OTHERS: usize = 1;
/// The steps that a new container takes, and a value under a new name or key. They are high
/// because these allocate memory, 100 bytes or more.
const MAKING: usize = 32;
const KEEPING: usize = 16;
/// The bytes of a name that one step reads.
pub(super) const BYTES_PER_STEP: usize = 16;

/// The location of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HeapSlot {
    /// A name in a scope.
    Name(usize, Rc<str>),
    /// The value of a container under a key.
    Field(Id, Rc<str>),
    /// The value of a container under all unknown keys, if it may have any.
    Rest(Id),
}

/// A container: a dict, a list, a module, or an unknown object.
#[derive(Debug, Default)]
struct Container {
    fields: BTreeMap<Rc<str>, FlowValue>,
    rest: Option<FlowValue>,
    /// Whether it existed before the analysis first saw it, as a part of another module does.
    discovered: bool,
}

/// The slots that a branch has changed, with their new values.
pub(super) type Changes = BTreeMap<HeapSlot, Option<FlowValue>>;

/// All names and containers.
#[derive(Debug)]
pub(super) struct Heap {
    scopes: Vec<BTreeMap<Rc<str>, FlowValue>>,
    objects: Vec<Container>,
    /// The number of the last visit to each container; marks those that a search has seen.
    visited: Vec<u32>,
    visit: u32,
    /// The value before each change, while a branch is followed.
    journal: Vec<(HeapSlot, Option<FlowValue>)>,
    /// The number of containers when each enclosing branch began.
    branches: Vec<usize>,
    /// Older containers that the current statement has changed.
    touched: Vec<Id>,
    /// The number of containers before the current statement.
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

    /// Takes steps. Returns whether enough were left.
    pub(super) fn take_steps(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        !self.is_exhausted()
    }

    /// Returns whether all steps are used.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > self.most
    }

    /// Takes all remaining steps, which ends the analysis.
    pub(super) fn give_up(&mut self) {
        self.steps = self.steps.max(self.most + 1);
    }

    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Creates a container; an `open` one may hold more than is known.
    pub(super) fn new_container(&mut self, open: bool) -> Id {
        self.take_steps(MAKING);
        // The step limit ends the analysis long before the ids do.
        let id = Id::try_from(self.objects.len()).unwrap_or(Id::MAX);
        self.objects
            .push(Container { rest: open.then(FlowValue::default), ..Container::default() });
        self.visited.push(0);
        id
    }

    /// Enters a new scope, and returns its index.
    pub(super) fn push_scope(&mut self) -> usize {
        self.scopes.push(BTreeMap::new());
        self.scopes.len() - 1
    }

    /// Leaves the innermost scope, and returns its names.
    pub(super) fn pop_scope(&mut self) -> BTreeMap<Rc<str>, FlowValue> {
        self.scopes.pop().unwrap_or_default()
    }

    /// Returns the scope of the running function, or the module's.
    pub(super) fn current_scope(&self) -> usize {
        if self.scopes.len() > OTHERS + 1 { self.scopes.len() - 1 } else { MODULE }
    }

    /// Returns the value in a slot.
    pub(super) fn get(&self, slot: &HeapSlot) -> Option<&FlowValue> {
        match slot {
            HeapSlot::Name(scope, name) => self.scopes.get(*scope)?.get(name),
            HeapSlot::Field(id, key) => self.objects.get(*id as usize)?.fields.get(key),
            HeapSlot::Rest(id) => self.objects.get(*id as usize)?.rest.as_ref(),
        }
    }

    /// Sets or removes a value, and records the previous one if a branch may have to restore it.
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

    /// Sets or removes a value without recording the change; returns the previous value.
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

    /// Adds a possible value to a slot.
    pub(super) fn add_value(&mut self, slot: HeapSlot, value: &FlowValue) {
        let mut joined = self.get(&slot).cloned().unwrap_or_default();
        self.join_values(&mut joined, value);
        self.set(slot, Some(joined));
    }

    /// Joins the second value into the first: the result may be either.
    pub(super) fn join_values(&mut self, value: &mut FlowValue, other: &FlowValue) {
        for left in value.join_with(other) {
            value.from |= self.variables_of(&FlowValue::from_container(left));
        }
    }

    /// Sets a value that existed all the time and is looked at for the first time.
    pub(super) fn discover(&mut self, slot: &HeapSlot, value: FlowValue) {
        self.take_steps(1);
        for id in &value.objects {
            if let Some(object) = self.objects.get_mut(*id as usize) {
                object.discovered = true;
            }
        }
        self.replace(slot, Some(value));
    }

    /// Returns whether a value was never stored, but only assumed to exist.
    pub(super) fn is_discovered(&self, value: &FlowValue) -> bool {
        let discovered = |id: &Id| self.objects.get(*id as usize).is_some_and(|one| one.discovered);
        value.objects.iter().any(discovered)
    }

    /// Returns whether a container existed when there were `than` of them.
    fn is_older(&self, id: Id, than: usize) -> bool {
        (id as usize) < than || self.objects.get(id as usize).is_some_and(|one| one.discovered)
    }

    /// Ends a statement. Returns the older containers that it has changed.
    pub(super) fn end_statement(&mut self) -> Vec<Id> {
        self.fresh = self.objects.len();
        std::mem::take(&mut self.touched)
    }

    /// Returns the known keys of a container.
    pub(super) fn keys_of(&mut self, id: Id) -> Vec<Rc<str>> {
        let keys: Vec<Rc<str>> = self
            .objects
            .get(id as usize)
            .map(|object| object.fields.keys().cloned().collect())
            .unwrap_or_default();
        self.take_steps(keys.len());
        keys
    }

    /// Returns the variables that a value and its content are made from.
    pub(super) fn variables_of(&mut self, value: &FlowValue) -> Variables {
        self.visit_reachable(value, |_| {})
    }

    /// Returns the same, and calls `each` with every container in the value.
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
}
