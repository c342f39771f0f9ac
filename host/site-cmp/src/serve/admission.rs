//! How much goes on at once: calls that are here at all, and those of them that render.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::metrics::Metrics;
use super::refusal::Refused;
use crate::codes;
use crate::server_limits::ServerLimits;

/// Places for calls.
pub(super) struct Admission {
    calls: Arc<Semaphore>,
    renders: Arc<Semaphore>,
    places: usize,
    metrics: Arc<Metrics>,
}

impl Admission {
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

    /// A place for a call, or the error that says how many there are.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Refused> {
        self.calls.clone().try_acquire_owned().map_err(|_full| {
            let message = format!("this server answers {} calls already", self.places);
            Refused::over(&codes::SERVER_QUEUE, message, "queue")
        })
    }

    /// A free render, waited for.
    pub(super) async fn render(&self) -> Result<OwnedSemaphorePermit, Refused> {
        let _waiting = Waiting::begin(&self.metrics);
        let permit = self.renders.clone().acquire_owned().await;
        permit.map_err(|_closed| Refused::bug("the renders have ended"))
    }
}

/// A call that waits, counted as long as this lives: it may be dropped in the middle.
struct Waiting<'a>(&'a Metrics);

impl<'a> Waiting<'a> {
    fn begin(metrics: &'a Metrics) -> Self {
        metrics.waiting.inc();
        Self(metrics)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.dec();
    }
}
