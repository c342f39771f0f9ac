//! The part of a call that is known before its first message: its connection, and the bytes of
//! its large messages.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::caller_key::CallerKey;
use super::fair_queue::Permit;
use super::open_connections::{OpenCall, PlacedCall};

/// A call that arrives. The reader of its bytes and the reader of its messages share it.
#[derive(Debug, Default)]
pub(super) struct IncomingCall {
    /// Set once the metadata was read.
    key: OnceLock<CallerKey>,
    /// Whether `permits` may have any; most calls have only small messages.
    has_large: AtomicBool,
    permits: Mutex<VecDeque<MessagePermit>>,
    /// Keeps the connection open.
    connection: Option<OpenCall>,
}

/// The bytes of a large message, and its number in its stream; the first is 1.
#[derive(Debug)]
struct MessagePermit {
    number: u64,
    permit: Permit,
}

impl IncomingCall {
    /// Creates the record of a call on a connection.
    pub(super) fn new(connection: Option<OpenCall>) -> Arc<Self> {
        Arc::new(Self { connection, ..Self::default() })
    }

    /// Returns the key whose share the call's messages use.
    pub(super) fn key(&self) -> CallerKey {
        self.key.get().cloned().unwrap_or_else(CallerKey::unknown)
    }

    /// Sets the key, once. The call has a place now, and keeps its connection with it.
    pub(super) fn set_key(&self, key: &CallerKey) -> Option<PlacedCall> {
        // Only the first metadata of a call is read.
        let _ = self.key.set(key.clone());
        self.connection.as_ref().map(OpenCall::note_placed)
    }

    /// Holds the bytes of a message that begins to arrive.
    pub(super) fn hold_message(&self, number: u64, permit: Permit) {
        self.lock_permits().push_back(MessagePermit { number, permit });
        self.has_large.store(true, Ordering::Release);
    }

    /// Returns the bytes of a message that was read, unless it is small, and releases those of
    /// all messages before it.
    pub(super) fn take_message(&self, number: u64) -> Option<Permit> {
        if !self.has_large.load(Ordering::Acquire) {
            return None;
        }
        let mut permits = self.lock_permits();
        while permits.front().is_some_and(|first| first.number < number) {
            permits.pop_front();
        }
        let taken = permits.pop_front_if(|first| first.number == number);
        taken.map(|message| message.permit)
    }

    fn lock_permits(&self) -> MutexGuard<'_, VecDeque<MessagePermit>> {
        self.permits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::serve::budget::Budget;

    #[test]
    fn a_message_gets_its_own_bytes_and_none_stay_behind() {
        let budget = Budget::new(200, 0);
        let call = IncomingCall::new(None);
        assert!(call.take_message(1).is_none());
        for number in [2, 3, 5] {
            let granted = budget.messages().acquire_many(&call.key(), number).now_or_never();
            call.hold_message(number, granted.unwrap().unwrap());
        }
        assert!(call.take_message(1).is_none());
        assert!(call.take_message(2).is_some());
        assert_eq!(budget.held_bytes(), 8);
        // The third was never read; the fourth is small.
        assert!(call.take_message(4).is_none());
        assert_eq!(budget.held_bytes(), 5);
        drop(call);
        assert_eq!(budget.held_bytes(), 0);
    }
}
