//! Starts, times and terminates a worker process.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::limits::Limits;
use crate::worker::EvaluationBudget;

/// A worker is replaced after this much work: memory that it leaked is freed, and it never gets near
/// its limit on CPU time, which includes all its evaluations.
const MAX_WORK: Duration = Duration::from_secs(30);

/// How much of its stderr is read, in bytes.
const MAX_STDERR: u64 = 16 << 10;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;

/// The program of a worker: an executable, usually this one, that with these arguments and four more
/// behaves like [`worker`](crate::worker()).
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Arguments that select the worker, usually a hidden subcommand.
    pub args: Vec<OsString>,
}

/// A running worker; killed on drop.
pub(crate) struct Worker {
    child: Child,
    stream: UnixStream,
    errors: ChildStderr,
    worked: Duration,
}

/// The reason why a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WorkerExit {
    /// It exceeded its memory limit.
    Memory,
    /// It overflowed its stack.
    Stack,
    /// It exceeded its time limit.
    Time,
    /// The system killed it, or the program is not a worker.
    Environment(String),
    /// It crashed.
    Crashed(String),
}

impl Worker {
    /// Starts a worker.
    pub(crate) fn start(program: &Program, limits: &Limits) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        let (input, output) = (OwnedFd::from(theirs.try_clone()?), OwnedFd::from(theirs));
        let seconds = MAX_WORK.as_secs() + limits.milliseconds.div_ceil(1000) + 1;
        let budget = EvaluationBudget {
            seconds,
            memory: limits.memory_bytes,
            depth: limits.stack_depth,
            output: limits.output_bytes,
        };
        let mut child = Command::new(&program.path)
            .args(&program.args)
            .args(budget.to_arguments())
            .env_clear()
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, stream, errors, worked: Duration::ZERO })
    }

    /// Returns its stream, with a deadline.
    pub(crate) fn with_deadline(&self, deadline: Instant) -> DeadlineStream<'_> {
        DeadlineStream { stream: &self.stream, deadline }
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
    pub(crate) fn terminate(mut self) -> WorkerExit {
        // A worker that just closed its stream may need a moment to exit with its own status.
        let start = Instant::now();
        let mut ended = self.child.try_wait().ok().flatten();
        while ended.is_none() && start.elapsed() < Duration::from_millis(200) {
            std::thread::sleep(Duration::from_millis(1));
            ended = self.child.try_wait().ok().flatten();
        }
        let _ = self.child.kill();
        let status = match ended.map_or_else(|| self.child.wait(), Ok) {
            Ok(status) => status,
            Err(error) => return WorkerExit::Environment(error.to_string()),
        };
        let mut stderr_text = Vec::new();
        // A read error is ignored: the exit status is still reported.
        let _ = (&mut self.errors).take(MAX_STDERR).read_to_end(&mut stderr_text);
        let stderr_text = String::from_utf8_lossy(&stderr_text).into_owned();
        let memory = ["memory allocation of", "failed to allocate", "Cannot allocate memory"];
        match (status.code(), status.signal()) {
            (_, Some(SIGXCPU)) => WorkerExit::Time,
            (_, Some(SIGABRT | SIGSEGV)) if stderr_text.contains("overflow") => WorkerExit::Stack,
            _ if memory.iter().any(|text| stderr_text.contains(text)) => WorkerExit::Memory,
            // Only the kernel's out-of-memory killer sends this signal.
            (_, Some(SIGKILL)) => WorkerExit::Environment("it was killed".to_owned()),
            (Some(101), _) | (_, Some(_)) => WorkerExit::Crashed(stderr_text),
            _ => WorkerExit::Environment(format!("it ended with {status}: {stderr_text}")),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have exited already, and must not remain as a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A worker's stream; operations after the deadline fail with `TimedOut`.
pub(crate) struct DeadlineStream<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl DeadlineStream<'_> {
    fn time_left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

/// Converts an error: the kernel reports a timeout as `WouldBlock`.
fn to_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for DeadlineStream<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(self.time_left()?)?;
            match self.stream.read(bytes).map_err(to_timeout) {
                // The kernel does not restart a read with a timeout after a signal (signal(7)).
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Write for DeadlineStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.time_left()?)?;
        self.stream.write(bytes).map_err(to_timeout)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
