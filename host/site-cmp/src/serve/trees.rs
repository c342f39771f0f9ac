//! Unpacked trees by the digest of the archive they came in: each is unpacked once, kept
//! as long as there is room, and given to nobody who has not sent its bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};
use tokio::sync::{Semaphore, mpsc, watch};

use super::budget::Budget;
use super::flight::{Digest, Flight, Landed, PIECES, Pieces};
use super::kept::Kept;
use super::refusal::Refused;
use super::scope::{Scope, plain};
use super::turn::Turn;
use super::unpack;
use crate::server_limits::ServerLimits;

/// Bytes that one flight's waiting pieces and its inflater hold at the most.
const FLIGHT_BYTES: u64 = 2 << 20;

/// All trees of a server.
pub(super) struct Trees {
    kept: Cache<Digest, Weighed, Weigh>,
    /// Gone flights leave a weak reference behind, taken out by the next one that starts.
    flights: Mutex<HashMap<Digest, Weak<Flight>>>,
    unpacks: Arc<Semaphore>,
    budget: Arc<Budget>,
    limits: Arc<ServerLimits>,
}

/// A tree with its weight when it was put on the shelf, in bytes; the shelf relies on it
/// to stay the same.
#[derive(Clone)]
struct Weighed(Arc<Kept>, u64);

#[derive(Clone)]
struct Weigh;

impl Weighter<Digest, Weighed> for Weigh {
    fn weight(&self, _: &Digest, Weighed(_, bytes): &Weighed) -> u64 {
        *bytes
    }
}

/// Where a call's tree comes from.
pub(super) enum Origin {
    /// It is here.
    Known(Arc<Kept>),
    /// Another call is sending it.
    Joined(Arc<Flight>),
    /// This call brings it.
    New(Arc<Flight>),
}

impl Trees {
    pub(super) fn new(limits: Arc<ServerLimits>, budget: Arc<Budget>) -> Self {
        // One shard: a tree may weigh nearly as much as all of them together may.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(64)
            .weight_capacity(limits.tree_bytes)
            .shards(1)
            .build()
            .expect("both capacities are given");
        Self {
            kept: Cache::with_options(options, Weigh, <_>::default(), <_>::default()),
            flights: Mutex::default(),
            unpacks: Arc::new(Semaphore::new(limits.unpacks.max(1))),
            budget,
            limits,
        }
    }

    /// How many are kept, and their bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        (self.kept.len(), self.kept.weight())
    }

    /// Where an application in `folder` takes the tree of that digest from. A flight has
    /// to be fed.
    pub(super) fn open(&self, digest: &Digest, folder: &str) -> Origin {
        let mut wanted = plain(folder);
        if let Some(Weighed(kept, _)) = self.kept.get(digest) {
            if kept.covers(&wanted) {
                return Origin::Known(kept);
            }
            // A second fleet of one repo: from now on its tree is unpacked whole.
            wanted.clear();
        }
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(digest).and_then(Weak::upgrade) {
            if flight.scope().join(&wanted) {
                return Origin::Joined(flight);
            }
            wanted.clear();
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::new(self.take_off(digest, &wanted));
        flights.insert(*digest, Arc::downgrade(&flight));
        Origin::New(flight)
    }

    /// Keeps a tree whose bytes were proven, and shows it to the next call.
    pub(super) fn keep(&self, digest: &Digest, kept: &Arc<Kept>) {
        let covered = self.kept.peek(digest).is_some_and(|known| known.0.covers_all_of(kept));
        if !covered {
            self.kept.insert(*digest, Weighed(kept.clone(), kept.weight()));
        }
    }

    /// Weighs a tree anew: what was parsed of it stays with it.
    pub(super) fn weigh(&self, digest: &Digest, kept: &Arc<Kept>) {
        let weight = kept.weight();
        if self.kept.peek(digest).is_some_and(|Weighed(_, before)| before < weight) {
            self.kept.insert(*digest, Weighed(kept.clone(), weight));
        }
    }

    fn take_off(&self, digest: &Digest, wanted: &str) -> Flight {
        let (sender, pieces) = mpsc::channel(PIECES);
        let (tell, landed) = watch::channel(None);
        let (budget, limits) = (self.budget.clone(), self.limits.clone());
        let scope = Arc::new(Scope::default());
        scope.join(wanted);
        let on_thread = scope.clone();
        let pieces = Pieces::new(pieces).in_turn(Turn::of(self.unpacks.clone()));
        tokio::task::spawn_blocking(move || {
            tell_result(&tell, || unpacked(pieces, &limits, &budget, &on_thread));
        });
        Flight::new(*digest, scope, sender, landed)
    }
}

fn tell_result(tell: &watch::Sender<Landed>, unpack: impl FnOnce() -> Result<Arc<Kept>, Refused>) {
    // Nobody has waited for it: every caller has gone.
    if !tell.is_closed() {
        let result = unpack();
        tell.send_replace(Some(result));
    }
}

fn unpacked(
    pieces: Pieces,
    limits: &ServerLimits,
    budget: &Arc<Budget>,
    scope: &Scope,
) -> Result<Arc<Kept>, Refused> {
    let mut account = budget.account();
    account.grow(FLIGHT_BYTES)?;
    let (archive, whole) = unpack::unpack(pieces, limits, &mut account, scope)?;
    Ok(Arc::new(Kept::new(archive, whole)))
}
