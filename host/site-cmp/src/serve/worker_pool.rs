//! The processes in which the server renders. Idle ones stay warm: a call gets one that has its
//! archive open, if there is such a worker.

mod job_end;
mod render_worker;

use std::io;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::{JoinError, spawn_blocking};
use worker_process::{Program, WorkerExit};

use super::cached_tree::CachedTree;
use super::compile_queue::{CompileQueue, Compiled};
use super::metrics::Metrics;
use super::render_lane::Lane;
use super::unpack_job::Digest;
use crate::render_limits::RenderLimits;
use crate::render_worker::ProgressFile;
use crate::render_worker::protocol::Start;
pub(super) use job_end::JobEnd;
use render_worker::RenderWorker;

/// The largest message of a worker in addition to an answer, in bytes: an artifact of the wide
/// tier, or the facts for the log.
const MESSAGE_BYTES: u64 = 32 << 20;

/// The time in which a worker must accept a message that it does not answer.
const SEND_TIME: Duration = Duration::from_secs(10);

/// How often a job begins again with another worker. A used worker may have been killed while it
/// was idle. The system kills the processes that use most memory, so this one may only have been
/// near another that did.
const RETRIES: u32 = 2;

/// The memory that an idle worker may keep, in bytes, and the time after which it is looked at.
const IDLE_BYTES: u64 = 40 << 20;
const IDLE_TIME: Duration = Duration::from_secs(10);

/// The workers of a server.
pub(super) struct WorkerPool {
    program: Program,
    start: Start,
    limits: RenderLimits,
    idle: Mutex<Vec<RenderWorker>>,
    compile_queue: Arc<CompileQueue>,
    metrics: Arc<Metrics>,
}

/// One order for a worker.
pub(super) struct Job {
    /// The message of the order.
    pub(super) order: Vec<u8>,
    /// The digest of the archive.
    pub(super) digest: Digest,
    /// The archive.
    pub(super) tree: Arc<CachedTree>,
    /// The lane, which sets the time.
    pub(super) lane: Lane,
    /// The moment at which the call ends, and with it a job in the slow lane.
    pub(super) until: Instant,
}

/// A worker that was sent a job.
struct Ordered {
    worker: RenderWorker,
    sent: io::Result<()>,
    /// The moment at which the job must have ended.
    deadline: Instant,
}

impl WorkerPool {
    pub(super) fn new(
        program: Program,
        start: Start,
        limits: RenderLimits,
        compile_queue: Arc<CompileQueue>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { program, start, limits, idle: Mutex::default(), compile_queue, metrics }
    }

    /// Returns the limits of a render.
    pub(super) fn limits(&self) -> &RenderLimits {
        &self.limits
    }

