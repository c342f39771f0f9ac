//! One process of the pool, and what it was sent.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use policy_sandbox::WantedCode;
use worker_process::{MemoryFile, Message, Program, Worker};

use super::{Job, JobEnd, SEND_TIME};
use crate::render_worker::ProgressFile;
use crate::render_worker::protocol::{
    ARCHIVES, Answer, NoCode, Outcome, Start, decode, encode, kind,
};
use crate::serve::compile_queue::Compiled;
use crate::serve::render_lane::{LONGEST_TURN, Lane, TURN};
use crate::serve::unpack_job::Digest;

/// The priority of workers of the slow lane: others get the processors first.
const SLOW_NICENESS: i32 = 10;

/// A render worker.
pub(super) struct RenderWorker {
    pub(super) process: Worker,
    pub(super) progress: Arc<ProgressFile>,
    /// The digests of artifacts whose code or error it has.
    sent: BTreeSet<String>,
    /// The archives that it rendered last, the newest last.
    pub(super) archives: Vec<Digest>,
    pub(super) idle_since: Instant,
    /// When its processor time was read after the last order, and that time. Quick answers need none.
    watched_since: Option<(Instant, Duration)>,
}

impl RenderWorker {
    /// Starts the process.
    pub(super) fn start(program: &Program, memory_bytes: u64, lane: Lane) -> io::Result<Self> {
        let process = Worker::start(program, [memory_bytes.to_string().into()])?;
        if lane == Lane::Slow {
            process.set_niceness(SLOW_NICENESS)?;
        }
        Ok(Self {
            process,
            progress: Arc::new(ProgressFile(MemoryFile::create("progress")?)),
            sent: BTreeSet::new(),
            archives: Vec::new(),
            idle_since: Instant::now(),
            watched_since: None,
        })
    }

    /// Sends the first message.
    pub(super) fn introduce(&mut self, start: &Start) -> io::Result<()> {
        let start = encode(start)?;
        let mut stream = self.process.with_deadline(Instant::now() + SEND_TIME);
        Message::send(&mut stream, kind::START, &start, Some(self.progress.0.as_fd()))
    }

    /// Sends the codes and errors that this worker does not have.
    pub(super) fn send_codes(
        &mut self,
        codes: &[(String, Compiled)],
        deadline: Instant,
    ) -> io::Result<()> {
        let mut stream = self.process.with_deadline(deadline);
        for (sha256, compiled) in codes {
            if !self.sent.insert(sha256.clone()) {
                continue;
            }
            match compiled {
                Compiled::Code(file) => {
                    let sha256 = encode(sha256)?;
                    Message::send(&mut stream, kind::CODE, &sha256, Some(file.as_fd()))?;
                }
                Compiled::Error(error) => {
                    let error = NoCode { sha256: sha256.clone(), error: error.to_message() };
                    let error = encode(&error)?;
                    Message::send(&mut stream, kind::NO_CODE, &error, None)?;
                }
            }
        }
        Ok(())
    }

    /// Sends an order and receives its answer.
    pub(super) fn exchange(
        &mut self,
        job: &Job,
        codes: &[(String, Compiled)],
        deadline: Instant,
        limit: u64,
    ) -> io::Result<JobEnd> {
        self.send_codes(codes, deadline)?;
        self.watched_since =
            (job.lane == Lane::Slow).then(|| (Instant::now(), self.process.cpu_time()));
        let mut stream = self.process.with_deadline(deadline);
        Message::send(&mut stream, kind::ORDER, &job.order, Some(job.tree.file.as_fd()))?;
        if job.lane == Lane::Fast && !self.answers_in_turn(deadline)? {
            return Ok(JobEnd::TurnOver);
        }
        let mut stream = self.process.with_deadline(deadline);
        let mut wanted = Vec::new();
        loop {
            let message = Message::receive(&mut stream, limit)?;
            match message.kind {
                kind::WANTED => {
                    let artifact: WantedCode = decode(&message.bytes)?;
                    // It wants what it had: it no longer has room for so many policies.
                    self.sent.remove(&artifact.sha256);
                    wanted.push(artifact);
                }
                kind::ANSWER => {
                    let answer: Answer = decode(&message.bytes)?;
                    return Ok(match answer.outcome {
                        Outcome::Pending => JobEnd::Wanted(wanted),
                        _ => JobEnd::Answered(answer),
                    });
                }
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Waits until the answer begins. Returns false if the turn ends before that.
    fn answers_in_turn(&mut self, deadline: Instant) -> io::Result<bool> {
        let began = Instant::now();
        // Most answers come before the processor time is read, which takes longer than a message.
        if self.process.wait_readable((began + TURN / 8).min(deadline))? {
            return Ok(true);
        }
        let used = self.process.cpu_time();
        self.watched_since = Some((began, used));
        loop {
            let turn = Instant::now() + TURN / 4;
            if self.process.wait_readable(turn.min(deadline))? {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let computed = self.process.cpu_time().saturating_sub(used) + TURN / 8;
            if computed >= TURN || began.elapsed() >= LONGEST_TURN {
                return Ok(false);
            }
        }
    }

    /// Returns whether it computed for most of the time since its order, so that it is late by its
    /// own fault.
    pub(super) fn computed_mostly(&self) -> bool {
        self.watched_since.is_some_and(|(since, used)| {
            self.process.cpu_time().saturating_sub(used) >= since.elapsed() / 2
        })
    }

    /// Returns whether it has rendered before.
    pub(super) fn is_used(&self) -> bool {
        !self.archives.is_empty()
    }

    pub(super) fn note_used(&mut self, digest: Digest) {
        self.archives.retain(|known| *known != digest);
        self.archives.push(digest);
        if self.archives.len() > ARCHIVES {
            self.archives.remove(0);
        }
        self.idle_since = Instant::now();
    }
}
