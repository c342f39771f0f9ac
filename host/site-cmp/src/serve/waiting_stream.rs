//! A connection that is accepted and not served yet, and the number of them.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of connections that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct WaitingCount(Arc<AtomicUsize>);

/// A connection that is counted until it is served or closed.
#[derive(Debug)]
pub(super) struct WaitingStream {
    stream: UnixStream,
    _counted: Counted,
}

/// One of those that are counted, until it is dropped.
#[derive(Debug)]
struct Counted(WaitingCount);

impl WaitingCount {
    /// Counts a connection.
    pub(super) fn add(&self, stream: UnixStream) -> WaitingStream {
        self.0.fetch_add(1, Ordering::Relaxed);
        WaitingStream { stream, _counted: Counted(self.clone()) }
    }

    /// Returns the number.
    pub(super) fn number(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl WaitingStream {
    /// Returns the connection, which no longer waits.
    pub(super) fn into_served(self) -> UnixStream {
        self.stream
    }
}

impl AsFd for WaitingStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
