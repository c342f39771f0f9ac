//! A limit on the bytes that all running calls hold together: archives that are unpacked, trees
//! of calls that wait or render, and large messages that arrive. Callers share it by key: while
//! others wait, a key cannot take more than its share, and calls of the key that holds most lose
//! their place.
//!
//! Cached trees are not included: they have a limit of their own.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::places::Places;
use super::unpack_job::Interest;
use crate::call_rejection::CallRejection;
use crate::codes;

/// The time that an unpacking within its caller's share waits for other callers to return bytes,
/// before its call fails.
const UNPACK_PATIENCE: Duration = Duration::from_secs(10);

/// The time after which an unpacking that waits for bytes takes places of the key that holds most
/// of them, and again each time: one place, then two, then four. Calls that only unpack are done
/// before.
const WITHDRAW_INTERVAL: Duration = Duration::from_millis(250);

/// The part of the limit that messages may hold in addition to what is unpacked. They wait for
/// each other alone: if they waited for unpackings, which wait for messages, both could wait
/// without end.
const MESSAGE_PART: u64 = 2;

/// The largest message or answer that is not counted, in bytes.
pub(super) const SMALL_BYTES: u64 = 16 << 10;

/// The bytes that all calls together hold, and their limits.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: Arc<FairQueue>,
    messages: Arc<FairQueue>,
}

/// The bytes that one unpacking holds, which are released on drop.
#[derive(Debug)]
pub(super) struct Account {
    charge: Charge,
    job: Option<(Interest, Arc<Places>)>,
}

/// Bytes that are held for a key, which are released on drop.
#[derive(Debug)]
pub(super) struct Charge {
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
        let charge = Charge { queue: self.unpacked.clone(), key: key.clone(), held: None };
        Account { charge, job: None }
    }

    /// Returns the queue in which large messages wait for their bytes.
    pub(super) fn messages(&self) -> &Arc<FairQueue> {
        &self.messages
    }
}

impl Account {
    /// Makes waits end when no call is interested any more, and calls of other keys give way.
    pub(super) fn of_job(self, interest: Interest, places: Arc<Places>) -> Self {
        Self { job: Some((interest, places)), ..self }
    }

    /// Reserves more bytes, or returns the error that names the limit. On a blocking thread of the
    /// runtime it waits for a while if the caller has less than its share.
    pub(super) fn reserve_bytes(&mut self, bytes: u64) -> Result<(), CallRejection> {
        let Charge { queue, key, .. } = &self.charge;
        let permit = queue.try_acquire(key, bytes).or_else(|| self.wait_for(bytes));
        let permit = permit.ok_or_else(|| self.limit_error())?;
        match &mut self.charge.held {
            Some(held) => held.merge(permit),
            None => self.charge.held = Some(permit),
        }
        Ok(())
    }

    /// Keeps at most that many bytes, for the result of the unpacking.
    pub(super) fn into_charge(mut self, bytes: u64) -> Charge {
        if let Some(held) = &mut self.charge.held {
            held.reduce_to(bytes);
        }
        self.charge
    }

    /// Waits for bytes that are within the caller's share.
    fn wait_for(&self, bytes: u64) -> Option<Permit> {
        let Charge { queue, key, .. } = &self.charge;
        if !queue.is_within_share(key, bytes) {
            return None;
        }
        let runtime = Handle::try_current().ok()?;
        let granted = async {
            tokio::select! {
                biased;
                granted = queue.acquire_many(key, bytes) => granted.ok(),
                () = self.while_waiting() => None,
            }
        };
        runtime.block_on(async { tokio::time::timeout(UNPACK_PATIENCE, granted).await }).ok()?
    }

    /// Lets calls of other keys give way, until no call is interested any more.
    async fn while_waiting(&self) {
        let Some((interest, places)) = &self.job else { return future::pending().await };
        let mut count = 1;
        while tokio::time::timeout(WITHDRAW_INTERVAL, interest.lost()).await.is_err() {
            if let Some(largest) = self.charge.queue.largest_holder() {
                places.withdraw_newest_of(&largest, count);
            }
            count *= 2;
        }
    }

    fn limit_error(&self) -> CallRejection {
        let message = format!(
            "running calls hold {} of at most {} bytes, and this call needs more than the rest, or \
             more than its project's share",
            self.charge.queue.taken(),
            self.charge.queue.slots()
        );
        CallRejection::over_limit(&codes::SERVER_IN_FLIGHT_BYTES, message, "inFlightBytes")
    }
}

impl Charge {
    /// Returns the key that the bytes are held for.
    pub(super) fn key(&self) -> &CallerKey {
        &self.key
    }

    /// Releases all bytes.
    pub(super) fn release(&mut self) {
        self.held = None;
    }

    /// Reserves bytes if they are free and none are held; returns whether some are held now.
    pub(super) fn reserve_again(&mut self, bytes: u64) -> bool {
        if self.held.is_none() {
            self.held = self.queue.try_acquire(&self.key, bytes);
        }
        self.held.is_some()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch;

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
    async fn calls_of_a_caller_that_holds_too_much_lose_their_places() {
        let (budget, places) = (Budget::new(10, 0), Places::new(9));
        let mut many = budget.open_account(&key("many"));
        many.reserve_bytes(9).unwrap();
        let taken = [(); 3].map(|()| places.take(&key("many")).unwrap());
        let (sender, interested) = watch::channel(None);
        let mut one = budget
            .open_account(&key("one"))
            .of_job(Interest::new(Arc::new(sender)), places.clone());
        let one = tokio::task::spawn_blocking(move || one.reserve_bytes(5).map(|()| one));
        for place in taken.iter().rev() {
            place.withdrawn().await;
        }
        let held = many.into_charge(4);
        assert!(one.await.unwrap().is_ok());
        drop(held);
        assert_eq!(budget.held_bytes(), 0);
        drop(interested);
    }

    #[tokio::test]
    async fn an_unpacking_that_nobody_wants_does_not_wait() {
        let (budget, places) = (Budget::new(10, 0), Places::new(9));
        let mut many = budget.open_account(&key("many"));
        many.reserve_bytes(9).unwrap();
        let (sender, interested) = watch::channel(None);
        let mut one =
            budget.open_account(&key("one")).of_job(Interest::new(Arc::new(sender)), places);
        drop(interested);
        let refused = tokio::task::spawn_blocking(move || one.reserve_bytes(5));
        let refused = tokio::time::timeout(UNPACK_PATIENCE / 2, refused).await;
        assert!(refused.unwrap().unwrap().is_err());
    }

    #[test]
    fn a_tree_keeps_what_it_takes_and_may_pause_to_be_counted() {
        let budget = Budget::new(10, 0);
        let mut account = budget.open_account(&key("a"));
        account.reserve_bytes(9).unwrap();
        let mut charge = account.into_charge(4);
        assert_eq!(budget.held_bytes(), 4);
        charge.release();
        let mut other = budget.open_account(&key("b"));
        other.reserve_bytes(7).unwrap();
        assert!(!charge.reserve_again(4));
        drop(other);
        assert!(charge.reserve_again(4) && charge.reserve_again(4));
        assert_eq!(budget.held_bytes(), 4);
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
