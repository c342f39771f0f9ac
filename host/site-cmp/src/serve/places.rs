//! The places of calls that are being received, wait or render. When every place is taken, a
//! caller that has few gets the newest place of the caller that has the most.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::caller_key::CallerKey;

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
    withdrawn: Arc<Notify>,
}

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
    movable: BTreeMap<u64, Arc<Notify>>,
    /// The number of calls that are rendering and keep their place.
    rendering: usize,
}

impl KeyPlaces {
    /// Withdraws the newest place that may move. Returns whether there was one.
    fn withdraw_newest(&mut self) -> bool {
        let newest = self.movable.pop_last();
        if let Some((_, withdrawn)) = &newest {
            withdrawn.notify_one();
        }
        newest.is_some()
    }

    fn count(&self) -> usize {
        self.movable.len() + self.rendering
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
            state.withdraw_newest(key)?;
        }
        state.numbers += 1;
        state.taken += 1;
        let (number, withdrawn) = (state.numbers, Arc::new(Notify::new()));
        let places = state.keys.entry(key.clone()).or_default();
        places.movable.insert(number, withdrawn.clone());
        Ok(Place { places: self.clone(), key: key.clone(), number, withdrawn })
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
    fn withdraw_newest(&mut self, newcomer: &CallerKey) -> Result<(), NoPlace> {
        let own = self.keys.get(newcomer).map_or(0, KeyPlaces::count);
        let movable = self.keys.values_mut().filter(|places| !places.movable.is_empty());
        let most = movable.max_by_key(|places| places.count()).ok_or(NoPlace)?;
        if most.count() <= own + 1 {
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
        self.withdrawn.notified().await;
        NoPlace
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

impl Drop for KeptPlace {
    fn drop(&mut self) {
        let Self(place) = self;
        if let Some(places) = place.places.lock_state().keys.get_mut(&place.key) {
            places.rendering -= 1;
            places.movable.insert(place.number, place.withdrawn.clone());
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
mod tests {
    use futures_util::FutureExt as _;

    use super::super::caller_key::key_of as key;
    use super::*;

    fn is_withdrawn(place: &Place) -> bool {
        place.withdrawn().now_or_never().is_some()
    }

    #[test]
    fn a_caller_with_few_places_gets_the_newest_of_the_caller_with_the_most() {
        let places = Places::new(4);
        let many = [(); 4].map(|()| places.take(&key("many")).unwrap());
        assert_eq!(places.take(&key("many")).unwrap_err(), NoPlace, "it has the most itself");
        let one = places.take(&key("one")).unwrap();
        let two = places.take(&key("one")).unwrap();
        assert_eq!(places.take(&key("one")).unwrap_err(), NoPlace, "both have as many");
        assert_eq!(many.each_ref().map(is_withdrawn), [false, false, true, true]);
        assert!(!is_withdrawn(&one) && !is_withdrawn(&two));
        drop(many);
        // A withdrawn place was returned when it was withdrawn, and not again.
        assert_eq!(places.taken(), 2);
        let _more = [(); 2].map(|()| places.take(&key("many")).unwrap());
        assert!(places.take(&key("many")).is_err());
        drop((one, two));
        assert_eq!(places.taken(), 2);
    }

    #[test]
    fn the_newest_places_of_a_key_are_withdrawn_unless_they_render() {
        let places = Places::new(9);
        let many = [(); 4].map(|()| Arc::new(places.take(&key("many")).unwrap()));
        let one = places.take(&key("one")).unwrap();
        let kept = many[3].keep().unwrap();
        places.withdraw_newest_of(&key("many"), 2);
        assert_eq!(many.each_ref().map(|place| is_withdrawn(place)), [false, true, true, false]);
        assert!(!is_withdrawn(&one));
        assert_eq!(places.taken(), 3);
        places.withdraw_newest_of(&key("many"), 9);
        assert_eq!(places.taken(), 2);
        drop((kept, many));
        assert_eq!(places.taken(), 1);
    }

    #[test]
    fn a_call_that_renders_keeps_its_place() {
        let places = Places::new(3);
        let many = [(); 3].map(|()| Arc::new(places.take(&key("many")).unwrap()));
        let kept = many[2].keep().unwrap();
        let _one = places.take(&key("one")).unwrap();
        assert!(!is_withdrawn(&many[2]));
        assert!(is_withdrawn(&many[1]));
        assert_eq!(many[1].keep().map(drop).unwrap_err(), NoPlace, "another caller has it");
        drop(kept);
        // It waits again, for a policy.
        let _two = places.take(&key("two")).unwrap();
        assert!(is_withdrawn(&many[2]));
        assert!(places.take(&key("three")).is_err(), "no caller has two");
        drop(many);
        assert_eq!(places.taken(), 2);
        assert_eq!(places.lock_state().keys.len(), 2, "idle keys are forgotten");
    }
}
