//! A queue for a limited number of slots, in which callers wait by key. Free slots go to the key
//! that holds the fewest, and among those to the one that was served longest ago. So a key with a
//! thousand waiting calls delays another key by at most one turn.
//!
//! A slot is a render, or one byte of memory. A call may take several slots at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::caller_key::CallerKey;

/// Slots, and the calls that wait for one.
#[derive(Debug)]
pub(super) struct FairQueue {
    state: Mutex<QueueState>,
    slots: u64,
    waiting_limit: usize,
}

/// The error of a call that the queue rejected: its key has the most waiting calls, and no more
/// calls may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// The number of calls that may wait.
    pub(super) limit: usize,
}

/// Slots of a call, which are returned on drop.
#[derive(Debug)]
pub(super) struct Permit {
    queue: Arc<FairQueue>,
    key: CallerKey,
    slots: u64,
}

#[derive(Debug, Default)]
struct QueueState {
    all: u64,
    free: u64,
    waiting: usize,
    /// Every key that holds a slot or waits for one.
    keys: BTreeMap<CallerKey, KeyState>,
    /// Counts the slots and places in the queue that were given out.
    clock: u64,
}

/// The slots and waiting calls of one key.
#[derive(Debug, Default)]
struct KeyState {
    held: u64,
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
    answer: oneshot::Sender<Result<(), Full>>,
}

/// A place in the queue. Dropping it leaves the queue, and returns slots that were granted in the
/// meantime.
struct Place<'a> {
    queue: &'a Arc<FairQueue>,
    key: &'a CallerKey,
    number: u64,
    slots: u64,
    answer: oneshot::Receiver<Result<(), Full>>,
}

impl FairQueue {
    /// Creates a queue for that many slots, in which at most `waiting_limit` calls wait.
    pub(super) fn new(slots: u64, waiting_limit: usize) -> Arc<Self> {
        let state = QueueState { all: slots, free: slots, ..QueueState::default() };
        Arc::new(Self { state: Mutex::new(state), slots, waiting_limit })
    }

    /// Returns the number of slots.
    pub(super) fn slots(&self) -> u64 {
        self.slots
    }

    /// Returns the number of slots that are taken.
    pub(super) fn taken(&self) -> u64 {
        self.slots - self.lock_state().free
    }

    /// Waits for one slot; see [`Self::acquire_many`].
    pub(super) async fn acquire(self: &Arc<Self>, key: &CallerKey) -> Result<Permit, Full> {
        self.acquire_many(key, 1).await
    }

    /// Waits for that many slots; for more than there are it waits without end. Dropping the
    /// future leaves the queue. If too many calls wait, the newest call of the key with the most
    /// waiting calls gets the error, which is another call if this key has fewer.
    pub(super) async fn acquire_many(
        self: &Arc<Self>,
        key: &CallerKey,
        slots: u64,
    ) -> Result<Permit, Full> {
        let full = Full { limit: self.waiting_limit };
        let mut place = {
            let mut state = self.lock_state();
            if state.waiting == 0 && state.take_free(key, slots) {
                return Ok(self.permit(key, slots));
            }
            let (number, answer) = state.enqueue(key, slots);
            if state.waiting > self.waiting_limit {
                state.reject_newest(key, full);
            }
            // Slots may be free: the others may wait for more than this call needs.
            state.serve_waiting();
            Place { queue: self, key, number, slots, answer }
        };
        let answer = (&mut place.answer).await.unwrap_or(Err(full));
        answer.map(|()| self.permit(key, slots))
    }

    /// Takes that many slots if they are free. While others wait, a key gets no more than its
    /// share.
    pub(super) fn try_acquire(self: &Arc<Self>, key: &CallerKey, slots: u64) -> Option<Permit> {
        let mut state = self.lock_state();
        let allowed = state.waiting == 0 || state.is_within_share(key, slots, self.slots);
        (allowed && state.take_free(key, slots)).then(|| self.permit(key, slots))
    }

    /// Returns whether that many more slots are within the share of a key: an equal part for each
    /// key that holds slots or waits.
    pub(super) fn is_within_share(&self, key: &CallerKey, slots: u64) -> bool {
        self.lock_state().is_within_share(key, slots, self.slots)
    }

    /// Returns the key that holds the most slots.
    pub(super) fn largest_holder(&self) -> Option<CallerKey> {
        let state = self.lock_state();
        state.keys.iter().max_by_key(|(_, state)| state.held).map(|(key, _)| key.clone())
    }

