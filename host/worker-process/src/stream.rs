//! A socket whose operations fail at a deadline.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A worker's socket; operations after the deadline fail with `TimedOut`.
#[derive(Debug)]
pub struct DeadlineStream<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl<'a> DeadlineStream<'a> {
    /// Returns the socket with a deadline.
    pub(crate) fn new(stream: &'a UnixStream, deadline: Instant) -> Self {
        Self { stream, deadline }
    }

    /// Sets the time that the next operation may take.
    pub(crate) fn arm(&self) -> io::Result<&UnixStream> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // The kernel counts microseconds, and takes zero for no limit.
        let left = Some(left.max(Duration::from_millis(1)));
        self.stream.set_read_timeout(left)?;
        self.stream.set_write_timeout(left)?;
        Ok(self.stream)
    }
}

/// Converts an error: the kernel reports a timeout as `WouldBlock`.
pub(crate) fn to_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for DeadlineStream<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.arm()?.read(bytes).map_err(to_timeout) {
                // The kernel does not restart a read with a timeout after a signal (signal(7)).
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Write for DeadlineStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.arm()?.write(bytes).map_err(to_timeout)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
