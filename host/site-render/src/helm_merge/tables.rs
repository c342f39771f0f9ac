//! Values as tables that several charts share, as Helm's own maps are: a subchart adds its defaults
//! below a global of its parent to the parent's own table, and so do its siblings.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::is_null;
use crate::origin::Origin;
use crate::value::{Mapping, Node, Value};

/// A mapping that may have several owners.
#[derive(Clone, Debug)]
pub(super) struct SharedTable(Rc<SharedEntries>);

#[derive(Debug)]
struct SharedEntries {
    entries: RefCell<IndexMap<Arc<str>, SharedValue>>,
    origin: Origin,
}

/// A value of a table.
#[derive(Clone, Debug)]
pub(super) enum SharedValue {
    Table(SharedTable),
    /// Anything but a mapping.
    Other(Node),
}

impl SharedValue {
    pub(super) fn table(&self) -> Option<&SharedTable> {
        match self {
            Self::Table(table) => Some(table),
            Self::Other(_) => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Other(node) if is_null(node))
    }

    fn of(node: &Node) -> Self {
        match node.as_mapping() {
            Some(_) => Self::Table(SharedTable::of(node)),
            None => Self::Other(node.clone()),
        }
    }

    fn node(&self) -> Node {
        match self {
            Self::Table(table) => table.node(),
            Self::Other(node) => node.clone(),
        }
    }
}

impl SharedTable {
    /// Returns an empty table.
    pub(super) fn empty(origin: Origin) -> Self {
        Self(Rc::new(SharedEntries { entries: RefCell::default(), origin }))
    }

    /// Returns a table with its own copy of a mapping; an empty one for any other value.
    pub(super) fn of(node: &Node) -> Self {
        let table = Self::empty(node.origin.clone());
        for (key, child) in node.as_mapping().into_iter().flatten() {
            table.insert(key, SharedValue::of(child));
        }
        table
    }

    /// Returns the table as a mapping.
    pub(super) fn node(&self) -> Node {
        let entries = self.0.entries.borrow();
        let mapping: Mapping =
            entries.iter().map(|(key, item)| (key.clone(), item.node())).collect();
        Node { value: Value::Mapping(Arc::new(mapping)), origin: self.0.origin.clone() }
    }

    /// Returns a copy of everything below.
    pub(super) fn copy(&self) -> Self {
        Self::of(&self.node())
    }

    /// Returns another table with the same items.
    pub(super) fn shallow_copy(&self) -> Self {
        let entries = RefCell::new(self.0.entries.borrow().clone());
        Self(Rc::new(SharedEntries { entries, origin: self.0.origin.clone() }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.entries.borrow().is_empty()
    }

    pub(super) fn origin(&self) -> Origin {
        self.0.origin.clone()
    }

    pub(super) fn get(&self, key: &str) -> Option<SharedValue> {
        self.0.entries.borrow().get(key).cloned()
    }

    pub(super) fn insert(&self, key: &str, item: SharedValue) {
        self.0.entries.borrow_mut().insert(Arc::from(key), item);
    }

    pub(super) fn remove(&self, key: &str) {
        self.0.entries.borrow_mut().shift_remove(key);
    }

    /// Returns the items as they are now.
    pub(super) fn items(&self) -> Vec<(Arc<str>, SharedValue)> {
        self.0.entries.borrow().iter().map(|(key, item)| (key.clone(), item.clone())).collect()
    }

    /// Returns the table at a dotted path.
    pub(super) fn table_at(&self, path: &str) -> Option<Self> {
        path.split('.').try_fold(self.clone(), |table, key| table.get(key)?.table().cloned())
    }

    /// Returns the value at a dotted path, unless it is a table.
    pub(super) fn value_at(&self, path: &str) -> Option<Node> {
        let (table, key) = match path.rsplit_once('.') {
            Some((above, key)) => (self.table_at(above)?, key),
            None => (self.clone(), path),
        };
        match table.get(key)? {
            SharedValue::Other(node) => Some(node),
            SharedValue::Table(_) => None,
        }
    }

    /// Removes the nulls in the table and below it.
    pub(super) fn remove_nulls(&self) {
        for (key, item) in self.items() {
            match &item {
                SharedValue::Table(table) => table.remove_nulls(),
                item if item.is_null() => self.remove(&key),
                SharedValue::Other(_) => {}
            }
        }
    }

    /// Adds what another table has and this one does not. Where `deletes`, a null of this table
    /// removes the other one's value, and itself.
    pub(super) fn fill_from(&self, other: &Self, deletes: bool) {
        for (key, theirs) in other.items() {
            match self.get(&key) {
                None => self.insert(&key, theirs),
                Some(own) if own.is_null() => {
                    if deletes && !theirs.is_null() {
                        self.remove(&key);
                    }
                }
                Some(SharedValue::Table(own)) => {
                    if let SharedValue::Table(theirs) = theirs {
                        own.fill_from(&theirs, deletes);
                    }
                }
                Some(SharedValue::Other(_)) => {}
            }
        }
    }
}
