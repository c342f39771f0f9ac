//! Permits to unpack. Only a few unpackings run at once, because each holds its unpacked files;
//! callers take turns by key. An unpacking that waits for bytes while another key waits for a
//! permit returns its own, so that a slow caller does not block the others. So does one whose turn
//! is over. One that no call waits for ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::unpack_job::Interest;

/// The time for which a permit is held if others need one.
const TURN: Duration = Duration::from_millis(500);

/// How often an unpacking that waits for bytes looks whether another key waits for its permit. A
/// caller that sends all the time never pauses for so long, and keeps its permit.
const LOOK: Duration = Duration::from_millis(20);

/// The permit of one unpacking, for a thread that may block.
pub(super) struct UnpackPermit {
    permits: Arc<FairQueue>,
    key: CallerKey,
    interest: Interest,
    runtime: Handle,
    permit: Option<Permit>,
    /// When it got its permit.
    since: Instant,
}

impl UnpackPermit {
    /// Creates the state without a permit. It must be called inside the runtime, and the other
    /// functions outside of it.
    pub(super) fn without_permit(
        permits: Arc<FairQueue>,
        key: CallerKey,
        interest: Interest,
    ) -> Self {
        let (runtime, since) = (Handle::current(), Instant::now());
        Self { permits, key, interest, runtime, permit: None, since }
    }

    /// Lets another key have a turn if this one is over. Returns false once no call waits for the
    /// unpacking any more.
    pub(super) fn take_turns(&mut self) -> bool {
        if self.permit.is_some() && self.is_over() && self.permits.others_wait(&self.key) {
            self.permit = None;
            self.runtime.clone().block_on(self.acquire());
        }
        !self.interest.is_lost()
    }

    /// Returns the next chunk, or `None` at the end. Without a permit it waits for one before
    /// it returns.
    pub(super) fn next_chunk(&mut self, chunks: &mut mpsc::Receiver<Bytes>) -> Option<Bytes> {
        self.runtime.clone().block_on(async {
            while self.permit.is_some() {
                match timeout(LOOK, chunks.recv()).await {
                    Ok(chunk) => return chunk,
                    // Returning the permit without need would leave many archives partly unpacked
                    // in memory.
                    Err(_slow) if self.is_over() || self.permits.others_wait(&self.key) => {
                        self.permit = None;
                    }
                    Err(_slow) => {}
                }
            }
            let chunk = chunks.recv().await?;
            self.acquire().await;
            self.permit.is_some().then_some(chunk)
        })
    }

    /// Waits for a permit, unless every call goes away.
    async fn acquire(&mut self) {
        self.permit = tokio::select! {
            biased;
            () = self.interest.lost() => None,
            permit = self.permits.acquire(&self.key) => permit.ok(),
        };
        self.since = Instant::now();
    }

    fn is_over(&self) -> bool {
        self.since.elapsed() >= TURN
    }
}
