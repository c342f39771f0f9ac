//! Undoes the changes of a branch, and merges the changes of several.

use std::collections::BTreeMap;

use super::{Changes, Heap, HeapSlot};
use crate::app_config::flow::value::FlowValue;

impl Heap {
    /// Begins a branch. Returns the mark that [`Heap::take_back`] takes.
    pub(in crate::app_config::flow) fn begin_branch(&mut self) -> usize {
        self.branches.push(self.objects.len());
        self.journal.len()
    }

    /// Undoes the changes of a branch, and returns them.
    pub(in crate::app_config::flow) fn take_back(&mut self, begun: usize) -> Changes {
        self.branches.pop();
        let mut changes = Changes::new();
        let entries = self.journal.split_off(begun.min(self.journal.len()));
        self.take_steps(entries.len());
        for (slot, before) in entries.into_iter().rev() {
            // The names of a finished function need no restoring.
            if matches!(slot, HeapSlot::Name(scope, _) if scope >= self.scopes.len()) {
                continue;
            }
            let after = self.replace(&slot, before);
            changes.entry(slot).or_insert(after);
        }
        changes
    }

    /// Sets each changed slot to the union of its values after all branches.
    pub(in crate::app_config::flow) fn merge_branches(&mut self, branches: &[Changes]) {
        let mut merged: BTreeMap<&HeapSlot, Option<FlowValue>> = BTreeMap::new();
        for slot in branches.iter().flat_map(BTreeMap::keys) {
            if merged.contains_key(slot) || !self.take_steps(branches.len()) {
                continue;
            }
            let before = self.get(slot).cloned();
            let mut joined: Option<FlowValue> = None;
            for branch in branches {
                let after = branch.get(slot).unwrap_or(&before);
                match (&mut joined, after) {
                    (Some(joined), Some(after)) => self.join_values(joined, after),
                    (joined @ None, after) => joined.clone_from(after),
                    (Some(_), None) => {}
                }
            }
            merged.insert(slot, joined);
        }
        for (slot, value) in merged {
            self.set(slot.clone(), value);
        }
    }
}
