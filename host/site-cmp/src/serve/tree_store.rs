//! The cached trees, bounded by their bytes. When room is needed, the key whose trees have the
//! most bytes loses the one that was not used for longest, so that a caller with many archives
//! evicts its own.
//!
//! A tree that a call still uses takes memory after it was evicted too, so it is evicted only if
//! the budget of running calls has room for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::cached_tree::CachedTree;
use super::caller_key::CallerKey;
use super::descriptors;
use super::unpack_job::Digest;

/// The cached trees.
pub(super) struct TreeStore {
    trees: HashMap<Digest, StoredTree>,
    bytes: u64,
    limit: u64,
    /// The least weight of a tree, in bytes: each holds a file descriptor.
    least: u64,
    /// Counts the uses.
    clock: u64,
}

struct StoredTree {
    tree: Arc<CachedTree>,
    key: CallerKey,
    weight: u64,
    /// The clock when it was used last.
    used: u64,
}

impl TreeStore {
    /// Creates a cache of that many bytes.
    pub(super) fn new(limit: u64) -> Self {
        let least = limit / descriptors::most_trees();
        Self { trees: HashMap::new(), bytes: 0, limit, least, clock: 0 }
    }

    /// Returns the number of trees and their bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        (self.trees.len(), self.bytes)
    }

    /// Returns a tree.
    pub(super) fn get(&mut self, digest: &Digest) -> Option<Arc<CachedTree>> {
        self.clock += 1;
        let stored = self.trees.get_mut(digest)?;
        stored.used = self.clock;
        Some(stored.tree.clone())
    }

    /// Adds a tree if there is room. Returns the tree of that digest that has everything.
    pub(super) fn insert(&mut self, digest: &Digest, tree: Arc<CachedTree>) -> Arc<CachedTree> {
        if let Some(known) = self.trees.get(digest) {
            if known.tree.covers_all_of(&tree) {
                return known.tree.clone();
            }
            if !self.evict(digest) {
                return tree;
            }
        }
        let (key, weight) = (tree.key(), tree.bytes.max(self.least));
        if self.make_room(&key, weight) {
            tree.release_charge();
            self.clock += 1;
            self.bytes += weight;
            let stored = StoredTree { tree: tree.clone(), key, weight, used: self.clock };
            self.trees.insert(*digest, stored);
        }
        tree
    }

    /// Evicts trees until one of that weight fits. Returns whether it does.
    fn make_room(&mut self, newcomer: &CallerKey, weight: u64) -> bool {
        while weight <= self.limit && self.bytes + weight > self.limit {
            let order = self.eviction_order(newcomer, weight);
            if !order.iter().any(|digest| self.evict(digest)) {
                return false;
            }
        }
        weight <= self.limit
    }

    /// Returns the trees, the first to be evicted first.
    fn eviction_order(&self, newcomer: &CallerKey, weight: u64) -> Vec<Digest> {
        let mut bytes = BTreeMap::from([(newcomer, weight)]);
        for stored in self.trees.values() {
            *bytes.entry(&stored.key).or_default() += stored.weight;
        }
        let mut order: Vec<_> = self
            .trees
            .iter()
            .map(|(digest, stored)| (u64::MAX - bytes[&stored.key], stored.used, *digest))
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, _, digest)| digest).collect()
    }

    /// Evicts a tree, unless it is used and the budget has no room for it. Returns whether it did.
    fn evict(&mut self, digest: &Digest) -> bool {
        let may_go = |stored: &StoredTree| {
            Arc::strong_count(&stored.tree) == 1 || stored.tree.charge_again()
        };
        if !self.trees.get(digest).is_some_and(may_go) {
            return false;
        }
        self.bytes -= self.trees.remove(digest).map_or(0, |stored| stored.weight);
        true
    }
}

#[cfg(test)]
mod tests;
