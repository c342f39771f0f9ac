//! Limits on concurrency: how many calls are accepted, and how many of them render.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::call_rejection::CallRejection;
use super::metrics::Metrics;
use crate::codes;
use crate::server_limits::ServerLimits;

/// The semaphores for calls and for renders.
pub(super) struct Admission {
    calls: Arc<Semaphore>,
    renders: Arc<Semaphore>,
    places: usize,
    metrics: Arc<Metrics>,
}

impl Admission {
    /// Creates the semaphores from the operator's limits.
    pub(super) fn new(limits: &ServerLimits, metrics: Arc<Metrics>) -> Self {
        let renders = limits.renders().max(1);
        let places = renders.saturating_add(limits.queue).min(Semaphore::MAX_PERMITS);
        Self {
            calls: Arc::new(Semaphore::new(places)),
            renders: Arc::new(Semaphore::new(renders)),
            places,
            metrics,
        }
    }

    /// Admits a call, or returns the error that names the limit.
    pub(super) fn admit_call(&self) -> Result<OwnedSemaphorePermit, CallRejection> {
        self.calls.clone().try_acquire_owned().map_err(|_full| {
            let message = format!("this server already handles {} calls, its limit", self.places);
            CallRejection::over_limit(&codes::SERVER_QUEUE, message, "queue")
        })
    }

    /// Waits for a free render.
    pub(super) async fn acquire_render(&self) -> Result<OwnedSemaphorePermit, CallRejection> {
        let _waiting = WaitingCall::begin(&self.metrics);
        let permit = self.renders.clone().acquire_owned().await;
        permit.map_err(|_closed| CallRejection::program_bug("the semaphore of renders is closed"))
    }
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
