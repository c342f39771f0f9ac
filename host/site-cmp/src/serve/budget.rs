//! A limit on the bytes that all running calls hold together.
//!
//! Cached trees are not included: they have a limit of their own and are evicted when room is
//! needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::call_rejection::CallRejection;
use crate::codes;

/// The bytes that all calls together hold, and their limit.
#[derive(Debug)]
pub(super) struct Budget {
    held: AtomicU64,
    limit: u64,
}

/// The bytes that one unpacking holds, which are released on drop.
#[derive(Debug)]
pub(super) struct Account {
    budget: Arc<Budget>,
    held: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { held: AtomicU64::new(0), limit })
    }

    /// Returns the bytes that are held now.
    pub(super) fn held_bytes(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Opens an account that holds nothing yet.
    pub(super) fn open_account(self: &Arc<Self>) -> Account {
        Account { budget: self.clone(), held: 0 }
    }
}

impl Account {
    /// Reserves more bytes, or returns the error that names the limit.
    pub(super) fn reserve_bytes(&mut self, bytes: u64) -> Result<(), CallRejection> {
        let budget = &self.budget;
        let taken = budget.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            held.checked_add(bytes).filter(|held| *held <= budget.limit)
        });
        if taken.is_err() {
            let message = format!(
                "running calls hold {} of at most {} bytes, and this call needs more than the rest",
                budget.held_bytes(),
                budget.limit
            );
            return Err(CallRejection::over_limit(
                &codes::SERVER_IN_FLIGHT_BYTES,
                message,
                "inFlightBytes",
            ));
        }
        self.held += bytes;
        Ok(())
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_share_one_budget_and_give_back() {
        let budget = Budget::new(10);
        let (mut one, mut other) = (budget.open_account(), budget.open_account());
        one.reserve_bytes(6).unwrap();
        assert!(other.reserve_bytes(5).is_err());
        assert!(other.reserve_bytes(u64::MAX).is_err());
        other.reserve_bytes(4).unwrap();
        assert_eq!(budget.held_bytes(), 10);
        drop(one);
        assert_eq!(budget.held_bytes(), 4);
        other.reserve_bytes(6).unwrap();
    }
}