    /// Starts workers before the first call, so that it finds them warm.
    pub(super) fn start_idle(&self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let worker = self.start_worker(Lane::Fast)?;
            self.lock_idle().push(worker);
        }
        Ok(())
    }

    /// Starts a worker in the place of one that was lost.
    pub(super) async fn replace_lost(self: Arc<Self>) {
        // The next call starts what cannot be started now.
        let _ = spawn_blocking(move || self.start_idle(1)).await;
    }

    /// Runs a job. `watch` gets the progress of its worker. An idle worker that answers soon needs no
    /// thread. It must not be cancelled, which would lose a worker.
    pub(super) async fn run(
        self: Arc<Self>,
        job: Job,
        codes: Vec<(String, Compiled)>,
        watch: impl Fn(&Arc<ProgressFile>) + Send + 'static,
    ) -> JobEnd {
        let mut ordered = None;
        if let Some(worker) = self.take_idle(&job, |worker| worker.takes_at_once(&job, &codes)) {
            let mut begun = self.send_order(worker, &job, &codes, &watch);
            if begun.sent.is_ok()
                && let Some(end) = begun.worker.receive_soon(begun.deadline).await
            {
                self.put_back(begun.worker, &job);
                return end;
            }
            ordered = Some(begun);
        }
        let task = spawn_blocking(move || self.run_blocking(ordered, &job, &codes, &watch));
        match task.await.map_err(JoinError::try_into_panic) {
            Ok(end) => end,
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(cancelled)) => JobEnd::NoWorker(cancelled.to_string()),
        }
    }

    /// Runs a job on a thread that may block, first with the worker that was sent it, if there is
    /// one. A worker that did nothing wrong returns to the pool; one that the system killed is
    /// replaced, and the job begins again.
    fn run_blocking(
        &self,
        ordered: Option<Ordered>,
        job: &Job,
        codes: &[(String, Compiled)],
        watch: &dyn Fn(&Arc<ProgressFile>),
    ) -> JobEnd {
        let send = |worker| self.send_order(worker, job, codes, watch);
        let mut next = ordered.map_or_else(|| self.take(job).map(send), Ok);
        let mut retries = RETRIES;
        loop {
            let ordered = match next {
                Ok(ordered) => ordered,
                Err(error) => return JobEnd::NoWorker(error.to_string()),
            };
            let is_used = ordered.worker.is_used();
            match self.receive_end(ordered, job) {
                JobEnd::Ended(WorkerExit::Environment(_), _) if retries > 0 => retries -= 1,
                // Earlier renders may have taken the memory; a new worker has all of it.
                JobEnd::Ended(WorkerExit::Memory, _) if is_used => {}
                end => return end,
            }
            next = self.start_worker(job.lane).map(send);
        }
    }

    /// Sends a job to a worker.
    fn send_order(
        &self,
        mut worker: RenderWorker,
        job: &Job,
        codes: &[(String, Compiled)],
        watch: &dyn Fn(&Arc<ProgressFile>),
    ) -> Ordered {
        watch(&worker.progress);
        let time = Instant::now() + self.limits.time();
        // In the fast lane the turn ends soon. It is not cut short for a caller that stops waiting
        // before, for that would lose a worker.
        let deadline = if job.lane == Lane::Fast { time } else { time.min(job.until) };
        let sent = worker.send_order(job, codes, deadline);
        Ordered { worker, sent, deadline }
    }

    /// Receives the end of a job from a worker.
    fn receive_end(&self, ordered: Ordered, job: &Job) -> JobEnd {
        let Ordered { mut worker, sent, deadline } = ordered;
        let end = sent.and_then(|()| worker.receive_end(job, deadline, self.answer_bytes()));
        let stage = worker.progress.stage();
        let end = match end {
            Ok(end) if job.lane == Lane::Fast && !matches!(end, JobEnd::TurnOver) => {
                self.put_back(worker, job);
                return end;
            }
            Ok(end) => end,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                JobEnd::Late { stage, computed: worker.computed_mostly() }
            }
            Err(_) => JobEnd::Ended(worker.process.terminate(), stage),
        };
        self.metrics.count_worker_end(end.reason());
        end
    }

    /// Returns a worker to the idle ones.
    fn put_back(&self, mut worker: RenderWorker, job: &Job) {
        worker.note_used(job.digest);
        self.lock_idle().push(worker);
    }

    /// Replaces idle workers that keep too much memory, and starts missing ones.
    pub(super) fn renew_idle(&self, wanted: usize) {
        let is_large = |worker: &RenderWorker| {
            worker.idle_since.elapsed() >= IDLE_TIME && worker.process.resident_bytes() > IDLE_BYTES
        };
        // A call in this moment must find the others.
        let large: Vec<RenderWorker> = {
            let mut idle = self.lock_idle();
            let (large, kept) = std::mem::take(&mut *idle).into_iter().partition(is_large);
            *idle = kept;
            large
        };
        let missing = large.len().min(wanted);
        for _ended in large {
            self.metrics.count_worker_end("idle");
        }
        // The next call starts what cannot be started now.
        let _ = self.start_idle(missing);
    }

    /// Returns an idle worker, else a new one.
    fn take(&self, job: &Job) -> io::Result<RenderWorker> {
        self.take_idle(job, |_| true).map_or_else(|| self.start_worker(job.lane), Ok)
    }

    /// Returns an idle worker that has the archive, else the one that is idle for longest, if it fits.
    fn take_idle(&self, job: &Job, fits: impl Fn(&RenderWorker) -> bool) -> Option<RenderWorker> {
        let mut idle = (job.lane == Lane::Fast).then(|| self.lock_idle())?;
        let warm = idle.iter().rposition(|worker| worker.archives.contains(&job.digest));
        let at = warm.unwrap_or(0);
        fits(idle.get(at)?).then(|| idle.remove(at))
    }

    fn start_worker(&self, lane: Lane) -> io::Result<RenderWorker> {
        let mut worker = RenderWorker::start(&self.program, self.limits.memory_bytes, lane)?;
        self.metrics.workers_started.inc();
        worker.introduce(&self.start)?;
        worker.send_codes(&self.compile_queue.first_codes(), Instant::now() + SEND_TIME)?;
        Ok(worker)
    }

    fn answer_bytes(&self) -> u64 {
        self.start.answer_bytes as u64 + MESSAGE_BYTES
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<RenderWorker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
