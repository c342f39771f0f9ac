//! Whose turn it is to unpack: few do so at once, and one that waits for bytes gives its
//! turn back, so that a caller who sends slowly holds up nobody.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turn of one unpacking, on a thread that may wait.
pub(super) struct Turn {
    turns: Arc<Semaphore>,
    runtime: Handle,
    held: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Not its turn yet. Made where the runtime is, used where it may be waited for.
    pub(super) fn of(turns: Arc<Semaphore>) -> Self {
        Self { turns, runtime: Handle::current(), held: None }
    }

    /// Does something that may take long without having the turn, and takes it again.
    pub(super) fn aside<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        self.held = None;
        let waited = wait();
        // Closed by nobody; without a turn it would merely go on out of turn.
        self.held = self.runtime.block_on(self.turns.clone().acquire_owned()).ok();
        waited
    }
}
