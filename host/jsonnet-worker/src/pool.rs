//! The workers of this process: as many as may run at once, the idle ones kept warm.
//!
//! Whoever wants one waits until it is free. Nobody holds one for longer than an evaluation
//! may last, so the wait ends.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::limits::Limits;
use crate::process::{Program, Worker};

/// All workers.
pub(crate) struct Pool {
    program: Program,
    limits: Limits,
    state: Mutex<State>,
    free: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Worker>,
    busy: usize,
}

/// The right to have one worker, until this goes.
pub(crate) struct Place<'a>(&'a Pool);

impl Pool {
    pub(crate) fn new(program: Program, limits: Limits) -> Self {
        Self { program, limits, state: Mutex::default(), free: Condvar::new() }
    }

    /// Waits until one more may run.
    pub(crate) fn place(&self) -> Place<'_> {
        let full = |state: &mut State| state.busy >= self.limits.workers().max(1);
        let state = self.free.wait_while(self.state(), full);
        state.unwrap_or_else(PoisonError::into_inner).busy += 1;
        Place(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// A worker: an idle one, else a new one.
    pub(crate) fn worker(&self) -> io::Result<Worker> {
        let idle = self.0.state().idle.pop();
        idle.map_or_else(|| self.fresh(), Ok)
    }

    /// A new worker.
    pub(crate) fn fresh(&self) -> io::Result<Worker> {
        Worker::start(&self.0.program, &self.0.limits)
    }

    /// Keeps a worker for whoever comes next.
    pub(crate) fn keep(&self, worker: Worker) {
        self.0.state().idle.push(worker);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
        self.0.free.notify_one();
    }
}
