//! An evaluating worker process, with the time that it has worked.

use std::io;
use std::time::{Duration, Instant};

use worker_process::{DeadlineStream, Program, WorkerExit};

use crate::limits::Limits;
use crate::worker::EvaluationBudget;

/// A worker is replaced after this much work: memory that it leaked is freed, and it never gets near
/// its limit on CPU time, which includes all its evaluations.
const MAX_WORK: Duration = Duration::from_secs(30);

/// A running worker; killed on drop.
pub(crate) struct Worker {
    process: worker_process::Worker,
    worked: Duration,
}

impl Worker {
    /// Starts a worker.
    pub(crate) fn start(program: &Program, limits: &Limits) -> io::Result<Self> {
        let seconds = MAX_WORK.as_secs() + limits.milliseconds.div_ceil(1000) + 1;
        let budget = EvaluationBudget {
            seconds,
            memory: limits.memory_bytes,
            depth: limits.stack_depth,
            output: limits.output_bytes,
        };
        let process = worker_process::Worker::start(program, budget.to_arguments())?;
        Ok(Self { process, worked: Duration::ZERO })
    }

    /// Returns its stream, with a deadline.
    pub(crate) fn with_deadline(&self, deadline: Instant) -> DeadlineStream<'_> {
        self.process.with_deadline(deadline)
    }

    /// Adds to its work time. Returns false if it must be replaced.
    pub(crate) fn record_work(&mut self, worked: Duration) -> bool {
        self.worked += worked;
        self.worked < MAX_WORK
    }

    /// Returns true if it has evaluated before.
    pub(crate) fn is_used(&self) -> bool {
        !self.worked.is_zero()
    }

    /// Kills the worker. Returns the reason if it had already ended.
    pub(crate) fn terminate(self) -> WorkerExit {
        self.process.terminate()
    }
}
