//! Permits to unpack. Only a few unpackings run at once, because each holds its unpacked files.
//! An unpacking that waits long for bytes returns its permit, so that a slow caller does not
//! block the others.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// The time that a permit is held while no bytes arrive. On a busy node a caller may pause
/// before it sends more. Returning the permit at once would leave many archives partly unpacked
/// in memory.
const IDLE_TIMEOUT: Duration = Duration::from_millis(500);

/// The permit of one unpacking, for a thread that may block.
pub(super) struct UnpackPermit {
    permits: Arc<Semaphore>,
    runtime: Handle,
    permit: Option<OwnedSemaphorePermit>,
}

impl UnpackPermit {
    /// Creates the state without a permit. It must be called inside the runtime, and
    /// `next_chunk` outside of it.
    pub(super) fn without_permit(permits: Arc<Semaphore>) -> Self {
        Self { permits, runtime: Handle::current(), permit: None }
    }

    /// Returns the next chunk, or `None` at the end. Without a permit it waits for one before
    /// it returns.
    pub(super) fn next_chunk(&mut self, chunks: &mut mpsc::Receiver<Bytes>) -> Option<Bytes> {
        self.runtime.clone().block_on(async {
            if self.permit.is_some() {
                match tokio::time::timeout(IDLE_TIMEOUT, chunks.recv()).await {
                    Ok(chunk) => return chunk,
                    Err(_slow) => self.permit = None,
                }
            }
            let chunk = chunks.recv().await?;
            // The semaphore is never closed. If it were, unpacking would go on without a
            // permit.
            self.permit = self.permits.clone().acquire_owned().await.ok();
            Some(chunk)
        })
    }
}
