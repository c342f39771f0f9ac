//! The stage that a render is in, for a front door that limits its time and memory.

use std::fmt;

use crate::finding::Stage;

/// Receives the stages of renders as they begin. A front door that ends a render then knows
/// which stage was too expensive. Several threads may render; each renders one at a time.
pub trait Progress: fmt::Debug + Send + Sync {
    /// A stage of this thread's render begins.
    fn begin_stage(&self, stage: Stage);

    /// This thread waits for a policy to be loaded, which may include its compilation. That has
    /// limits of its own.
    fn begin_wait(&self) {}

    /// The wait has ended.
    fn end_wait(&self) {}

    /// This thread's render has ended.
    fn end_render(&self) {}
}

/// Progress that nobody watches.
#[derive(Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin_stage(&self, _: Stage) {}
}
