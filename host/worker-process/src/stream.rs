//! A socket whose operations fail at a deadline. It does not block: each operation is tried first
//! and waits only if it has to.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A worker's socket; operations after the deadline fail with `TimedOut`.
#[derive(Debug)]
pub struct DeadlineStream<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl<'a> DeadlineStream<'a> {
    /// Returns a socket that does not block with a deadline.
    pub(crate) fn new(stream: &'a UnixStream, deadline: Instant) -> Self {
        Self { stream, deadline }
    }

    /// Tries an operation until it succeeds, and waits for the socket in between.
    pub(crate) fn retry<T>(
        &self,
        wait_for: PollFlags,
        mut operation: impl FnMut(&UnixStream) -> io::Result<T>,
    ) -> io::Result<T> {
        while Instant::now() < self.deadline {
            match operation(self.stream) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait_until(self.stream, wait_for, self.deadline)?;
                }
                done => return done,
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Waits for an event of a socket, or until a moment. Returns whether it came.
pub(crate) fn wait_until(
    socket: &UnixStream,
    event: PollFlags,
    until: Instant,
) -> io::Result<bool> {
    let mut watched = [PollFd::new(socket, event)];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut watched, Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            done => return Ok(done? > 0),
        }
    }
}

impl Read for DeadlineStream<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.retry(PollFlags::IN, |mut stream| stream.read(bytes))
    }
}

impl Write for DeadlineStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.retry(PollFlags::OUT, |mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
