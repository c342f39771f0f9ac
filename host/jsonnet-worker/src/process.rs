//! A worker process, from its start to its end.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::limits::Limits;
use crate::worker::Budget;

/// After so much time of work a worker is replaced by another: what it may have gathered
/// goes with it, and its limit of CPU time, which counts from its start, is never near.
const LIFE: Duration = Duration::from_secs(30);

/// How much of its last words is read, in bytes.
const LAST_WORDS: u64 = 16 << 10;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;

/// What is started as a worker: an executable, usually this program's own, which with these
/// arguments and four more does what [`worker`](crate::worker()) does.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// What makes it the worker, usually a hidden subcommand.
    pub args: Vec<OsString>,
}

/// A worker that runs; it is killed when this goes.
pub(crate) struct Worker {
    child: Child,
    stream: UnixStream,
    errors: ChildStderr,
    worked: Duration,
}

/// Why a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It took more memory than it may have.
    Memory,
    /// Its stack was too small for it.
    Stack,
    /// It took more time than it may have.
    Time,
    /// The machine ended it, or something that is no worker ran.
    Machine(String),
    /// It broke.
    Broken(String),
}

impl Worker {
    /// Starts one.
    pub(crate) fn start(program: &Program, limits: &Limits) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        let (input, output) = (OwnedFd::from(theirs.try_clone()?), OwnedFd::from(theirs));
        let seconds = LIFE.as_secs() + limits.milliseconds.div_ceil(1000) + 1;
        let budget = Budget {
            seconds,
            memory: limits.memory_bytes,
            depth: limits.stack_depth,
            output: limits.output_bytes,
        };
        let mut child = Command::new(&program.path)
            .args(&program.args)
            .args(budget.arguments())
            .env_clear()
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, stream, errors, worked: Duration::ZERO })
    }

    /// Its stream, until a deadline.
    pub(crate) fn until(&self, deadline: Instant) -> Timed<'_> {
        Timed { stream: &self.stream, deadline }
    }

    /// Adds to the time that it has worked; false where it has worked long enough.
    pub(crate) fn may_go_on(&mut self, worked: Duration) -> bool {
        self.worked += worked;
        self.worked < LIFE
    }

    /// Whether it has worked before.
    pub(crate) fn is_used(&self) -> bool {
        !self.worked.is_zero()
    }

    /// Ends it, and says why it ended if it had ended already.
    pub(crate) fn end(mut self) -> End {
        // It is kind to a worker that has just closed its stream and is about to be gone.
        let start = Instant::now();
        let mut ended = self.child.try_wait().ok().flatten();
        while ended.is_none() && start.elapsed() < Duration::from_millis(200) {
            std::thread::sleep(Duration::from_millis(1));
            ended = self.child.try_wait().ok().flatten();
        }
        let _ = self.child.kill();
        let status = match ended.map_or_else(|| self.child.wait(), Ok) {
            Ok(status) => status,
            Err(error) => return End::Machine(error.to_string()),
        };
        let mut words = Vec::new();
        // What cannot be read is not said; the status remains.
        let _ = (&mut self.errors).take(LAST_WORDS).read_to_end(&mut words);
        let words = String::from_utf8_lossy(&words).into_owned();
        let memory = ["memory allocation of", "failed to allocate", "Cannot allocate memory"];
        match (status.code(), status.signal()) {
            (_, Some(SIGXCPU)) => End::Time,
            (_, Some(SIGABRT | SIGSEGV)) if words.contains("overflow") => End::Stack,
            _ if memory.iter().any(|said| words.contains(said)) => End::Memory,
            // Nobody but the machine's own guard against memory shortage sends this one.
            (_, Some(SIGKILL)) => End::Machine("it was killed".to_owned()),
            (Some(101), _) | (_, Some(_)) => End::Broken(words),
            _ => End::Machine(format!("it ended with {status}: {words}")),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone already, and it must not stay as a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A worker's stream; what is not done by the deadline fails with `TimedOut`.
pub(crate) struct Timed<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

/// The kernel says of a timeout that the call would block.
fn timed(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(self.left()?)?;
            match self.stream.read(bytes).map_err(timed) {
                // A socket with a timeout is not restarted by the kernel (signal(7)), and a
                // worker whose answer is still to come has not gone.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes).map_err(timed)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
