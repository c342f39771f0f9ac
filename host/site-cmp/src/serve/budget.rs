//! A limit on the bytes that all running calls hold together: archives that are unpacked, trees and
//! variables of calls that wait or render, large first messages that arrive, and answers that are
//! sent. Callers share it by key: while others wait, a key cannot take more than its share, and calls
//! of the key that holds most lose their place, or their message or answer.
//!
//! Cached trees are not included: they have a limit of their own.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::places::{Place, Places};
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

/// The time for which the variables of a call wait for other callers to return bytes.
const VARIABLES_PATIENCE: Duration = Duration::from_secs(1);

/// The memory that a variable takes in addition to its name and its value.
const VARIABLE_BYTES: usize = 128;

/// The time after which a first message or an answer that makes no progress, or an answer whose key
/// holds the most, gives way to others that wait, and how often it looks whether others do.
pub(super) const GIVE_WAY: Duration = Duration::from_millis(300);
pub(super) const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// The eighths of the limit that first messages and answers may hold in addition to what is unpacked.
/// Each wait for their own kind alone: if one waited for another, both could wait without end.
const FIRST_EIGHTHS: u64 = 1;
const ANSWER_EIGHTHS: u64 = 3;

/// The first messages that may wait: what they have sent already is not counted.
const WAITING_FIRST: usize = 64;

/// The largest message or answer that is not counted, in bytes.
pub(super) const SMALL_BYTES: u64 = 16 << 10;

/// The largest first message of a call, in bytes: it has the variables, of which there are at most
/// two MiB, and no part of the archive.
pub(super) const FIRST_BYTES: u64 = 4 << 20;

/// The bytes that all calls together hold, and their limits.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: Arc<FairQueue>,
    first_messages: Arc<FairQueue>,
    answers: Arc<FairQueue>,
}

/// The bytes that one unpacking holds, which are released on drop.
#[derive(Debug)]
pub(super) struct Account {
    charge: Charge,
    /// The places of calls that give way.
    places: Option<Arc<Places>>,
    interest: Option<Interest>,
}

/// Bytes that are held for a key, which are released on drop.
#[derive(Debug)]
pub(super) struct Charge {
    queue: Arc<FairQueue>,
    key: CallerKey,
    held: Option<Permit>,
}

impl Budget {
    /// Creates a budget of `limit` bytes for unpacking, and half as many for first messages and
    /// answers, but never less than one first message, or one answer of `message_bytes`, needs.
    pub(super) fn new(limit: u64, message_bytes: u64) -> Arc<Self> {
        let first_messages = (limit / 8 * FIRST_EIGHTHS).max(FIRST_BYTES);
        let answers = (limit / 8 * ANSWER_EIGHTHS).max(message_bytes);
        Arc::new(Self {
            unpacked: FairQueue::new(limit, usize::MAX),
            first_messages: FairQueue::new(first_messages, WAITING_FIRST),
            answers: FairQueue::new(answers, usize::MAX),
        })
    }

    /// Returns the bytes that are held now.
    pub(super) fn held_bytes(&self) -> u64 {
        self.unpacked.taken() + self.first_messages.taken() + self.answers.taken()
    }

    /// Opens an account that holds nothing yet, for unpacking on behalf of a key.
    pub(super) fn open_account(&self, key: &CallerKey) -> Account {
        let charge = Charge { queue: self.unpacked.clone(), key: key.clone(), held: None };
        Account { charge, places: None, interest: None }
    }

    /// Reserves the memory of a call's variables, for as long as it waits and renders. Few need none.
    pub(super) async fn reserve_variables(
        &self,
        variables: &BTreeMap<String, String>,
        place: &Place,
    ) -> Result<Option<Charge>, CallRejection> {
        let bytes = variables.iter().map(|(name, value)| name.len() + value.len() + VARIABLE_BYTES);
        let bytes = bytes.sum::<usize>() as u64;
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        let mut account = self.open_account(place.key());
        account.places = Some(place.places().clone());
        let Charge { queue, key, .. } = &account.charge;
        let permit = match queue.try_acquire(key, bytes) {
            None if account.is_within_share(bytes) => {
                account.wait_for(bytes, VARIABLES_PATIENCE).await
            }
            permit => permit,
        };
        account.charge.held = Some(permit.ok_or_else(|| account.limit_error())?);
        Ok(Some(account.charge))
    }

