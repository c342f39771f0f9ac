//! A queue for a limited number of slots, in which callers wait by key. Free slots go to the key
//! that holds the fewest, and among those to the one that was served longest ago. So a key with a
//! thousand waiting calls delays another key by at most one turn.
//!
//! A slot is a render, or one byte of memory. A call may take several slots at once.

mod queue_state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use queue_state::QueueState;

use super::caller_key::CallerKey;

/// Slots, and the calls that wait for one.
#[derive(Debug)]
pub(super) struct FairQueue {
    state: Mutex<QueueState>,
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
        Arc::new(Self { state: Mutex::new(QueueState::new(slots)), waiting_limit })
    }

    /// Returns the number of slots.
    pub(super) fn slots(&self) -> u64 {
        self.lock_state().all
    }

    /// Returns the number of slots that are taken.
    pub(super) fn taken(&self) -> u64 {
        let state = self.lock_state();
        state.all - state.free
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
        let allowed = state.waiting == 0 || state.is_within_share(key, slots);
        (allowed && state.take_free(key, slots)).then(|| self.permit(key, slots))
    }

    /// Returns whether that many more slots are within the share of a key: an equal part for each
    /// key that holds slots or waits.
    pub(super) fn is_within_share(&self, key: &CallerKey, slots: u64) -> bool {
        self.lock_state().is_within_share(key, slots)
    }

    /// Returns whether calls of other keys wait.
    pub(super) fn others_wait(&self, key: &CallerKey) -> bool {
        self.lock_state().others_wait(key)
    }

    /// Returns the key that holds the most slots.
    pub(super) fn largest_holder(&self) -> Option<CallerKey> {
        let state = self.lock_state();
        state.keys.iter().max_by_key(|(_, state)| state.held).map(|(key, _)| key.clone())
    }

    /// Returns whether a key holds the most slots while calls of other keys wait.
    pub(super) fn must_give_way(&self, key: &CallerKey) -> bool {
        self.others_wait(key) && self.largest_holder().as_ref() == Some(key)
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

    /// Returns the queue that they belong to.
    pub(super) fn queue(&self) -> &FairQueue {
        &self.queue
    }

    /// Returns the key that holds them.
    pub(super) fn key(&self) -> &CallerKey {
        &self.key
    }

    /// Adds the slots of another permit of the same key and queue.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.slots += std::mem::take(&mut other.slots);
    }

    /// Moves that many slots, or all if there are fewer, to a permit of their own.
    pub(super) fn split(&mut self, slots: u64) -> Self {
        let slots = slots.min(self.slots);
        self.slots -= slots;
        self.queue.permit(&self.key, slots)
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

#[cfg(test)]
mod tests;
