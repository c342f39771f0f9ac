//! The pool of worker processes: a limited number, idle ones stay warm.
//!
//! A caller waits for a permit. Each permit is held for at most one evaluation, which has a deadline,
//! so the wait is bounded.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use worker_process::Program;

use crate::limits::Limits;
use crate::process::Worker;

/// The pool of workers.
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

/// The permission to use one worker; released on drop.
pub(crate) struct WorkerPermit<'a>(&'a Pool);

impl Pool {
    pub(crate) fn new(program: Program, limits: Limits) -> Self {
        Self { program, limits, state: Mutex::default(), free: Condvar::new() }
    }

    /// Waits for a permit.
    pub(crate) fn acquire(&self) -> WorkerPermit<'_> {
        let full = |state: &mut State| state.busy >= self.limits.workers().max(1);
        let state = self.free.wait_while(self.state(), full);
        state.unwrap_or_else(PoisonError::into_inner).busy += 1;
        WorkerPermit(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerPermit<'_> {
    /// Returns an idle worker, or starts one.
    pub(crate) fn take_worker(&self) -> io::Result<Worker> {
        let idle = self.0.state().idle.pop();
        idle.map_or_else(|| self.start_worker(), Ok)
    }

    /// Starts a new worker.
    pub(crate) fn start_worker(&self) -> io::Result<Worker> {
        Worker::start(&self.0.program, &self.0.limits)
    }

    /// Returns a worker to the pool.
    pub(crate) fn return_worker(&self, worker: Worker) {
        self.0.state().idle.push(worker);
    }
}

impl Drop for WorkerPermit<'_> {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
        self.0.free.notify_one();
    }
}
