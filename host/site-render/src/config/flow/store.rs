//! Targets: names, keys and attributes that are bound or deleted, and imports.

use ruff_python_ast::{Expr, Stmt};

use super::heap::{MODULE, OTHERS, Slot};
use super::state::Flow;
use super::value::{Id, Value};
use crate::config::readers;

impl<'a> Flow<'a> {
    pub(super) fn assign(&mut self, target: &'a Expr, value: &Value) {
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), Some(value.clone())),
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.store(&base, &key, value);
            }
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.store_attribute(&base, attribute.attr.as_str(), value);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value),
            Expr::List(list) => self.unpack(&list.elts, value),
            Expr::Starred(starred) => self.assign(&starred.value, value),
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value) {
        let starred = targets.iter().any(Expr::is_starred_expr);
        for (index, target) in targets.iter().enumerate() {
            let key = if starred { Value::default() } else { Value::word(&format!("#{index}")) };
            let held = self.index(value, &key);
            self.assign(target, &held);
        }
    }

    /// Stores a value under a key: in place of what was there, where it is known which.
    pub(super) fn store(&mut self, base: &Value, key: &Value, value: &Value) {
        let from = self.heap.reach(value);
        self.stored |= from;
        if base.path().is_some_and(readers::is_environment) {
            // What reads the environment by itself has it from there.
            self.escaped |= from;
        }
        if let ([id], [word]) = (&base.objects[..], key.words()) {
            self.heap.set(Slot::Field(*id, word.clone()), Some(value.clone()));
            return;
        }
        for id in &base.objects {
            if key.words().is_empty() {
                self.heap.add(Slot::Rest(*id), value);
            }
            for word in key.words() {
                self.heap.add(Slot::Field(*id, word.clone()), value);
            }
        }
    }

    pub(super) fn store_attribute(&mut self, base: &Value, name: &str, value: &Value) {
        match base.path() {
            Some(path) => {
                let slot = Slot::Name(OTHERS, format!("{path}.{name}").into());
                self.note_namesake(&format!("{path}.{name}"), &slot);
                self.heap.set(slot, Some(value.clone()));
            }
            None => self.store(base, &Value::word(&format!(".{name}")), value),
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), None),
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.remove(&base, &key);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| self.delete(one)),
            Expr::List(list) => list.elts.iter().for_each(|one| self.delete(one)),
            _ => {}
        }
    }

    pub(super) fn remove(&mut self, base: &Value, key: &Value) {
        if let ([id], [word]) = (&base.objects[..], key.words()) {
            self.heap.set(Slot::Field(*id, word.clone()), None);
        }
    }

    /// Adds all that a value holds to a new container.
    pub(super) fn spread(&mut self, id: Id, value: &Value) {
        let into = Value::object(id);
        self.update(&into, id, value);
    }

    /// Adds all that a value holds to one container of those that another may be.
    pub(super) fn update(&mut self, whole: &Value, id: Id, value: &Value) {
        self.stored |= self.heap.reach(value);
        let certain = whole.objects.len() == 1 && value.objects.len() == 1;
        for other in value.objects.clone() {
            if other == id {
                continue;
            }
            // What is not known of the other is the same thing in both from now on.
            if let Some(rest) = self.rest(other) {
                self.heap.add(Slot::Rest(id), &rest);
            }
            for key in self.heap.keys(other) {
                let Some(held) = self.heap.get(&Slot::Field(other, key.clone())).cloned() else {
                    continue;
                };
                let slot = Slot::Field(id, key);
                // What was only looked for, as by `DATABASES.get("x", {})`, may not be there.
                if certain && !self.heap.is_discovered(&held) {
                    self.heap.set(slot, Some(held));
                } else {
                    self.heap.add(slot, &held);
                }
            }
        }
        if value.from != 0 {
            self.heap.add(Slot::Rest(id), &Value::of(value.from));
        }
    }

    pub(super) fn import(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    // `import a.b` binds `a`.
                    let first = module.split('.').next().unwrap_or(module);
                    let asname = alias.asname.as_ref().map(|name| (name.as_str(), module));
                    let (name, bound) = asname.unwrap_or((first, first));
                    let value = self.other(bound);
                    self.bind(name, Some(value));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                self.heap.step(self.stars.len() * import.names.len());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    if alias.name.as_str() == "*" {
                        self.star(module);
                        continue;
                    }
                    let value = self.other(&format!("{module}.{}", alias.name));
                    // It may be what the star has bound already, by another module's name.
                    let starred = self.stars.iter().any(|(_, star)| *star == module);
                    let bound = self.heap.get(&Slot::Name(MODULE, name.into())).is_some();
                    if !(starred && bound && self.stars.len() > 1 && name == alias.name.as_str()) {
                        self.bind(name, Some(value));
                    }
                }
            }
            _ => {}
        }
    }

    /// Binds what a module holds; of one that a layer below has starred, the merge leaves it out.
    fn star(&mut self, module: &'a str) {
        let known = self.stars.iter().find(|(_, star)| *star == module).copied();
        match known {
            Some((layer, _)) if layer != self.layer => {}
            Some(_) => {
                for number in 0..self.settings.len() {
                    let name = self.settings[number].name;
                    let slot = Slot::Name(OTHERS, format!("{module}.{name}").into());
                    match self.heap.get(&slot).cloned() {
                        Some(value) => self.bind(name, Some(value)),
                        // Whether the module has such a name is not known.
                        None if self.settings[number].now() != 0 => self.note_star(),
                        None => {}
                    }
                }
            }
            None => {
                if self.settings.iter().any(|one| one.now() != 0) {
                    self.note_star();
                }
                self.stars.push((self.layer, module));
            }
        }
    }

    fn note_star(&mut self) {
        self.late_star.get_or_insert((self.layer, self.at));
    }
}
