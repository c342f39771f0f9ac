//! The stage that a render is in, for a front door that limits its time and memory.

use std::fmt;

use crate::finding::Stage;

/// Receives the stages of a render as they begin. A front door that ends a render then knows
/// which stage was too expensive.
pub trait Progress: fmt::Debug + Send + Sync {
    /// A stage begins.
    fn begin_stage(&self, stage: Stage);
}

/// Progress that nobody watches.
#[derive(Debug)]
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn begin_stage(&self, _: Stage) {}
}
