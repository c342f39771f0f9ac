//! The places of calls that are being received, wait or render. When every place is taken, a
//! caller that has few gets the newest place of the caller that has the most. When all have one, a
//! newcomer gets the place of the call that waited longest for bytes of its stream.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::caller_key::CallerKey;
use super::open_connections::PlacedCall;

/// The time that a call may wait for bytes before it is worth less than a new call. The
/// repo-server reads its archive from a disk, and does not wait.
const STALLED: Duration = Duration::from_secs(1);

/// All places of a server.
#[derive(Debug)]
pub(super) struct Places {
    state: Mutex<PlacesState>,
    limit: usize,
}

/// A call's place, which is returned on drop.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    key: CallerKey,
    number: u64,
    shared: Arc<SharedPlace>,
    connection: OnceLock<PlacedCall>,
}

/// The part of a place that its call and all places share.
#[derive(Debug, Default)]
struct SharedPlace {
    withdrawn: Notify,
    waits: Mutex<Waits>,
}

/// The time for which a call has waited for bytes.
#[derive(Debug, Default)]
struct Waits {
    ended: Duration,
    since: Option<Instant>,
}

/// A wait for bytes, which ends on drop.
pub(super) struct ByteWait<'a>(&'a SharedPlace);

/// The error of a call that gets no place, or lost it to another caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPlace;

#[derive(Debug, Default)]
struct PlacesState {
    taken: usize,
    numbers: u64,
    keys: BTreeMap<CallerKey, KeyPlaces>,
}

/// The places of one key.
#[derive(Debug, Default)]
struct KeyPlaces {
    /// Calls that may lose their place, the oldest first.
    movable: BTreeMap<u64, Arc<SharedPlace>>,
    /// The number of calls that are rendering and keep their place.
    rendering: usize,
}

impl KeyPlaces {
    /// Withdraws the newest place that may move. Returns whether there was one.
    fn withdraw_newest(&mut self) -> bool {
        let newest = self.movable.pop_last();
        if let Some((_, newest)) = &newest {
            newest.withdrawn.notify_one();
        }
        newest.is_some()
    }

    /// Returns how long the call that waited longest for bytes did.
    fn longest_wait(&self) -> Duration {
        self.movable.values().map(|place| place.waited()).max().unwrap_or_default()
    }

    fn count(&self) -> usize {
        self.movable.len() + self.rendering
    }
}

impl SharedPlace {
    fn waited(&self) -> Duration {
        let waits = self.lock_waits();
        waits.ended + waits.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn lock_waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ByteWait<'_> {
    fn drop(&mut self) {
        let waited = self.0.waited();
        *self.0.lock_waits() = Waits { ended: waited, since: None };
    }
}

impl Places {
    /// Creates that many places.
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), limit })
    }

    /// Returns the number of places.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the number of taken places.
    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.lock_state().taken
    }

    /// Takes a place. If none is free, takes the newest one of the key with the most, unless
    /// this key would then have as many.
    pub(super) fn take(self: &Arc<Self>, key: &CallerKey) -> Result<Place, NoPlace> {
        let mut state = self.lock_state();
        if state.taken >= self.limit {
            state.withdraw_for(key)?;
        }
        state.numbers += 1;
        state.taken += 1;
        let (number, shared) = (state.numbers, Arc::<SharedPlace>::default());
        let places = state.keys.entry(key.clone()).or_default();
        places.movable.insert(number, shared.clone());
        Ok(Place {
            places: self.clone(),
            key: key.clone(),
            number,
            shared,
            connection: OnceLock::new(),
        })
    }

    /// Withdraws up to that many places of a key, the newest first.
    pub(super) fn withdraw_newest_of(&self, key: &CallerKey, count: usize) {
        let mut state = self.lock_state();
        let Some(places) = state.keys.get_mut(key) else { return };
        let withdrawn = (0..count).take_while(|_| places.withdraw_newest()).count();
        state.taken -= withdrawn;
    }

    fn lock_state(&self) -> MutexGuard<'_, PlacesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PlacesState {
    /// Withdraws a place for a new call of the key `newcomer`.
    fn withdraw_for(&mut self, newcomer: &CallerKey) -> Result<(), NoPlace> {
        let own = self.keys.get(newcomer).map_or(0, KeyPlaces::count);
        let movable = self.keys.values_mut().filter(|places| !places.movable.is_empty());
        let most = movable.max_by_key(|places| (places.count(), places.longest_wait()));
        let most = most.ok_or(NoPlace)?;
        let is_stalled = own == 0 && most.longest_wait() >= STALLED;
        if most.count() <= own + 1 && !is_stalled {
            return Err(NoPlace);
        }
        self.taken -= usize::from(most.withdraw_newest());
        Ok(())
    }
}

impl Place {
    /// Returns the key of the call.
    pub(super) fn key(&self) -> &CallerKey {
        &self.key
    }

    /// Returns all places of the server.
    pub(super) fn places(&self) -> &Arc<Places> {
        &self.places
    }

    /// Waits until another caller gets this place. One task at a time may wait.
    pub(super) async fn withdrawn(&self) -> NoPlace {
        self.shared.withdrawn.notified().await;
        NoPlace
    }

    /// Counts the time until the returned guard is dropped: the call waits for bytes.
    pub(super) fn wait_for_bytes(&self) -> ByteWait<'_> {
        self.shared.lock_waits().since = Some(Instant::now());
        ByteWait(&self.shared)
    }

    /// Keeps the connection of the call open as long as it has the place.
    pub(super) fn keep_connection(&self, placed: Option<PlacedCall>) {
        // A call has one connection.
        placed.map(|placed| self.connection.set(placed));
    }

    /// Keeps the place while the returned guard exists, because the call renders.
    pub(super) fn keep(self: &Arc<Self>) -> Result<KeptPlace, NoPlace> {
        let mut state = self.places.lock_state();
        let places = state.keys.get_mut(&self.key).ok_or(NoPlace)?;
        places.movable.remove(&self.number).ok_or(NoPlace)?;
        places.rendering += 1;
        Ok(KeptPlace(self.clone()))
    }
}

/// A place that no other caller gets until this guard is dropped.
#[derive(Debug)]
pub(super) struct KeptPlace(Arc<Place>);

impl KeptPlace {
    /// Returns the key of the call.
    pub(super) fn key(&self) -> &CallerKey {
        self.0.key()
    }
}

impl Drop for KeptPlace {
    fn drop(&mut self) {
        let Self(place) = self;
        if let Some(places) = place.places.lock_state().keys.get_mut(&place.key) {
            places.rendering -= 1;
            places.movable.insert(place.number, place.shared.clone());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.lock_state();
        let Some(places) = state.keys.get_mut(&self.key) else { return };
        let held = places.movable.remove(&self.number).is_some();
        if places.count() == 0 {
            state.keys.remove(&self.key);
        }
        if held {
            state.taken -= 1;
        }
    }
}

#[cfg(test)]
mod tests;
