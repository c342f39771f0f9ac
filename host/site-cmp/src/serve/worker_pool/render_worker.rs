//! One process of the pool, and what it was sent.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use policy_sandbox::WantedCode;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::time::timeout_at;
use worker_process::{Arrival, MemoryFile, Message, Program, Worker};

use super::{Job, JobEnd, SEND_TIME};
use crate::render_worker::ProgressFile;
use crate::render_worker::protocol::{
    ARCHIVES, Answer, NoCode, Outcome, Start, decode, encode, kind,
};
use crate::serve::compile_queue::Compiled;
use crate::serve::render_lane::{LONGEST_TURN, Lane, TURN};
use crate::serve::unpack_job::Digest;

/// The priority of workers of the slow lane: others get the processors first.
const SLOW_NICENESS: i32 = 5;

/// The largest order that is sent without a thread, in bytes. A socket buffers more (unix(7)).
const SMALL_ORDER: usize = 64 << 10;

/// The largest answer that is received without a thread, in bytes.
const SMALL_ANSWER: u64 = 256 << 10;

/// The time in which most answers come, and after which a thread watches the worker.
const FIRST_WAIT: Duration = TURN.checked_div(8).unwrap();

/// A render worker.
pub(super) struct RenderWorker {
    pub(super) process: Worker,
    pub(super) progress: Arc<ProgressFile>,
    /// The digests of artifacts whose code or error it has.
    sent: BTreeSet<String>,
    /// The archives that it rendered last, the newest last.
    pub(super) archives: Vec<Digest>,
    pub(super) idle_since: Instant,
    /// The part of its next message that has arrived.
    arrival: Arrival,
    /// Its socket, registered with the runtime that first waited for it.
    readiness: Option<UnixStream>,
    /// When its last order was sent.
    ordered: Instant,
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
            arrival: Arrival::default(),
            readiness: None,
            ordered: Instant::now(),
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

    /// Sends an order with the codes that it needs.
    pub(super) fn send_order(
        &mut self,
        job: &Job,
        codes: &[(String, Compiled)],
        deadline: Instant,
    ) -> io::Result<()> {
        self.send_codes(codes, deadline)?;
        let now = Instant::now();
        self.ordered = now;
        self.watched_since = (job.lane == Lane::Slow).then(|| (now, self.process.cpu_time()));
        let mut stream = self.process.with_deadline(deadline);
        Message::send(&mut stream, kind::ORDER, &job.order, Some(job.tree.file.as_fd()))
    }

    /// Returns whether an order can be sent without waiting: the socket of an idle worker is empty.
    pub(super) fn takes_at_once(&self, job: &Job, codes: &[(String, Compiled)]) -> bool {
        job.order.len() <= SMALL_ORDER && codes.iter().all(|(sha256, _)| self.sent.contains(sha256))
    }

    /// Waits for a small answer to an order, in its first moments and without a thread. Without one
    /// the caller goes on with [`Self::receive_end`], which also returns any error.
    pub(super) async fn receive_soon(&mut self, deadline: Instant) -> Option<JobEnd> {
        let until = (self.ordered + FIRST_WAIT).min(deadline);
        if self.readiness.is_none() {
            let socket = self.process.socket().try_clone().ok()?;
            self.readiness = UnixStream::from_std(socket).ok();
        }
        let (readiness, arrival) = (self.readiness.as_ref()?, &mut self.arrival);
        let socket = self.process.socket();
        let receive =
            readiness.async_io(Interest::READABLE, || match arrival.read(socket, SMALL_ANSWER) {
                Ok(false) => Err(io::ErrorKind::WouldBlock.into()),
                done => done,
            });
        timeout_at(until.into(), receive).await.ok()?.ok()?;
        let (kind, bytes) = self.arrival.peek()?;
        let answer: Answer = decode(bytes).ok().filter(|_| kind == kind::ANSWER)?;
        if matches!(answer.outcome, Outcome::Pending) {
            return None;
        }
        self.arrival.take();
        Some(JobEnd::Answered(answer))
    }

    /// Receives the answer to an order.
    pub(super) fn receive_end(
        &mut self,
        job: &Job,
        deadline: Instant,
        limit: u64,
    ) -> io::Result<JobEnd> {
        if job.lane == Lane::Fast && !self.answers_in_turn(deadline, job.until)? {
            return Ok(JobEnd::TurnOver);
        }
        let mut wanted = Vec::new();
        loop {
            let message = self.receive(deadline, limit)?;
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

    /// Receives a message.
    fn receive(&mut self, deadline: Instant, limit: u64) -> io::Result<Message> {
        while !self.arrival.read(self.process.socket(), limit)? {
            if !self.process.wait_readable(deadline)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(self.arrival.take())
    }

    /// Waits until the answer begins. Returns false if the turn ends before that. Once nobody waits
    /// for the answer any more, a turn has no more wall-clock time than it has CPU time.
    fn answers_in_turn(&mut self, deadline: Instant, wanted_until: Instant) -> io::Result<bool> {
        let began = self.ordered;
        // Most answers come before the processor time is read, which takes longer than a message.
        if self.arrival.peek().is_some()
            || self.process.wait_readable((began + FIRST_WAIT).min(deadline))?
        {
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
            let computed = self.process.cpu_time().saturating_sub(used) + FIRST_WAIT;
            let longest = if Instant::now() < wanted_until { LONGEST_TURN } else { TURN };
            if computed >= TURN || began.elapsed() >= longest {
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
