//! Names, keys and attributes that are read, and what a loop takes from a container.

use std::rc::Rc;

use super::call::is_builtin;
use super::heap::{BYTES_PER_STEP, MODULE, OTHERS, Slot};
use super::method::METHODS;
use super::state::Flow;
use super::value::{Id, Known, MOST, Value, Variables};
use super::word;
use crate::config::readers;

/// The longest dotted name that is kept, in bytes: a name may be made longer in a loop.
const LONGEST_PATH: usize = 120;

impl Flow<'_> {
    pub(super) fn name(&mut self, name: &str) -> Value {
        self.heap.step(name.len() / BYTES_PER_STEP);
        for scope in self.visible.iter().rev().copied().chain([MODULE]) {
            if let Some(value) = self.heap.get(&Slot::Name(scope, name.into())) {
                return value.clone();
            }
        }
        self.heap.step(self.stars.len());
        let starred = readers::STARRED.iter().find(|(module, names)| {
            names.iter().any(|(other, _)| *other == name)
                && self.stars.iter().any(|(_, star)| star == module)
        });
        let star = match starred {
            Some((module, _)) => Some(*module),
            None if is_builtin(name) => None,
            None => self.stars.first().map(|(_, star)| *star),
        };
        match star {
            Some(module) => {
                let value = self.other(&format!("{module}.{name}"));
                self.heap.discover(&Slot::Name(MODULE, name.into()), value.clone());
                value
            }
            None => self.other(name),
        }
    }

    /// Returns what another module holds by its dotted name.
    pub(super) fn other(&mut self, path: &str) -> Value {
        let slot = Slot::Name(OTHERS, path.into());
        self.note_namesake(path, &slot);
        if let Some(value) = self.heap.get(&slot) {
            return value.clone();
        }
        let id = self.heap.object(true);
        let known =
            if path.len() > LONGEST_PATH { Known::Nothing } else { Known::Path(path.into()) };
        let value = Value { from: 0, objects: vec![id], known };
        if path.len() <= LONGEST_PATH {
            self.heap.discover(&slot, value.clone());
        }
        value
    }

    /// Notes a setting that another module holds by the same name: `core.DATABASES`.
    pub(super) fn note_namesake(&mut self, path: &str, slot: &Slot) {
        let Some((_, name)) = path.rsplit_once('.') else { return };
        if self.settings.iter().any(|setting| setting.name == name) {
            self.heap.step(1);
            self.namesakes.insert(slot.clone());
        }
    }

    /// Returns the variables that settings of other modules are made from: the star import of
    /// the config, or the program itself, may take them from there.
    pub(super) fn elsewhere(&mut self) -> Variables {
        let namesakes = std::mem::take(&mut self.namesakes);
        namesakes.iter().fold(0, |from, slot| {
            let value = self.heap.get(slot).cloned().unwrap_or_default();
            from | self.heap.reach(&value)
        })
    }

    pub(super) fn attribute(&mut self, base: &Value, name: &str) -> Value {
        self.heap.step(name.len() / BYTES_PER_STEP);
        if METHODS.contains(&name) {
            let known =
                if let Known::Method(_) = base.known { Known::Nothing } else { base.known.clone() };
            let base = Value { known, ..base.clone() };
            return Value { known: Known::Method((base, name.into()).into()), ..Value::default() };
        }
        if word::METHODS.contains(&name) && !base.words().is_empty() {
            let known = Known::Method((base.clone(), name.into()).into());
            return Value { known, ..Value::default() };
        }
        match base.path() {
            Some(path) => {
                let mut value = self.other(&format!("{path}.{name}"));
                value.from |= base.from;
                value
            }
            None => self.index(base, &Value::word(&format!(".{name}"))),
        }
    }

    /// Returns what a value holds under a key.
    pub(super) fn index(&mut self, base: &Value, key: &Value) -> Value {
        if base.path().is_some_and(|path| readers::reads(&format!("{path}[]"))) {
            return self.read(base, key);
        }
        let mut value: Option<Value> = None;
        for id in &base.objects {
            for held in self.held(*id, key) {
                self.join_into(&mut value, &held);
            }
        }
        let mut value = value.unwrap_or_default();
        value.from |= base.from | key.from;
        value
    }

    fn held(&mut self, id: Id, key: &Value) -> Vec<Value> {
        if !self.heap.step(1) {
            return Vec::new();
        }
        if !key.words().is_empty() {
            return key.words().iter().map(|word| self.field(id, word)).collect();
        }
        let mut held: Vec<Value> = Vec::new();
        for key in self.heap.keys(id) {
            held.extend(self.heap.get(&Slot::Field(id, key)).cloned());
        }
        if let Some(rest) = self.rest(id) {
            held.push(self.or_another(rest));
        }
        held
    }

    /// Returns a value that may also be one of which nothing is known: what is done to it does
    /// not concern all that it stands for.
    fn or_another(&mut self, mut value: Value) -> Value {
        if !value.objects.is_empty() {
            value.objects.push(self.heap.object(true));
        }
        value
    }

    fn field(&mut self, id: Id, key: &Rc<str>) -> Value {
        let slot = Slot::Field(id, key.clone());
        if let Some(value) = self.heap.get(&slot) {
            return value.clone();
        }
        match self.heap.get(&Slot::Rest(id)) {
            None => Value::default(),
            Some(rest) if *rest != Value::default() => {
                let rest = rest.clone();
                self.or_another(rest)
            }
            Some(_) => {
                let value = Value::object(self.heap.object(true));
                self.heap.discover(&slot, value.clone());
                value
            }
        }
    }

    /// Returns what a container may hold under keys that are not known.
    pub(super) fn rest(&mut self, id: Id) -> Option<Value> {
        let rest = self.heap.get(&Slot::Rest(id))?.clone();
        if rest != Value::default() {
            return Some(rest);
        }
        let value = Value::object(self.heap.object(true));
        self.heap.discover(&Slot::Rest(id), value.clone());
        Some(value)
    }

    /// Returns what a loop over a value takes, and whether it is known to take all of it.
    pub(super) fn elements(&mut self, value: &Value) -> (Vec<Value>, bool) {
        if value.path().is_some_and(readers::is_environment) {
            self.note_computed();
        }
        let [id] = value.objects[..] else { return (vec![Value::of(value.from)], false) };
        let mut elements = Vec::new();
        for key in self.heap.keys(id) {
            elements.push(match self.heap.get(&Slot::Field(id, key.clone())) {
                Some(value) if key.starts_with('#') => value.clone(),
                _ => Value::word(&key),
            });
        }
        let certain = !elements.is_empty();
        elements.extend(self.rest(id));
        if elements.len() > MOST {
            for more in elements.split_off(MOST) {
                if let Some(last) = elements.last_mut() {
                    self.heap.join(last, &more);
                }
            }
        }
        (elements, certain)
    }
}
