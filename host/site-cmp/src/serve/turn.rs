//! Whose turn it is to unpack: few do so at once, for each holds what it has unpacked. One
//! that waits long for bytes gives its turn back, so that a caller who sends slowly holds
//! up nobody.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// How long a turn is kept while nothing comes. On a busy machine a caller may not get to
/// send for some time; to give the turn away at once would leave many half unpacked.
const PATIENCE: Duration = Duration::from_millis(500);

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

    /// The next piece; none at the end. Whoever has no turn waits for one before it goes on.
    pub(super) fn next(&mut self, pieces: &mut mpsc::Receiver<Bytes>) -> Option<Bytes> {
        self.runtime.clone().block_on(async {
            if self.held.is_some() {
                match tokio::time::timeout(PATIENCE, pieces.recv()).await {
                    Ok(piece) => return piece,
                    Err(_slow) => self.held = None,
                }
            }
            let piece = pieces.recv().await?;
            // Closed by nobody; without a turn it would merely go on out of turn.
            self.held = self.turns.clone().acquire_owned().await.ok();
            Some(piece)
        })
    }
}
