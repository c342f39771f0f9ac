//! The room for artifacts that wait to be compiled. One call of a key at a time has room, so that a
//! key with many calls does not take all of it; more would gain nothing, for its policies are
//! compiled one after the other. The room is returned with each artifact that was compiled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::serve::caller_key::CallerKey;
use crate::serve::fair_queue::{FairQueue, Permit};

/// The bytes of all artifacts that wait to be compiled.
pub(super) const ALL_BYTES: u64 = 64 << 20;

/// The bytes of artifacts for which a call gets room at once, unless a single one is larger.
const CALL_BYTES: u64 = 8 << 20;

/// The room of all calls.
pub(super) struct ArtifactRoom {
    bytes: Arc<FairQueue>,
    /// The turns of each key, while a call has or awaits one.
    turns: Mutex<BTreeMap<CallerKey, Weak<Semaphore>>>,
}

/// The room of one call, or of one of its artifacts.
pub(in crate::serve) struct HeldRoom {
    bytes: Permit,
    turn: Option<Arc<Turn>>,
}

/// The turn of one call of a key, which ends when all of its room is returned.
pub(super) struct Turn(
    #[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit,
);

impl Default for ArtifactRoom {
    fn default() -> Self {
        Self { bytes: FairQueue::new(ALL_BYTES, usize::MAX), turns: Mutex::default() }
    }
}

impl ArtifactRoom {
    /// Waits until no other call of this key has room.
    pub(super) async fn turn_of(&self, key: &CallerKey) -> Option<Turn> {
        let turns = {
            let mut all = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|_, turns| turns.strong_count() > 0);
            let known = all.get(key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turns = Arc::new(Semaphore::new(1));
                all.insert(key.clone(), Arc::downgrade(&turns));
                turns
            })
        };
        turns.acquire_owned().await.ok().map(Turn)
    }

    /// Waits for room for the first of artifacts of these sizes, and for the others that fit.
    pub(super) async fn reserve(
        &self,
        key: &CallerKey,
        sizes: &[u64],
        turn: Option<Turn>,
    ) -> Option<HeldRoom> {
        // A worker sends in this order what still fits.
        let bytes = sizes.iter().fold(0, |sum: u64, size| {
            let more = sum.saturating_add(*size);
            if more <= CALL_BYTES { more } else { sum }
        });
        let bytes = bytes.max(*sizes.first()?);
        let bytes = self.bytes.acquire_many(key, bytes).await.ok()?;
        Some(HeldRoom { bytes, turn: turn.map(Arc::new) })
    }
}

impl HeldRoom {
    /// Returns its bytes.
    pub(in crate::serve) fn bytes(&self) -> u64 {
        self.bytes.slots()
    }

    /// Takes a part of it for one artifact.
    pub(super) fn split(&mut self, bytes: u64) -> Self {
        Self { bytes: self.bytes.split(bytes), turn: self.turn.clone() }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::serve::caller_key::key_of;

    #[test]
    fn a_key_with_many_calls_has_the_room_of_one_until_its_artifacts_are_compiled() {
        let (room, many, one) = (ArtifactRoom::default(), key_of("many"), key_of("one"));
        let reserve = async |key, sizes: &[u64]| {
            let turn = room.turn_of(key).await;
            room.reserve(key, sizes, turn).await.unwrap()
        };
        let sizes = [6 << 20, 3 << 20, 1 << 20];
        let mut first = reserve(&many, &sizes).now_or_never().unwrap();
        assert_eq!(first.bytes(), 7 << 20, "the second does not fit");
        let mut next = Box::pin(reserve(&many, &sizes));
        assert!((&mut next).now_or_never().is_none());
        let large = reserve(&one, &[40 << 20]).now_or_never().unwrap();
        assert_eq!(large.bytes(), 40 << 20, "others have room");
        // The call is gone, but one of its artifacts is still being compiled.
        let artifact = first.split(6 << 20);
        drop(first);
        assert_eq!(room.bytes.taken(), 46 << 20);
        assert!((&mut next).now_or_never().is_none());
        drop(artifact);
        assert!(next.now_or_never().is_some());
        assert_eq!(room.bytes.taken(), 40 << 20);
    }
}
