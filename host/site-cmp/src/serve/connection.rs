//! A connection that signals when it is closed, and that ends when its peer is silent and has no
//! call. Otherwise it reads and writes as the socket does.

use std::convert::Infallible;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::sync::mpsc::Sender;
use tonic::transport::server::Connected;

use super::open_connections::{ConnectionHandle, TableEntry};
use super::stall_timer::StallTimer;

/// A connection with a sender, whose drop signals that the connection is closed.
pub(super) struct Connection {
    stream: UnixStream,
    entry: TableEntry,
    timer: StallTimer,
    _open: Sender<Infallible>,
}

impl Connection {
    /// Creates a connection that ends when nothing was read or written for `stall` and no call is
    /// running.
    pub(super) fn new(
        stream: UnixStream,
        entry: TableEntry,
        stall: Duration,
        open: Sender<Infallible>,
    ) -> Self {
        Self { stream, entry, timer: StallTimer::new(stall), _open: open }
    }

    fn pin_stream(self: Pin<&mut Self>) -> Pin<&mut UnixStream> {
        Pin::new(&mut self.get_mut().stream)
    }

    /// Writes to the stream, and records that the peer reads.
    fn write_with<T>(
        self: Pin<&mut Self>,
        write: impl FnOnce(Pin<&mut UnixStream>) -> Poll<T>,
    ) -> Poll<T> {
        let this = self.get_mut();
        let written = write(Pin::new(&mut this.stream));
        if written.is_ready() {
            this.timer.note_progress();
        }
        written
    }

    /// Waits for the moment to end the connection, while nothing can be read.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if self.entry.handle().is_closing(cx) {
            return Poll::Ready(ErrorKind::ConnectionAborted.into());
        }
        if self.entry.handle().has_call() {
            self.timer.note_progress();
        }
        ready!(self.timer.poll_stalled(cx));
        Poll::Ready(ErrorKind::TimedOut.into())
    }
}

impl Connected for Connection {
    type ConnectInfo = ConnectionHandle;

    fn connect_info(&self) -> ConnectionHandle {
        self.entry.handle().clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            this.timer.note_progress();
            return Poll::Ready(read);
        }
        Poll::Ready(Err(ready!(this.poll_end(cx))))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write_with(|stream| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        chunks: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_with(|stream| stream.poll_write_vectored(cx, chunks))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pin_stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pin_stream().poll_shutdown(cx)
    }
}
