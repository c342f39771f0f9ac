//! The two lanes of renders. Every call begins in the fast lane, where it has a short turn. One
//! that needs longer is stopped and rendered again in the slow lane, which has the time that the
//! operator allows. So an expensive render delays others by one turn only.
//!
//! A caller whose renders were stopped begins in the slow lane for a while, and a render that
//! exceeded a limit is not repeated for a while.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::caller_key::CallerKey;
use super::unpack_job::Digest;
use crate::call_rejection::CallRejection;

/// The CPU time of a turn in the fast lane. A site takes some milliseconds, a global cluster with a
/// thousand sites 150.
pub(super) const TURN: Duration = Duration::from_millis(500);

/// The wall-clock time of a turn, for a worker that waits and does not compute.
pub(super) const LONGEST_TURN: Duration = Duration::from_secs(2);

/// The time for which slow renders and failures are remembered.
const MEMORY: Duration = Duration::from_mins(1);

/// Slow archives after which all calls of their caller begin in the slow lane.
const STRIKES: usize = 3;

/// The most entries of each list.
const ENTRIES: usize = 1000;

/// A lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// For renders that fit into one turn.
    Fast,
    /// For all others.
    Slow,
}

/// The slow renders and the failures of the last minute.
#[derive(Debug, Default)]
pub(super) struct RenderMemory(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    slow: BTreeMap<(CallerKey, Digest), Instant>,
    failed: BTreeMap<Digest, (Instant, CallRejection)>,
}

impl RenderMemory {
    /// Returns the lane in which a call of this caller and archive begins.
    pub(super) fn lane_of(&self, key: &CallerKey, archive: &Digest) -> Lane {
        let entries = self.lock_entries();
        let of_caller = entries.slow.range((key.clone(), [0; 32])..=(key.clone(), [255; 32]));
        let is_slow = entries.slow.contains_key(&(key.clone(), *archive))
            || of_caller.take(STRIKES).count() >= STRIKES;
        if is_slow { Lane::Slow } else { Lane::Fast }
    }

    /// Remembers that a render exceeded its turn.
    pub(super) fn note_slow(&self, key: &CallerKey, archive: &Digest) {
        let mut entries = self.lock_entries();
        if entries.slow.len() < ENTRIES {
            entries.slow.insert((key.clone(), *archive), Instant::now());
        }
    }

    /// Returns the error of the same order, if it exceeded a limit a moment ago.
    pub(super) fn failure_of(&self, order: &Digest) -> Option<CallRejection> {
        Some(self.lock_entries().failed.get(order)?.1.clone())
    }

    /// Remembers the error of an order that exceeded a limit.
    pub(super) fn note_failure(&self, order: Digest, rejection: &CallRejection) {
        let mut entries = self.lock_entries();
        if entries.failed.len() < ENTRIES {
            entries.failed.insert(order, (Instant::now(), rejection.clone()));
        }
    }

    /// Returns the entries that are not too old.
    fn lock_entries(&self) -> MutexGuard<'_, Entries> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.slow.retain(|_, since| since.elapsed() < MEMORY);
        entries.failed.retain(|_, (since, _)| since.elapsed() < MEMORY);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::super::caller_key::key_of as key;
    use super::*;

    #[test]
    fn a_slow_archive_is_slow_for_its_caller_and_three_make_the_caller_slow() {
        let memory = RenderMemory::default();
        let (slow, other) = (key("slow"), key("other"));
        memory.note_slow(&slow, &[1; 32]);
        assert_eq!(memory.lane_of(&slow, &[1; 32]), Lane::Slow);
        assert_eq!(memory.lane_of(&slow, &[2; 32]), Lane::Fast);
        assert_eq!(memory.lane_of(&other, &[1; 32]), Lane::Fast);
        memory.note_slow(&slow, &[2; 32]);
        memory.note_slow(&slow, &[2; 32]);
        assert_eq!(memory.lane_of(&slow, &[3; 32]), Lane::Fast);
        memory.note_slow(&slow, &[3; 32]);
        assert_eq!(memory.lane_of(&slow, &[4; 32]), Lane::Slow);
        assert_eq!(memory.lane_of(&other, &[4; 32]), Lane::Fast);
    }

    #[test]
    fn a_failure_is_that_of_its_order_alone() {
        let memory = RenderMemory::default();
        memory.note_failure([1; 32], &CallRejection::program_bug("seven"));
        assert!(memory.failure_of(&[1; 32]).unwrap().first_line().contains("seven"));
        assert!(memory.failure_of(&[2; 32]).is_none());
    }
}
