//! Limits on concurrency, shared fairly among callers: how many calls are accepted, and how many
//! of them render.

use std::sync::Arc;

use super::caller_key::CallerKey;
use super::descriptors;
use super::fair_queue::{FairQueue, Permit};
use super::metrics::Metrics;
use super::places::{KeptPlace, Place, Places};
use super::render_lane::Lane;
use crate::call_rejection::CallRejection;
use crate::codes;
use crate::server_limits::ServerLimits;

/// The renders of the slow lane at the same time, in addition to those of the fast lane.
const SLOW_RENDERS: u64 = 1;

/// The places of calls, and the queue for renders.
pub(super) struct Admission {
    places: Arc<Places>,
    renders: Arc<FairQueue>,
    slow_renders: Arc<FairQueue>,
    metrics: Arc<Metrics>,
}

/// A render of a call, which ends on drop.
#[derive(Debug)]
pub(super) struct RenderPermit {
    slot: Option<Permit>,
    place: KeptPlace,
}

impl RenderPermit {
    /// Takes the slot of the render, which is free again when that is dropped.
    pub(super) fn take_slot(&mut self) -> Option<Permit> {
        self.slot.take()
    }

    /// Returns the key of the call.
    pub(super) fn key(&self) -> &CallerKey {
        self.place.key()
    }
}

impl Admission {
    /// Creates the places and the queue from the operator's limits, with fewer places if there are too
    /// few file descriptors.
    pub(super) fn new(limits: &ServerLimits, metrics: Arc<Metrics>) -> Self {
        let renders = limits.renders().max(1);
        let places = descriptors::most_calls(renders.saturating_add(limits.queue));
        // Every call that waits has a place, so the queue needs no limit of its own.
        let renders = FairQueue::new(renders as u64, usize::MAX);
        let slow_renders = FairQueue::new(SLOW_RENDERS, usize::MAX);
        Self { places: Places::new(places), renders, slow_renders, metrics }
    }

    /// Admits a call, or returns the error that names the limit.
    pub(super) fn admit_call(&self, key: &CallerKey) -> Result<Arc<Place>, CallRejection> {
        self.places.take(key).map(Arc::new).map_err(|_none| self.full_error())
    }

    /// Does a part of the work of a call, unless another caller gets its place before the end.
    pub(super) async fn while_placed<T>(
        &self,
        place: &Place,
        work: impl Future<Output = Result<T, CallRejection>>,
    ) -> Result<T, CallRejection> {
        tokio::select! {
            biased;
            done = work => done,
            _ = place.withdrawn() => Err(lost_error()),
        }
    }

    /// Waits for a free render in a lane. Returns an error if another caller gets the call's place first.
    pub(super) async fn acquire_render(
        &self,
        place: &Arc<Place>,
        lane: Lane,
    ) -> Result<RenderPermit, CallRejection> {
        let _waiting = WaitingCall::begin(&self.metrics);
        let renders = match lane {
            Lane::Fast => &self.renders,
            Lane::Slow => &self.slow_renders,
        };
        let slot = tokio::select! {
            biased;
            _ = place.withdrawn() => return Err(lost_error()),
            slot = renders.acquire(place.key()) => slot.map_err(|_full| self.full_error())?,
        };
        let kept = place.keep().map_err(|_lost| lost_error())?;
        Ok(RenderPermit { slot: Some(slot), place: kept })
    }

    fn full_error(&self) -> CallRejection {
        let message = format!(
            "this server already handles {} calls, its limit, and no other project or repository has \
             more of them",
            self.places.limit()
        );
        CallRejection::over_limit(&codes::SERVER_QUEUE, message, "queue")
    }
}

/// Returns the error of a call whose place another caller got.
fn lost_error() -> CallRejection {
    let message = "another project or repository, which has fewer calls or holds less memory, got \
                   the place of this call";
    CallRejection::over_limit(&codes::SERVER_QUEUE, message, "queue")
}

/// Counts a waiting call until it is dropped, which also happens when the caller goes away.
struct WaitingCall<'a>(&'a Metrics);

impl<'a> WaitingCall<'a> {
    fn begin(metrics: &'a Metrics) -> Self {
        metrics.waiting.inc();
        Self(metrics)
    }
}

impl Drop for WaitingCall<'_> {
    fn drop(&mut self) {
        self.0.waiting.dec();
    }
}
