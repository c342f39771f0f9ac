//! Permits to unpack. Only a few unpackings run at once, because each holds its unpacked files;
//! callers take turns by key. An unpacking that waits long for bytes returns its permit, so that a
//! slow caller does not block the others, and one that no call waits for ends.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::unpack_job::Interest;

/// The time that a permit is held while no bytes arrive. On a busy node a caller may pause
/// before it sends more. Returning the permit at once would leave many archives partly unpacked
/// in memory.
const IDLE_TIMEOUT: Duration = Duration::from_millis(500);

/// The permit of one unpacking, for a thread that may block.
pub(super) struct UnpackPermit {
    permits: Arc<FairQueue>,
    key: CallerKey,
    interest: Interest,
    runtime: Handle,
    permit: Option<Permit>,
}

impl UnpackPermit {
    /// Creates the state without a permit. It must be called inside the runtime, and
    /// `next_chunk` outside of it.
    pub(super) fn without_permit(
        permits: Arc<FairQueue>,
        key: CallerKey,
        interest: Interest,
    ) -> Self {
        Self { permits, key, interest, runtime: Handle::current(), permit: None }
    }

    /// Returns whether no call waits for the unpacking any more.
    pub(super) fn is_unwanted(&self) -> bool {
        self.interest.is_lost()
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
            self.permit = tokio::select! {
                biased;
                () = self.interest.lost() => None,
                permit = self.permits.acquire(&self.key) => permit.ok(),
            };
            self.permit.is_some().then_some(chunk)
        })
    }
}
