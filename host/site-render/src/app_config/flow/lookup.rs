//! Reads names, keys and attributes, and the elements that a loop takes from a container.

use std::rc::Rc;

use super::call::is_builtin;
use super::heap::{BYTES_PER_STEP, HeapSlot, MODULE, OTHERS};
use super::method::METHODS;
use super::state::Flow;
use super::text_values;
use super::value::{FlowValue, Id, KnownAs, MOST, Variables};
use crate::app_config::readers;

/// The maximum length of a dotted name, in bytes: a loop may make a name longer and longer.
const LONGEST_PATH: usize = 120;

impl Flow<'_> {
    /// Returns the value of a name, from the innermost scope that has it.
    pub(super) fn lookup_name(&mut self, name: &str) -> FlowValue {
        self.heap.take_steps(name.len() / BYTES_PER_STEP);
        for scope in self.visible.iter().rev().copied().chain([MODULE]) {
            if let Some(value) = self.heap.get(&HeapSlot::Name(scope, name.into())) {
                return value.clone();
            }
        }
        self.heap.take_steps(self.stars.len());
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
                let value = self.lookup_path(&format!("{module}.{name}"));
                self.heap.discover(&HeapSlot::Name(MODULE, name.into()), value.clone());
                value
            }
            None => self.lookup_path(name),
        }
    }

    /// Returns the value of another module under its dotted name.
    pub(super) fn lookup_path(&mut self, path: &str) -> FlowValue {
        let slot = HeapSlot::Name(OTHERS, path.into());
        self.note_namesake(path, &slot);
        if let Some(value) = self.heap.get(&slot) {
            return value.clone();
        }
        let id = self.heap.new_container(true);
        let known =
            if path.len() > LONGEST_PATH { KnownAs::Nothing } else { KnownAs::Path(path.into()) };
        let value = FlowValue { from: 0, objects: vec![id], known };
        if path.len() <= LONGEST_PATH {
            self.heap.discover(&slot, value.clone());
        }
        value
    }

    /// Records a setting of the same name in another module: `core.DATABASES`.
    pub(super) fn note_namesake(&mut self, path: &str, slot: &HeapSlot) {
        let Some((_, name)) = path.rsplit_once('.') else { return };
        if self.settings.iter().any(|setting| setting.name == name) {
            self.heap.take_steps(1);
            self.namesakes.insert(slot.clone());
        }
    }

    /// Returns the variables in settings of other modules. A star import of the configuration, or
    /// the application itself, may read them from there.
    pub(super) fn variables_elsewhere(&mut self) -> Variables {
        let namesakes = std::mem::take(&mut self.namesakes);
        namesakes.iter().fold(0, |from, slot| {
            let value = self.heap.get(slot).cloned().unwrap_or_default();
            from | self.heap.variables_of(&value)
        })
    }

    /// Returns an attribute: a method, a name of another module, or a field.
    pub(super) fn lookup_attribute(&mut self, base: &FlowValue, name: &str) -> FlowValue {
        self.heap.take_steps(name.len() / BYTES_PER_STEP);
        if METHODS.contains(&name) {
            let known = if let KnownAs::Method(_) = base.known {
                KnownAs::Nothing
            } else {
                base.known.clone()
            };
            let base = FlowValue { known, ..base.clone() };
            return FlowValue {
                known: KnownAs::Method((base, name.into()).into()),
                ..FlowValue::default()
            };
        }
        if text_values::METHODS.contains(&name) && !base.words().is_empty() {
            let known = KnownAs::Method((base.clone(), name.into()).into());
            return FlowValue { known, ..FlowValue::default() };
        }
        match base.path() {
            Some(path) => {
                let mut value = self.lookup_path(&format!("{path}.{name}"));
                value.from |= base.from;
                value
            }
            None => self.lookup_key(base, &FlowValue::from_word(&format!(".{name}"))),
        }
    }

    /// Returns the value under a key.
    pub(super) fn lookup_key(&mut self, base: &FlowValue, key: &FlowValue) -> FlowValue {
        if base.path().is_some_and(|path| readers::reads_variable(&format!("{path}[]"))) {
            return self.read_variables(base, key);
        }
        let mut value: Option<FlowValue> = None;
        for id in &base.objects {
            for held in self.held_under(*id, key) {
                self.join_values(&mut value, &held);
            }
        }
        let mut value = value.unwrap_or_default();
        value.from |= base.from | key.from;
        value
    }

    /// Returns the values that a container may hold under a key.
    fn held_under(&mut self, id: Id, key: &FlowValue) -> Vec<FlowValue> {
        if !self.heap.take_steps(1) {
            return Vec::new();
        }
        if !key.words().is_empty() {
            return key.words().iter().map(|word| self.lookup_field(id, word)).collect();
        }
        let mut held: Vec<FlowValue> = Vec::new();
        for key in self.heap.keys_of(id) {
            held.extend(self.heap.get(&HeapSlot::Field(id, key)).cloned());
        }
        if let Some(rest) = self.unknown_rest(id) {
            held.push(self.or_unknown(rest));
        }
        held
    }

    /// Returns a value that may also be an unknown one, so that a change to it does not apply to
    /// all that it may be.
    fn or_unknown(&mut self, mut value: FlowValue) -> FlowValue {
        if !value.objects.is_empty() {
            value.objects.push(self.heap.new_container(true));
        }
        value
    }

    /// Returns the value of one field, which is created if the container may have it.
    fn lookup_field(&mut self, id: Id, key: &Rc<str>) -> FlowValue {
        let slot = HeapSlot::Field(id, key.clone());
        if let Some(value) = self.heap.get(&slot) {
            return value.clone();
        }
        match self.heap.get(&HeapSlot::Rest(id)) {
            None => FlowValue::default(),
            Some(rest) if *rest != FlowValue::default() => {
                let rest = rest.clone();
                self.or_unknown(rest)
            }
            Some(_) => {
                let value = FlowValue::from_container(self.heap.new_container(true));
                self.heap.discover(&slot, value.clone());
                value
            }
        }
    }

    /// Returns the value of a container under its unknown keys.
    pub(super) fn unknown_rest(&mut self, id: Id) -> Option<FlowValue> {
        let rest = self.heap.get(&HeapSlot::Rest(id))?.clone();
        if rest != FlowValue::default() {
            return Some(rest);
        }
        let value = FlowValue::from_container(self.heap.new_container(true));
        self.heap.discover(&HeapSlot::Rest(id), value.clone());
        Some(value)
    }

    /// Returns the elements that a loop takes from a value, and whether they are certain to be
    /// complete.
    pub(super) fn loop_elements(&mut self, value: &FlowValue) -> (Vec<FlowValue>, bool) {
        if value.path().is_some_and(readers::is_environment) {
            self.note_computed();
        }
        let [id] = value.objects[..] else {
            return (vec![FlowValue::from_variables(value.from)], false);
        };
        let mut elements = Vec::new();
        for key in self.heap.keys_of(id) {
            elements.push(match self.heap.get(&HeapSlot::Field(id, key.clone())) {
                Some(value) if key.starts_with('#') => value.clone(),
                _ => FlowValue::from_word(&key),
            });
        }
        let certain = !elements.is_empty();
        elements.extend(self.unknown_rest(id));
        if elements.len() > MOST {
            for more in elements.split_off(MOST) {
                if let Some(last) = elements.last_mut() {
                    self.heap.join_values(last, &more);
                }
            }
        }
        (elements, certain)
    }
}