    /// Returns the number of waiting calls.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock_state().waiting
    }

    fn permit(self: &Arc<Self>, key: &CallerKey, slots: u64) -> Permit {
        Permit { queue: self.clone(), key: key.clone(), slots }
    }

    fn lock_state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Returns the number of slots.
    pub(super) fn slots(&self) -> u64 {
        self.slots
    }

    /// Adds the slots of another permit of the same key and queue.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.slots += std::mem::take(&mut other.slots);
    }

    /// Returns all slots but that many.
    pub(super) fn reduce_to(&mut self, slots: u64) {
        let rest = self.slots.saturating_sub(slots);
        if rest > 0 {
            self.slots -= rest;
            self.queue.lock_state().release(&self.key, rest);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.slots > 0 {
            self.queue.lock_state().release(&self.key, self.slots);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock_state();
        // After this no slots can be granted any more.
        self.answer.close();
        match self.answer.try_recv() {
            Ok(Ok(())) => state.release(self.key, self.slots),
            Ok(Err(_rejected)) => {}
            Err(_) => state.leave(self.key, self.number),
        }
    }
}

impl QueueState {
    /// Takes slots if they are free.
    fn take_free(&mut self, key: &CallerKey, slots: u64) -> bool {
        let Some(free) = self.free.checked_sub(slots) else { return false };
        self.free = free;
        let now = self.tick();
        let entry = self.keys.entry(key.clone()).or_default();
        (entry.held, entry.served) = (entry.held + slots, now);
        true
    }

    /// Returns whether a key would hold at most its part of `all` slots.
    fn is_within_share(&self, key: &CallerKey, slots: u64, all: u64) -> bool {
        let held = self.keys.get(key).map(|state| state.held);
        let keys = self.keys.len() + usize::from(held.is_none());
        held.unwrap_or_default().saturating_add(slots) <= all / (keys as u64)
    }

    /// Appends a call to the queue of its key.
    fn enqueue(
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
        entry.waiting.push_back(Waiter { number, slots, answer: sender });
        (number, answer)
    }

    /// Rejects the newest call of the key with the most waiting calls: that of `newcomer` if no
    /// key has more.
    fn reject_newest(&mut self, newcomer: &CallerKey, full: Full) {
        let most =
            self.keys.iter().max_by_key(|(key, state)| (state.waiting.len(), *key == newcomer));
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
    fn leave(&mut self, key: &CallerKey, number: u64) {
        if let Some(state) = self.keys.get_mut(key) {
            let before = state.waiting.len();
            state.waiting.retain(|waiter| waiter.number != number);
            self.waiting -= before - state.waiting.len();
        }
        self.forget_idle(key);
        self.serve_waiting();
    }

    /// Takes slots back and gives them to the next waiting calls.
    fn release(&mut self, key: &CallerKey, slots: u64) {
        self.free += slots;
        if let Some(state) = self.keys.get_mut(key) {
            state.held -= slots;
        }
        self.serve_waiting();
        self.forget_idle(key);
    }

    /// Gives free slots to waiting calls, until the next call needs more than are free. Calls
    /// behind it wait too, so that a call that needs many slots gets them at last; but a call that
    /// needs more than its key's share does not hold up those within theirs.
    fn serve_waiting(&mut self) {
        while self.waiting > 0 && self.serve_next() {}
    }

    /// Gives free slots to the next waiting call. Returns whether there was one to serve.
    fn serve_next(&mut self) -> bool {
        let share = self.all / (self.keys.len() as u64).max(1);
        let waiting = self.keys.values_mut().filter(|state| !state.waiting.is_empty());
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by_key(|state| (state.held, state.served));
        let mut is_passing = false;
        for state in waiting {
            let Some(slots) = state.waiting.front().map(|waiter| waiter.slots) else { continue };
            let is_within = state.held.saturating_add(slots) <= share;
            if slots <= self.free && (is_within || !is_passing) {
                let Some(waiter) = state.waiting.pop_front() else { return false };
                self.waiting -= 1;
                // If the send fails, the call has given up and is about to leave.
                if waiter.answer.send(Ok(())).is_ok() {
                    self.clock += 1;
                    (state.held, state.served) = (state.held + slots, self.clock);
                    self.free -= slots;
                }
                return true;
            }
            if is_within {
                return false;
            }
            is_passing = true;
        }
        false
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

#[cfg(test)]
mod tests;
