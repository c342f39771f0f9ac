//! The processes in which the server renders. Idle ones stay warm: a call gets one that has its
//! archive open, if there is such a worker.

mod render_worker;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::WantedCode;
use site_render::finding::Stage;
use worker_process::{Program, WorkerExit};

use super::cached_tree::CachedTree;
use super::compile_queue::{CompileQueue, Compiled};
use super::metrics::Metrics;
use super::render_lane::Lane;
use super::unpack_job::Digest;
use crate::render_limits::RenderLimits;
use crate::render_worker::ProgressFile;
use crate::render_worker::protocol::{Answer, Start};
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
    /// The moment at which the call ends.
    pub(super) until: Instant,
}

/// How a job ended.
#[derive(Debug)]
pub(super) enum JobEnd {
    /// The worker answered.
    Answered(Answer),
    /// Policies must be compiled first.
    Wanted(Vec<WantedCode>),
    /// It needs the slow lane.
    TurnOver,
    /// It passed the time of a render or of its call.
    Late {
        /// The stage in which it was.
        stage: Stage,
        /// Whether it computed for most of that time. Otherwise others had the processors.
        computed: bool,
    },
    /// The worker ended in this stage.
    Ended(WorkerExit, Stage),
    /// No worker could be started.
    NoWorker(String),
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

    /// Runs a job on a thread that may block. `watch` gets the progress of its worker. A worker that
    /// did nothing wrong returns to the pool; one that the system killed is replaced, and the job
    /// begins again.
    pub(super) fn run(
        &self,
        job: &Job,
        codes: &[(String, Compiled)],
        watch: &dyn Fn(&Arc<ProgressFile>),
    ) -> JobEnd {
        let mut taken = self.take(job);
        let mut retries = RETRIES;
        loop {
            let worker = match taken {
                Ok(worker) => worker,
                Err(error) => return JobEnd::NoWorker(error.to_string()),
            };
            watch(&worker.progress);
            let is_used = worker.is_used();
            match self.run_with(worker, job, codes) {
                JobEnd::Ended(WorkerExit::Environment(_), _) if retries > 0 => retries -= 1,
                // Earlier renders may have taken the memory; a new worker has all of it.
                JobEnd::Ended(WorkerExit::Memory, _) if is_used => {}
                end => return end,
            }
            taken = self.start_worker(job.lane);
        }
    }

    /// Runs a job with a worker.
    fn run_with(
        &self,
        mut worker: RenderWorker,
        job: &Job,
        codes: &[(String, Compiled)],
    ) -> JobEnd {
        let end = worker.exchange(job, codes, self.deadline(job), self.answer_bytes());
        let stage = worker.progress.stage();
        let end = match end {
            Ok(end) if job.lane == Lane::Fast && !matches!(end, JobEnd::TurnOver) => {
                worker.note_used(job.digest);
                self.lock_idle().push(worker);
                return end;
            }
            Ok(end) => end,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                JobEnd::Late { stage, computed: worker.computed_mostly() }
            }
            Err(_) => JobEnd::Ended(worker.process.terminate(), stage),
        };
        self.metrics.count_worker_end(reason(&end));
        end
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

    /// Returns an idle worker that has the archive, else the one that is idle for longest, else a
    /// new one.
    fn take(&self, job: &Job) -> io::Result<RenderWorker> {
        if job.lane == Lane::Fast {
            let mut idle = self.lock_idle();
            let warm = idle.iter().rposition(|worker| worker.archives.contains(&job.digest));
            if let Some(at) = warm.or_else(|| (!idle.is_empty()).then_some(0)) {
                return Ok(idle.remove(at));
            }
        }
        self.start_worker(job.lane)
    }

    fn start_worker(&self, lane: Lane) -> io::Result<RenderWorker> {
        let mut worker = RenderWorker::start(&self.program, self.limits.memory_bytes, lane)?;
        self.metrics.workers_started.inc();
        worker.introduce(&self.start)?;
        worker.send_codes(&self.compile_queue.first_codes(), Instant::now() + SEND_TIME)?;
        Ok(worker)
    }

    /// Returns the moment at which a job must have ended.
    fn deadline(&self, job: &Job) -> Instant {
        job.until.min(Instant::now() + self.limits.time())
    }

    fn answer_bytes(&self) -> u64 {
        self.start.answer_bytes as u64 + MESSAGE_BYTES
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<RenderWorker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the reason why a worker does not return to the pool, as a metric's label.
fn reason(end: &JobEnd) -> &'static str {
    match end {
        JobEnd::TurnOver => "turn",
        JobEnd::Answered(_) | JobEnd::Wanted(_) => "slow",
        JobEnd::Late { .. } | JobEnd::Ended(WorkerExit::Time, _) => "time",
        JobEnd::Ended(WorkerExit::Memory | WorkerExit::Stack, _) => "memory",
        JobEnd::Ended(WorkerExit::Crashed(_) | WorkerExit::Environment(_), _)
        | JobEnd::NoWorker(_) => "failed",
    }
}
