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

use super::next_byte::{NextByte, next_byte};
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

    /// Writes to the stream, and records that the peer reads. HTTP/2 reads nothing while it cannot
    /// write, so a peer that does not read is given up here.
    fn write_with(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut UnixStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Poll::Ready(written) = write(Pin::new(&mut this.stream), cx) {
            this.timer.note_progress();
            return Poll::Ready(written);
        }
        Poll::Ready(Err(ready!(this.poll_end(cx))))
    }

    /// Waits for the moment to end the connection, while nothing can be read or written.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if self.entry.handle().is_closing(cx) {
            return Poll::Ready(ErrorKind::ConnectionAborted.into());
        }
        if self.entry.handle().has_call() {
            self.timer.note_progress();
            // Polled only so that it wakes this task again. The peer gets the whole time once the
            // call has ended.
            let _never = self.timer.poll_stalled(cx);
            self.timer.note_progress();
            return Poll::Pending;
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
        if this.entry.handle().may_read() {
            if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
                this.entry.handle().note_read();
                this.timer.note_progress();
                return Poll::Ready(read);
            }
            this.entry.handle().note_looked_at();
            // The runtime may not know yet of bytes that have arrived.
            if this.entry.handle().is_closed() && matches!(next_byte(&this.stream), NextByte::Sent)
            {
                this.entry.handle().note_read();
            }
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
        self.write_with(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        chunks: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_with(cx, |stream, cx| stream.poll_write_vectored(cx, chunks))
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write as _;
    use std::os::unix::net::UnixStream as Caller;

    use futures_util::FutureExt as _;
    use tokio::io::AsyncReadExt as _;
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;
    use crate::serve::open_connections::OpenConnections;

    const STALL: Duration = Duration::from_millis(5);

    /// A connection, and its other end, which stays silent.
    fn connection() -> (Connection, Caller) {
        let (near, far) = Caller::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let near = UnixStream::from_std(near).unwrap();
        let entry = OpenConnections::new(1).add();
        (Connection::new(near, entry, STALL, mpsc::channel(1).0), far)
    }

    #[tokio::test]
    async fn a_silent_peer_without_a_call_is_given_up() {
        let (mut connection, _far) = connection();
        let error = connection.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn the_time_after_a_call_counts_in_full() {
        let (mut connection, _far) = connection();
        let call = connection.connect_info().begin_call();
        // The timer ends several times while the call runs.
        let mut ticks = 0;
        poll_fn(|cx| {
            let read = Pin::new(&mut connection).poll_read(cx, &mut ReadBuf::new(&mut [0]));
            assert!(read.is_pending());
            ticks += 1;
            if ticks < 4 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        drop(call);
        let end = Instant::now();
        assert!(connection.read_u8().now_or_never().is_none());
        let error = connection.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(Instant::now() - end >= STALL);
    }

    #[tokio::test]
    async fn a_connection_gives_way_unless_its_peer_has_sent_something() {
        let (mut connection, mut far) = connection();
        assert!(connection.read_u8().now_or_never().is_none());
        connection.entry.handle().give_way();
        far.write_all(b"1").unwrap();
        assert_eq!(connection.read_u8().await.unwrap(), b'1');
        assert!(!connection.entry.handle().is_closed());
        connection.entry.handle().give_way();
        far.write_all(b"2").unwrap();
        let error = connection.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
    }
}
