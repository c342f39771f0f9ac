//! The slots of a queue and the calls that wait for one.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot;

use super::Full;
use crate::serve::caller_key::CallerKey;

/// Slots by key.
#[derive(Debug, Default)]
pub(super) struct QueueState {
    /// The number of slots.
    pub(super) all: u64,
    pub(super) free: u64,
    pub(super) waiting: usize,
    /// Every key that holds a slot or waits for one.
    pub(super) keys: BTreeMap<CallerKey, KeyState>,
    /// Counts the slots and places in the queue that were given out.
    clock: u64,
}

/// The slots and waiting calls of one key.
#[derive(Debug, Default)]
pub(super) struct KeyState {
    pub(super) held: u64,
    /// The clock when the key was served last, or began to wait.
    served: u64,
    /// Waiting calls, the oldest first.
    waiting: VecDeque<Waiter>,
}

/// A waiting call: its number, the slots that it needs, and the channel on which it gets its
/// answer.
#[derive(Debug)]
struct Waiter {
    number: u64,
    slots: u64,
    /// The slots that others got although this call was next.
    passed: u64,
    answer: oneshot::Sender<Result<(), Full>>,
}

impl QueueState {
    pub(super) fn new(slots: u64) -> Self {
        Self { all: slots, free: slots, ..Self::default() }
    }

    /// Takes slots if they are free.
    pub(super) fn take_free(&mut self, key: &CallerKey, slots: u64) -> bool {
        let Some(free) = self.free.checked_sub(slots) else { return false };
        self.free = free;
        let now = self.tick();
        let entry = self.keys.entry(key.clone()).or_default();
        (entry.held, entry.served) = (entry.held + slots, now);
        true
    }

    /// Returns whether a key would hold at most its part of all slots.
    pub(super) fn is_within_share(&self, key: &CallerKey, slots: u64) -> bool {
        let held = self.keys.get(key).map(|state| state.held);
        let keys = self.keys.len() + usize::from(held.is_none());
        held.unwrap_or_default().saturating_add(slots) <= self.all / (keys as u64)
    }

    /// Returns whether calls of other keys wait.
    pub(super) fn others_wait(&self, key: &CallerKey) -> bool {
        self.waiting > self.keys.get(key).map_or(0, |state| state.waiting.len())
    }

    /// Appends a call to the queue of its key.
    pub(super) fn enqueue(
        &mut self,
        key: &CallerKey,
        slots: u64,
    ) -> (u64, oneshot::Receiver<Result<(), Full>>) {
        let (sender, answer) = oneshot::channel();
        let number = self.tick();
        self.waiting += 1;
        let entry = self.keys.entry(key.clone()).or_default();
        if entry.held == 0 && entry.waiting.is_empty() {
            entry.served = number;
        }
        entry.waiting.push_back(Waiter { number, slots, passed: 0, answer: sender });
        (number, answer)
    }

    /// Rejects the newest call of the key with the most waiting calls, and among those of the key that
    /// holds the most slots or else waits for the most: that of `newcomer` if no key has more.
    pub(super) fn reject_newest(&mut self, newcomer: &CallerKey, full: Full) {
        let most = self.keys.iter().max_by_key(|(key, state)| {
            let needed = state.waiting.back().map_or(0, |waiter| waiter.slots);
            (state.waiting.len(), state.held, needed, *key == newcomer)
        });
        let Some(key) = most.map(|(key, _)| key.clone()) else { return };
        let newest = self.keys.get_mut(&key).and_then(|state| state.waiting.pop_back());
        if let Some(waiter) = newest {
            self.waiting -= 1;
            // A call that is gone needs no answer.
            let _ = waiter.answer.send(Err(full));
        }
        self.forget_idle(&key);
        self.serve_waiting();
    }

    /// Removes a call that gave up.
    pub(super) fn leave(&mut self, key: &CallerKey, number: u64) {
        if let Some(state) = self.keys.get_mut(key) {
            let before = state.waiting.len();
            state.waiting.retain(|waiter| waiter.number != number);
            self.waiting -= before - state.waiting.len();
        }
        self.forget_idle(key);
        self.serve_waiting();
    }

    /// Takes slots back and gives them to the next waiting calls.
    pub(super) fn release(&mut self, key: &CallerKey, slots: u64) {
        self.free += slots;
        if let Some(state) = self.keys.get_mut(key) {
            state.held -= slots;
        }
        self.serve_waiting();
        self.forget_idle(key);
    }

    /// Gives free slots to waiting calls. A call that needs more than are free lets others pass that
    /// need less, until they got as many slots as it needs itself: so it gets them at last. A call
    /// that needs more than its key's share lets all pass that are within theirs.
    pub(super) fn serve_waiting(&mut self) {
        while self.waiting > 0 && self.serve_next() {}
    }

    /// Gives free slots to the next waiting call that they suffice for. Returns whether there was one.
    fn serve_next(&mut self) -> bool {
        let share = self.all / (self.keys.len() as u64).max(1);
        let waiting = self.keys.values_mut().filter(|state| !state.waiting.is_empty());
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by_key(|state| (state.held, state.served));
        let Some(at) = next_to_serve(&waiting, self.free, share) else { return false };
        let (before, rest) = waiting.split_at_mut(at);
        let Some(state) = rest.first_mut() else { return false };
        let Some(waiter) = state.waiting.pop_front() else { return false };
        self.waiting -= 1;
        // If the send fails, the call has given up and is about to leave.
        if waiter.answer.send(Ok(())).is_ok() {
            self.clock += 1;
            (state.held, state.served) = (state.held + waiter.slots, self.clock);
            self.free -= waiter.slots;
            for passed in before.iter_mut().filter_map(|state| state.waiting.front_mut()) {
                passed.passed += waiter.slots;
            }
        }
        true
    }

    /// Removes a key that neither holds nor waits.
    fn forget_idle(&mut self, key: &CallerKey) {
        let idle = |state: &KeyState| state.held == 0 && state.waiting.is_empty();
        if self.keys.get(key).is_some_and(idle) {
            self.keys.remove(key);
        }
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}

/// Returns the index of the key that gets slots next: the first one that is within its share, or else
/// the first one. A key that was passed often enough gets the next slots, so it stops the search.
fn next_to_serve(waiting: &[&mut KeyState], free: u64, share: u64) -> Option<usize> {
    let mut over_share = None;
    for (at, state) in waiting.iter().enumerate() {
        let Some(next) = state.waiting.front() else { continue };
        let fits = next.slots <= free;
        if state.held.saturating_add(next.slots) <= share {
            if fits {
                return Some(at);
            }
            if next.passed >= next.slots {
                return None;
            }
        } else if fits && at == 0 {
            over_share = Some(at);
        }
    }
    over_share
}
