//! A limit on the bytes that all running calls hold together: archives that are unpacked, and
//! large messages that arrive. Callers share it by key: while others wait, a key cannot take more
//! than its share.
//!
//! Cached trees are not included: they have a limit of their own and are evicted when room is
//! needed.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use crate::call_rejection::CallRejection;
use crate::codes;

/// The time that an unpacking within its caller's share waits for other callers to return bytes,
/// before its call fails.
const UNPACK_PATIENCE: Duration = Duration::from_secs(10);

/// The part of the limit that messages may hold in addition to what is unpacked. They wait for
/// each other alone: if they waited for unpackings, which wait for messages, both could wait
/// without end.
const MESSAGE_PART: u64 = 2;

/// The bytes that all calls together hold, and their limits.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: Arc<FairQueue>,
    messages: Arc<FairQueue>,
}

/// The bytes that one unpacking holds, which are released on drop.
#[derive(Debug)]
pub(super) struct Account {
    queue: Arc<FairQueue>,
    key: CallerKey,
    held: Option<Permit>,
}

impl Budget {
    /// Creates a budget of `limit` bytes for unpacking, and half as many for large messages, but
    /// never less than one message of `message_bytes` needs.
    pub(super) fn new(limit: u64, message_bytes: u64) -> Arc<Self> {
        let messages = (limit / MESSAGE_PART).max(message_bytes);
        Arc::new(Self {
            unpacked: FairQueue::new(limit, usize::MAX),
            messages: FairQueue::new(messages, usize::MAX),
        })
    }

    /// Returns the bytes that are held now.
    pub(super) fn held_bytes(&self) -> u64 {
        self.unpacked.taken() + self.messages.taken()
    }

    /// Opens an account that holds nothing yet, for unpacking on behalf of a key.
    pub(super) fn open_account(&self, key: &CallerKey) -> Account {
        Account { queue: self.unpacked.clone(), key: key.clone(), held: None }
    }

    /// Returns the queue in which large messages wait for their bytes.
    pub(super) fn messages(&self) -> &Arc<FairQueue> {
        &self.messages
    }
}

impl Account {
    /// Reserves more bytes, or returns the error that names the limit. On a blocking thread of the
    /// runtime it waits for a while if the caller has less than its share.
    pub(super) fn reserve_bytes(&mut self, bytes: u64) -> Result<(), CallRejection> {
        let permit = self.queue.try_acquire(&self.key, bytes).or_else(|| self.wait_for(bytes));
        let permit = permit.ok_or_else(|| self.limit_error())?;
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        Ok(())
    }

    /// Waits for bytes that are within the caller's share.
    fn wait_for(&self, bytes: u64) -> Option<Permit> {
        if !self.queue.is_within_share(&self.key, bytes) {
            return None;
        }
        let runtime = Handle::try_current().ok()?;
        let granted = self.queue.acquire_many(&self.key, bytes);
        let granted = async { tokio::time::timeout(UNPACK_PATIENCE, granted).await };
        runtime.block_on(granted).ok()?.ok()
    }

    fn limit_error(&self) -> CallRejection {
        let message = format!(
            "running calls hold {} of at most {} bytes, and this call needs more than the rest, or \
             more than its project's share",
            self.queue.taken(),
            self.queue.slots()
        );
        CallRejection::over_limit(&codes::SERVER_IN_FLIGHT_BYTES, message, "inFlightBytes")
    }
}

#[cfg(test)]
mod tests {

    use super::super::caller_key::key_of as key;
    use super::*;

    #[test]
    fn accounts_share_one_budget_and_give_back() {
        let budget = Budget::new(10, 0);
        let (mut one, mut other) = (budget.open_account(&key("a")), budget.open_account(&key("a")));
        one.reserve_bytes(6).unwrap();
        assert!(other.reserve_bytes(5).is_err());
        assert!(other.reserve_bytes(u64::MAX).is_err());
        other.reserve_bytes(4).unwrap();
        assert_eq!(budget.held_bytes(), 10);
        drop(one);
        assert_eq!(budget.held_bytes(), 4);
        other.reserve_bytes(6).unwrap();
    }

    #[tokio::test]
    async fn a_caller_within_its_share_waits_for_one_that_has_more() {
        let budget = Budget::new(10, 0);
        let mut many = budget.open_account(&key("many"));
        many.reserve_bytes(9).unwrap();
        let shared = budget.clone();
        let one = tokio::task::spawn_blocking(move || {
            let mut one = shared.open_account(&key("one"));
            one.reserve_bytes(5).map(|()| one)
        });
        while budget.unpacked.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        // While the other waits, one more byte is refused, although it is free.
        let refused = many.reserve_bytes(1).unwrap_err();
        assert_eq!(refused.error_code(), "server/in-flight-bytes");
        drop(many);
        let one = one.await.unwrap().unwrap();
        assert_eq!(budget.held_bytes(), 5);
        drop(one);
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn messages_leave_room_for_unpacking_and_the_largest_always_fits() {
        let budget = Budget::new(100, 10);
        assert_eq!(budget.messages().slots(), 50);
        assert_eq!(Budget::new(100, 80).messages().slots(), 80);
        let held = budget.messages().acquire_many(&key("a"), 50).await.unwrap();
        budget.open_account(&key("b")).reserve_bytes(100).unwrap();
        drop(held);
        assert_eq!(budget.held_bytes(), 0);
    }
}
