//! Bytes that calls hold while they run, all of them together.
//!
//! Kept trees are not among them: those have a limit of their own and are given back
//! when somebody else needs the room.

use crate::codes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::refusal::Refused;

/// What all calls together may hold.
#[derive(Debug)]
pub(super) struct Budget {
    held: AtomicU64,
    limit: u64,
}

/// What one unpacking holds; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Account {
    budget: Arc<Budget>,
    held: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { held: AtomicU64::new(0), limit })
    }

    /// Bytes that are held now.
    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// An account that holds nothing yet.
    pub(super) fn account(self: &Arc<Self>) -> Account {
        Account { budget: self.clone(), held: 0 }
    }
}

impl Account {
    /// Takes more, or says that there is no more.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), Refused> {
        let budget = &self.budget;
        let taken = budget.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            held.checked_add(bytes).filter(|held| *held <= budget.limit)
        });
        if taken.is_err() {
            let message = format!(
                "this server holds {} bytes for calls that run and may hold {}",
                budget.held(),
                budget.limit
            );
            return Err(Refused::over(&codes::SERVER_IN_FLIGHT_BYTES, message, "inFlightBytes"));
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
        let (mut one, mut other) = (budget.account(), budget.account());
        one.grow(6).unwrap();
        assert!(other.grow(5).is_err());
        assert!(other.grow(u64::MAX).is_err());
        other.grow(4).unwrap();
        assert_eq!(budget.held(), 10);
        drop(one);
        assert_eq!(budget.held(), 4);
        other.grow(6).unwrap();
    }
}