    /// Returns the queue in which large first messages wait for their bytes.
    pub(super) fn first_messages(&self) -> &Arc<FairQueue> {
        &self.first_messages
    }

    /// Returns the queue in which answers wait for their bytes.
    pub(super) fn answers(&self) -> &Arc<FairQueue> {
        &self.answers
    }
}

impl Account {
    /// Makes waits end when no call is interested any more, and calls of other keys give way.
    pub(super) fn of_job(self, interest: Interest, places: Arc<Places>) -> Self {
        Self { places: Some(places), interest: Some(interest), ..self }
    }

    /// Reserves more bytes, or returns the error that names the limit. On a blocking thread of the
    /// runtime it waits for a while if the caller has less than its share.
    pub(super) fn reserve_bytes(&mut self, bytes: u64) -> Result<(), CallRejection> {
        let Charge { queue, key, .. } = &self.charge;
        let permit = queue.try_acquire(key, bytes).or_else(|| self.block_for(bytes));
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

    /// Waits on a blocking thread for bytes that are within the caller's share.
    fn block_for(&self, bytes: u64) -> Option<Permit> {
        if !self.is_within_share(bytes) {
            return None;
        }
        Handle::try_current().ok()?.block_on(self.wait_for(bytes, UNPACK_PATIENCE))
    }

    fn is_within_share(&self, bytes: u64) -> bool {
        self.charge.queue.is_within_share(&self.charge.key, bytes)
    }

    /// Waits for bytes, and lets calls of other keys give way.
    async fn wait_for(&self, bytes: u64, patience: Duration) -> Option<Permit> {
        let Charge { queue, key, .. } = &self.charge;
        let granted = async {
            tokio::select! {
                biased;
                granted = queue.acquire_many(key, bytes) => granted.ok(),
                () = self.while_waiting() => None,
            }
        };
        tokio::time::timeout(patience, granted).await.ok()?
    }

    /// Lets calls of other keys give way, until no call is interested any more.
    async fn while_waiting(&self) {
        let Some(places) = &self.places else { return future::pending().await };
        let lost = async {
            match &self.interest {
                Some(interest) => interest.lost().await,
                None => future::pending().await,
            }
        };
        tokio::pin!(lost);
        let mut count = 1;
        while tokio::time::timeout(WITHDRAW_INTERVAL, &mut lost).await.is_err() {
            if let Some(largest) = self.charge.queue.largest_holder() {
                places.withdraw_newest_of(&largest, count);
            }
            count *= 2;
        }
    }

    fn limit_error(&self) -> CallRejection {
        in_flight_error(&self.charge.queue)
    }
}

/// Returns whether an answer must give way to others that wait: it has made no progress for a while,
/// or is old and its key holds the most.
pub(super) fn gives_way(queue: &FairQueue, key: &CallerKey, idle: Duration, age: Duration) -> bool {
    idle >= GIVE_WAY && queue.others_wait(key) || age >= GIVE_WAY && queue.must_give_way(key)
}

/// Returns the error of a call that gets no bytes of a queue.
pub(super) fn in_flight_error(queue: &FairQueue) -> CallRejection {
    let message = format!(
        "running calls hold {} of at most {} bytes, and this call needs more than the rest, or \
         more than its project's share",
        queue.taken(),
        queue.slots()
    );
    CallRejection::over_limit(&codes::SERVER_IN_FLIGHT_BYTES, message, "inFlightBytes")
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

    /// Reserves bytes for a key if they are free and none are held; returns whether some are held now.
    pub(super) fn reserve_for(&mut self, key: &CallerKey, bytes: u64) -> bool {
        if self.held.is_none() {
            self.held = self.queue.try_acquire(key, bytes);
            self.key = key.clone();
        }
        self.held.is_some()
    }
}

#[cfg(test)]
mod tests;
