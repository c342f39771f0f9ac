//! Limits concurrent calls to the number of slots in the pool. A further call waits; without this it
//! would fail.

use std::sync::{Condvar, Mutex, PoisonError};

/// The number of free slots.
pub(crate) struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

/// An acquired slot; released on drop.
pub(crate) struct Slot<'a>(&'a Slots);

impl Slots {
    pub(crate) fn new(count: u32) -> Self {
        Self { free: Mutex::new(count.max(1)), freed: Condvar::new() }
    }

    /// Acquires a slot, and waits for it if needed.
    pub(crate) fn acquire(&self) -> Slot<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
