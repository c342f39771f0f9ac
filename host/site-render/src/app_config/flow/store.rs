//! Assigns and deletes names, keys and attributes, and binds imports.

use ruff_python_ast::{Expr, Stmt};

use super::heap::{HeapSlot, MODULE, OTHERS};
use super::state::Flow;
use super::value::{FlowValue, Id};
use crate::app_config::readers;

impl<'a> Flow<'a> {
    /// Assigns a value to a target.
    pub(super) fn assign_target(&mut self, target: &'a Expr, value: &FlowValue) {
        match target {
            Expr::Name(name) => self.bind_name(name.id.as_str(), Some(value.clone())),
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.store_key(&base, &key, value);
            }
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.store_attribute(&base, attribute.attr.as_str(), value);
            }
            Expr::Tuple(tuple) => self.unpack_into(&tuple.elts, value),
            Expr::List(list) => self.unpack_into(&list.elts, value),
            Expr::Starred(starred) => self.assign_target(&starred.value, value),
            _ => {}
        }
    }

    /// Assigns the elements of a value to several targets.
    fn unpack_into(&mut self, targets: &'a [Expr], value: &FlowValue) {
        let starred = targets.iter().any(Expr::is_starred_expr);
        for (index, target) in targets.iter().enumerate() {
            let key = if starred {
                FlowValue::default()
            } else {
                FlowValue::from_word(&format!("#{index}"))
            };
            let held = self.lookup_key(value, &key);
            self.assign_target(target, &held);
        }
    }

    /// Stores a value under a key. It replaces the previous value only if both the container and
    /// the key are certain.
    pub(super) fn store_key(&mut self, base: &FlowValue, key: &FlowValue, value: &FlowValue) {
        let from = self.heap.variables_of(value);
        self.stored |= from;
        if base.path().is_some_and(readers::is_environment) {
            // Code that reads the environment directly gets the value from there.
            self.escaped |= from;
        }
        if let ([id], [word]) = (&base.objects[..], key.words()) {
            self.heap.set(HeapSlot::Field(*id, word.clone()), Some(value.clone()));
            return;
        }
        for id in &base.objects {
            if key.words().is_empty() {
                self.heap.add_value(HeapSlot::Rest(*id), value);
            }
            for word in key.words() {
                self.heap.add_value(HeapSlot::Field(*id, word.clone()), value);
            }
        }
    }

    /// Stores an attribute of a module or an object.
    pub(super) fn store_attribute(&mut self, base: &FlowValue, name: &str, value: &FlowValue) {
        match base.path() {
            Some(path) => {
                let slot = HeapSlot::Name(OTHERS, format!("{path}.{name}").into());
                self.note_namesake(&format!("{path}.{name}"), &slot);
                self.heap.set(slot, Some(value.clone()));
            }
            None => self.store_key(base, &FlowValue::from_word(&format!(".{name}")), value),
        }
    }

    /// Deletes a target.
    pub(super) fn delete_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.bind_name(name.id.as_str(), None),
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.remove_key(&base, &key);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| self.delete_target(one)),
            Expr::List(list) => list.elts.iter().for_each(|one| self.delete_target(one)),
            _ => {}
        }
    }

    /// Removes a key, if both the container and the key are certain.
    pub(super) fn remove_key(&mut self, base: &FlowValue, key: &FlowValue) {
        if let ([id], [word]) = (&base.objects[..], key.words()) {
            self.heap.set(HeapSlot::Field(*id, word.clone()), None);
        }
    }

    /// Copies the content of a value into a new container.
    pub(super) fn copy_into(&mut self, id: Id, value: &FlowValue) {
        let into = FlowValue::from_container(id);
        self.update_container(&into, id, value);
    }

    /// Copies the content of a value into one of the containers that `whole` may be.
    pub(super) fn update_container(&mut self, whole: &FlowValue, id: Id, value: &FlowValue) {
        self.stored |= self.heap.variables_of(value);
        let certain = whole.objects.len() == 1 && value.objects.len() == 1;
        for other in value.objects.clone() {
            if other == id {
                continue;
            }
            // The unknown content is the same object in both containers from now on.
            if let Some(rest) = self.unknown_rest(other) {
                self.heap.add_value(HeapSlot::Rest(id), &rest);
            }
            for key in self.heap.keys_of(other) {
                let Some(held) = self.heap.get(&HeapSlot::Field(other, key.clone())).cloned()
                else {
                    continue;
                };
                let slot = HeapSlot::Field(id, key);
                // A value that was only looked up, as in `DATABASES.get("x", {})`, may not exist.
                if certain && !self.heap.is_discovered(&held) {
                    self.heap.set(slot, Some(held));
                } else {
                    self.heap.add_value(slot, &held);
                }
            }
        }
        if value.from != 0 {
            self.heap.add_value(HeapSlot::Rest(id), &FlowValue::from_variables(value.from));
        }
    }

    /// Binds the names of an import.
    pub(super) fn bind_imports(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    // `import a.b` binds `a`.
                    let first = module.split('.').next().unwrap_or(module);
                    let asname = alias.asname.as_ref().map(|name| (name.as_str(), module));
                    let (name, bound) = asname.unwrap_or((first, first));
                    let value = self.lookup_path(bound);
                    self.bind_name(name, Some(value));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                self.heap.take_steps(self.stars.len() * import.names.len());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    if alias.name.as_str() == "*" {
                        self.bind_star(module);
                        continue;
                    }
                    let value = self.lookup_path(&format!("{module}.{}", alias.name));
                    // A star import may have bound the name already, under another module's name.
                    let starred = self.stars.iter().any(|(_, star)| *star == module);
                    let bound = self.heap.get(&HeapSlot::Name(MODULE, name.into())).is_some();
                    if !(starred && bound && self.stars.len() > 1 && name == alias.name.as_str()) {
                        self.bind_name(name, Some(value));
                    }
                }
            }
            _ => {}
        }
    }

    /// Binds the names of a star import. The merge drops one that a lower layer has already.
    fn bind_star(&mut self, module: &'a str) {
        let known = self.stars.iter().find(|(_, star)| *star == module).copied();
        match known {
            Some((layer, _)) if layer != self.layer => {}
            Some(_) => {
                for number in 0..self.settings.len() {
                    let name = self.settings[number].name;
                    let slot = HeapSlot::Name(OTHERS, format!("{module}.{name}").into());
                    match self.heap.get(&slot).cloned() {
                        Some(value) => self.bind_name(name, Some(value)),
                        // It is not known whether the module has such a name.
                        None if self.settings[number].current() != 0 => self.note_star(),
                        None => {}
                    }
                }
            }
            None => {
                if self.settings.iter().any(|one| one.current() != 0) {
                    self.note_star();
                }
                self.stars.push((self.layer, module));
            }
        }
    }

    /// Records the first star import that may bind shaped settings again.
    fn note_star(&mut self) {
        self.late_star.get_or_insert((self.layer, self.at));
    }
}
