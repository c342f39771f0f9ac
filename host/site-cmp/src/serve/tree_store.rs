//! The cached trees, bounded by their bytes. When room is needed, the key whose trees have the
//! most bytes loses the one that was not used for longest, so that a caller with many archives
//! evicts its own.
//!
//! A tree that a call still uses takes memory after it was evicted too, so it is evicted only if
//! the budget of running calls has room for it, in the share of the caller that used it last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
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
    /// The key of the call that used it last, which may be another one.
    user: CallerKey,
    /// The clock when it was used last.
    used: u64,
}

/// The trees of one key. The one with the most bytes is the greatest, and of two the one with the
/// oldest tree.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct KeyTrees {
    bytes: u64,
    oldest: Option<Reverse<u64>>,
    /// When each was used last, and its digest; the oldest last.
    trees: Vec<(Reverse<u64>, Digest)>,
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

    /// Returns a tree for a call of a key.
    pub(super) fn get(&mut self, digest: &Digest, user: &CallerKey) -> Option<Arc<CachedTree>> {
        self.clock += 1;
        let stored = self.trees.get_mut(digest)?;
        stored.used = self.clock;
        stored.user.clone_from(user);
        Some(stored.tree.clone())
    }

    /// Adds a tree if there is room. Returns the tree of that digest that has everything.
    pub(super) fn insert(&mut self, digest: &Digest, tree: Arc<CachedTree>) -> Arc<CachedTree> {
        if let Some(known) = self.trees.get(digest) {
            if known.tree.covers_all_of(&tree) {
                return known.tree.clone();
            }
            if self.evict(digest).is_none() {
                return tree;
            }
        }
        let (key, weight) = (tree.key(), tree.bytes.max(self.least));
        if self.make_room(&key, weight) {
            tree.release_charge();
            self.clock += 1;
            self.bytes += weight;
            let (tree, user) = (tree.clone(), key.clone());
            let stored = StoredTree { tree, key, weight, user, used: self.clock };
            self.trees.insert(*digest, stored);
        }
        tree
    }

    /// Evicts trees until one of that weight fits. Returns whether it does.
    fn make_room(&mut self, newcomer: &CallerKey, weight: u64) -> bool {
        if weight > self.limit || self.bytes + weight <= self.limit {
            return weight <= self.limit;
        }
        let mut order = self.eviction_order(newcomer, weight);
        while self.bytes + weight > self.limit {
            let Some(mut most) = order.pop() else { return false };
            let Some((_, digest)) = most.trees.pop() else { continue };
            most.bytes -= self.evict(&digest).unwrap_or_default();
            order.push(most.with_oldest());
        }
        true
    }

    /// Returns the trees of each key, those of the key with the most bytes first.
    fn eviction_order(&self, newcomer: &CallerKey, weight: u64) -> BinaryHeap<KeyTrees> {
        let mut keys = BTreeMap::<&CallerKey, KeyTrees>::new();
        for (digest, stored) in &self.trees {
            let of_key = keys.entry(&stored.key).or_default();
            of_key.bytes += stored.weight;
            of_key.trees.push((Reverse(stored.used), *digest));
        }
        if let Some(own) = keys.get_mut(newcomer) {
            own.bytes += weight;
        }
        let sorted = keys.into_values().map(|mut of_key| {
            of_key.trees.sort_unstable();
            of_key.with_oldest()
        });
        sorted.collect()
    }

    /// Evicts a tree, unless it is used and the budget has no room for it. Returns its weight if it
    /// did.
    fn evict(&mut self, digest: &Digest) -> Option<u64> {
        let may_go = |stored: &StoredTree| {
            Arc::strong_count(&stored.tree) == 1 || stored.tree.charge_user(&stored.user)
        };
        if !self.trees.get(digest).is_some_and(may_go) {
            return None;
        }
        let weight = self.trees.remove(digest)?.weight;
        self.bytes -= weight;
        Some(weight)
    }
}

impl KeyTrees {
    /// Updates the use of its oldest tree.
    fn with_oldest(self) -> Self {
        Self { oldest: self.trees.last().map(|(used, _)| *used), ..self }
    }
}

#[cfg(test)]
mod tests;
