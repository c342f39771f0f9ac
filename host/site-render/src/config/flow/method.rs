//! Methods of containers.

use super::call::Given;
use super::heap::Slot;
use super::state::Flow;
use super::value::Value;
use super::word;
use crate::config::readers;

/// Methods of containers that are followed.
pub(super) const METHODS: &[&str] = &[
    "get",
    "pop",
    "setdefault",
    "update",
    "clear",
    "copy",
    "items",
    "keys",
    "values",
    "append",
    "add",
    "insert",
    "extend",
    "__getitem__",
    "__setitem__",
    "__delitem__",
];

impl Flow<'_> {
    pub(super) fn method(&mut self, receiver: &Value, name: &str, given: &Given) -> Value {
        let first = given.get(0, &["key"]);
        match name {
            "get" | "__getitem__" => self.get(receiver, name, given),
            "setdefault" => self.set_default(receiver, &first, &given.get(1, &["default"])),
            "pop" => {
                let mut value = self.index(receiver, &first);
                self.remove(receiver, &first);
                self.heap.join(&mut value, &given.get(1, &["default"]));
                value
            }
            "__delitem__" => {
                self.remove(receiver, &first);
                Value::default()
            }
            "__setitem__" => {
                self.store(receiver, &first, &given.get(1, &[]));
                Value::default()
            }
            "clear" => self.clear(receiver),
            "copy" => {
                let id = self.heap.object(false);
                self.spread(id, receiver);
                Value { known: receiver.known_of_copy(), ..Value::object(id) }
            }
            "update" => {
                self.hand_over(given);
                for id in receiver.objects.clone() {
                    self.update(receiver, id, &given.first());
                }
                self.put_named(receiver, given);
                Value::default()
            }
            "items" | "keys" | "values" => {
                if receiver.path().is_some_and(readers::is_environment) {
                    self.note_computed();
                }
                self.view(receiver, name)
            }
            _ if word::METHODS.contains(&name) => self.text_method(receiver, name, given),
            _ => {
                // `append`, `add`, `insert` and `extend`: what is added is somewhere in it.
                for value in given.all() {
                    self.stored |= self.heap.reach(value);
                    receiver.objects.iter().for_each(|id| self.heap.add(Slot::Rest(*id), value));
                }
                Value::default()
            }
        }
    }

    fn get(&mut self, receiver: &Value, name: &str, given: &Given) -> Value {
        let first = given.get(0, &["key"]);
        let default = given.get(1, &["default"]);
        if name == "get" && self.may_lack(receiver, &first) {
            // What is made of it reaches the container only where it is stored there.
            let mut value = Value::object(self.heap.object(true));
            value.from = receiver.from;
            self.heap.join(&mut value, &default);
            return value;
        }
        let mut value = self.index(receiver, &first);
        if value.objects.is_empty() {
            self.heap.join(&mut value, &default);
        } else {
            value.from |= self.heap.reach(&default);
        }
        value
    }

    fn clear(&mut self, receiver: &Value) -> Value {
        if let [id] = receiver.objects[..] {
            for key in self.heap.keys(id) {
                self.heap.set(Slot::Field(id, key), None);
            }
            self.heap.set(Slot::Rest(id), None);
        }
        Value::default()
    }

    /// Returns whether a part of another module's container may lack a key: the config has not
    /// stored it, nor looked it up in a way that needs it. What the module itself names has it:
    /// `DATABASES.get("default", {})`.
    fn may_lack(&mut self, receiver: &Value, key: &Value) -> bool {
        let ([word], None) = (key.words(), receiver.path()) else { return false };
        self.heap.step(receiver.objects.len());
        !receiver.objects.is_empty()
            && receiver.objects.iter().all(|id| {
                let unknown = self.heap.get(&Slot::Rest(*id)) == Some(&Value::default());
                unknown && self.heap.get(&Slot::Field(*id, word.clone())).is_none()
            })
    }

    fn set_default(&mut self, receiver: &Value, key: &Value, default: &Value) -> Value {
        if let ([id], [word]) = (&receiver.objects[..], key.words()) {
            let slot = Slot::Field(*id, word.clone());
            let empty =
                self.heap.get(&Slot::Rest(*id)).is_none_or(|rest| *rest == Value::default());
            if self.heap.get(&slot).is_none() && empty {
                self.store(receiver, key, default);
                return default.clone();
            }
        }
        // It may be any of several: those that have no such key may have it from now on.
        for id in &receiver.objects {
            for word in key.words() {
                let slot = Slot::Field(*id, word.clone());
                if self.heap.get(&slot).is_none() {
                    self.heap.add(slot, default);
                }
            }
        }
        let mut value = self.index(receiver, key);
        if value.objects.is_empty() {
            self.heap.join(&mut value, default);
        }
        value
    }

    /// Returns a list of what a container holds.
    fn view(&mut self, receiver: &Value, name: &str) -> Value {
        let list = self.heap.object(false);
        for id in &receiver.objects {
            let mut pairs: Vec<(Value, Value)> = Vec::new();
            for key in self.heap.keys(*id) {
                let held = self.heap.get(&Slot::Field(*id, key.clone())).cloned();
                pairs.push((Value::word(&key), held.unwrap_or_default()));
            }
            let known = pairs.len();
            pairs.extend(self.rest(*id).map(|rest| (Value::default(), rest)));
            for (index, (key, held)) in pairs.into_iter().enumerate() {
                let value = match name {
                    "keys" => key,
                    "values" => held,
                    _ => {
                        let pair = self.heap.object(false);
                        for (field, part) in [("#0", key), ("#1", held)] {
                            self.heap.set(Slot::Field(pair, field.into()), Some(part));
                        }
                        Value::object(pair)
                    }
                };
                if index < known {
                    self.heap.set(Slot::Field(list, format!("#{index}").into()), Some(value));
                } else {
                    self.heap.add(Slot::Rest(list), &value);
                }
            }
        }
        Value { from: receiver.from, ..Value::object(list) }
    }
}
