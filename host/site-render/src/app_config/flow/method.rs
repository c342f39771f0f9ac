//! Methods of containers.

use super::call::CallArguments;
use super::heap::HeapSlot;
use super::state::Flow;
use super::text_values;
use super::value::FlowValue;
use crate::app_config::readers;

/// The methods of containers that the analysis follows.
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
    /// Calls a method of a container or a text.
    pub(super) fn call_method(
        &mut self,
        receiver: &FlowValue,
        name: &str,
        args: &CallArguments,
    ) -> FlowValue {
        let first = args.value_at(0, &["key"]);
        match name {
            "get" | "__getitem__" => self.get_item(receiver, name, args),
            "setdefault" => self.set_default(receiver, &first, &args.value_at(1, &["default"])),
            "pop" => {
                let mut value = self.lookup_key(receiver, &first);
                self.remove_key(receiver, &first);
                self.heap.join_values(&mut value, &args.value_at(1, &["default"]));
                value
            }
            "__delitem__" => {
                self.remove_key(receiver, &first);
                FlowValue::default()
            }
            "__setitem__" => {
                self.store_key(receiver, &first, &args.value_at(1, &[]));
                FlowValue::default()
            }
            "clear" => self.clear_container(receiver),
            "copy" => {
                let id = self.heap.new_container(false);
                self.copy_into(id, receiver);
                FlowValue { known: receiver.known_of_copy(), ..FlowValue::from_container(id) }
            }
            "update" => self.call_update(receiver, args),
            "items" | "keys" | "values" => {
                if receiver.path().is_some_and(readers::is_environment) {
                    self.note_computed();
                }
                self.list_items(receiver, name)
            }
            _ if text_values::METHODS.contains(&name) => {
                self.call_text_method(receiver, name, args)
            }
            _ => self.append_values(receiver, args),
        }
    }

    /// Calls `update`.
    fn call_update(&mut self, receiver: &FlowValue, args: &CallArguments) -> FlowValue {
        self.note_readers_passed(args);
        for id in receiver.objects.clone() {
            self.update_container(receiver, id, &args.first_positional());
        }
        self.store_keywords(receiver, args);
        FlowValue::default()
    }

    /// Calls `append`, `add`, `insert` or `extend`, which add their argument under an unknown
    /// index.
    fn append_values(&mut self, receiver: &FlowValue, args: &CallArguments) -> FlowValue {
        for value in args.all_values() {
            self.stored |= self.heap.variables_of(value);
            for id in &receiver.objects {
                self.heap.add_value(HeapSlot::Rest(*id), value);
            }
        }
        FlowValue::default()
    }

    /// Calls `get` or `__getitem__`.
    fn get_item(&mut self, receiver: &FlowValue, name: &str, args: &CallArguments) -> FlowValue {
        let first = args.value_at(0, &["key"]);
        let default = args.value_at(1, &["default"]);
        if name == "get" && self.may_lack(receiver, &first) {
            // A change to the default reaches the container only if the code stores it there.
            let mut value = FlowValue::from_container(self.heap.new_container(true));
            value.from = receiver.from;
            self.heap.join_values(&mut value, &default);
            return value;
        }
        let mut value = self.lookup_key(receiver, &first);
        if value.objects.is_empty() {
            self.heap.join_values(&mut value, &default);
        } else {
            value.from |= self.heap.variables_of(&default);
        }
        value
    }

    /// Calls `clear`. With several possible containers, nothing is certain to be removed.
    fn clear_container(&mut self, receiver: &FlowValue) -> FlowValue {
        if let [id] = receiver.objects[..] {
            for key in self.heap.keys_of(id) {
                self.heap.set(HeapSlot::Field(id, key), None);
            }
            self.heap.set(HeapSlot::Rest(id), None);
        }
        FlowValue::default()
    }

    /// Returns whether a container of another module may lack a key: the configuration has neither
    /// stored the key nor read it in a way that requires it. A name of the module itself is
    /// assumed to have it: `DATABASES.get("default", {})`.
    fn may_lack(&mut self, receiver: &FlowValue, key: &FlowValue) -> bool {
        let ([word], None) = (key.words(), receiver.path()) else { return false };
        self.heap.take_steps(receiver.objects.len());
        !receiver.objects.is_empty()
            && receiver.objects.iter().all(|id| {
                let unknown = self.heap.get(&HeapSlot::Rest(*id)) == Some(&FlowValue::default());
                unknown && self.heap.get(&HeapSlot::Field(*id, word.clone())).is_none()
            })
    }

    /// Calls `setdefault`.
    fn set_default(
        &mut self,
        receiver: &FlowValue,
        key: &FlowValue,
        default: &FlowValue,
    ) -> FlowValue {
        if let ([id], [word]) = (&receiver.objects[..], key.words()) {
            let slot = HeapSlot::Field(*id, word.clone());
            let empty = self
                .heap
                .get(&HeapSlot::Rest(*id))
                .is_none_or(|rest| *rest == FlowValue::default());
            if self.heap.get(&slot).is_none() && empty {
                self.store_key(receiver, key, default);
                return default.clone();
            }
        }
        // The receiver may be one of several containers; each that lacks the key may have it from
        // now on.
        for id in &receiver.objects {
            for word in key.words() {
                let slot = HeapSlot::Field(*id, word.clone());
                if self.heap.get(&slot).is_none() {
                    self.heap.add_value(slot, default);
                }
            }
        }
        let mut value = self.lookup_key(receiver, key);
        if value.objects.is_empty() {
            self.heap.join_values(&mut value, default);
        }
        value
    }

    /// Returns a list of the keys, values or items of a container.
    fn list_items(&mut self, receiver: &FlowValue, name: &str) -> FlowValue {
        let list = self.heap.new_container(false);
        for id in &receiver.objects {
            let mut pairs: Vec<(FlowValue, FlowValue)> = Vec::new();
            for key in self.heap.keys_of(*id) {
                let held = self.heap.get(&HeapSlot::Field(*id, key.clone())).cloned();
                pairs.push((FlowValue::from_word(&key), held.unwrap_or_default()));
            }
            let known = pairs.len();
            pairs.extend(self.unknown_rest(*id).map(|rest| (FlowValue::default(), rest)));
            for (index, (key, held)) in pairs.into_iter().enumerate() {
                let value = match name {
                    "keys" => key,
                    "values" => held,
                    _ => {
                        let pair = self.heap.new_container(false);
                        for (field, part) in [("#0", key), ("#1", held)] {
                            self.heap.set(HeapSlot::Field(pair, field.into()), Some(part));
                        }
                        FlowValue::from_container(pair)
                    }
                };
                if index < known {
                    self.heap.set(HeapSlot::Field(list, format!("#{index}").into()), Some(value));
                } else {
                    self.heap.add_value(HeapSlot::Rest(list), &value);
                }
            }
        }
        FlowValue { from: receiver.from, ..FlowValue::from_container(list) }
    }
}
