//! An index of the keyed lists in an object, so that a document finds the item that it changes
//! without a search: many documents may change one long list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list_keys::{ListKeys, item_name};
use crate::value::Node;

/// The index of one value, and of the values below it. It has only what documents have visited.
#[derive(Debug, Default)]
pub(super) struct ListIndex {
    /// Where each item of a keyed list is, by its identity.
    pub(super) items: BTreeMap<Vec<String>, usize>,
    /// Whether the items are indexed.
    is_indexed: bool,
    keys: BTreeMap<Arc<str>, Self>,
    positions: BTreeMap<usize, Self>,
}

impl ListIndex {
    /// Indexes the items of a keyed list, unless that was done before. Of two items with the same
    /// identity the first one counts.
    pub(super) fn add_list(&mut self, keys: ListKeys, list: &[Node]) {
        if self.is_indexed {
            return;
        }
        self.is_indexed = true;
        for (position, item) in list.iter().enumerate() {
            if let Some(name) = item_name(keys, item) {
                self.items.entry(name).or_insert(position);
            }
        }
    }

    /// Returns the index of the value of a key.
    pub(super) fn below_key(&mut self, key: &Arc<str>) -> &mut Self {
        self.keys.entry(key.clone()).or_default()
    }

    /// Returns the index of an item of a list.
    pub(super) fn below_item(&mut self, position: usize) -> &mut Self {
        self.positions.entry(position).or_default()
    }

    /// Forgets everything, because the value was replaced.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
