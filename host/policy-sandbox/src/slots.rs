//! How many calls may run at the same time: as many as the pool has slots. One more
//! waits for its turn; without this it would get an error instead.

use std::sync::{Condvar, Mutex, PoisonError};

/// Free slots, and those who wait for one.
pub(crate) struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A slot that is taken until this is dropped.
pub(crate) struct Slot<'a>(&'a Slots);

impl Slots {
    pub(crate) fn new(count: u32) -> Self {
        Self { free: Mutex::new(count.max(1)), freed: Condvar::new() }
    }

    /// Takes a slot, waiting for it if need be.
    pub(crate) fn take(&self) -> Slot<'_> {
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
