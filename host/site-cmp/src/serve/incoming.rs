//! The stream of connections from the repo-server, and how it ends.
//!
//! The repo-server opens one connection for each application and closes it after the answer. It
//! waits without limit for a connection that is never accepted, and also for one that is shut
//! down before its HTTP/2 handshake. So every connection made before the socket's file was
//! removed is accepted and served. Only connections that stay open after that are shut down.
//!
//! The number of open connections is limited. Further ones wait in the socket's backlog, and so do
//! all while the process has no file descriptor for them.

use std::convert::Infallible;
use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixListener as StdListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;

use super::connection::Connection;
use super::open_connections::OpenConnections;

/// The time that connections may stay open after the stop signal before they are shut down.
/// Most calls take milliseconds, and a running call is finished in any case.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// The time after which accepting is tried again when it failed or no connection could be closed
/// for a new one.
const RETRY: Duration = Duration::from_millis(100);

/// A stream of connections. After the stop signal it returns those that wait already, and ends
/// when the last one is closed or the linger time is over.
pub(super) struct Incoming {
    listener: Listener,
    connections: Arc<OpenConnections>,
    /// The time after which a connection without a call is closed.
    stall: Duration,
    /// Whether accepting failed, so that a pause is needed.
    failed: bool,
    pause: Option<Pin<Box<Sleep>>>,
    end: oneshot::Receiver<()>,
    /// A sender of which each open connection holds a clone.
    open: Option<mpsc::Sender<Infallible>>,
    /// The receiver that is closed when the last connection is.
    all_gone: mpsc::Receiver<Infallible>,
    linger: Duration,
    patience: Pin<Box<Sleep>>,
}

enum Listener {
    Open(UnixListener),
    /// The listener outside the runtime, whose knowledge of readiness may be older than the
    /// last connection.
    Ending(StdListener),
    Closed,
}

impl Incoming {
    /// Accepts from a listener until `end` is sent or dropped. The socket's file must be
    /// removed before that. A connection without a call is closed after `stall`.
    pub(super) fn new(
        listener: UnixListener,
        connections: Arc<OpenConnections>,
        stall: Duration,
        end: oneshot::Receiver<()>,
        linger: Duration,
    ) -> Self {
        let (open, all_gone) = mpsc::channel(1);
        let patience = Box::pin(sleep(linger));
        let listener = Listener::Open(listener);
        Self {
            listener,
            connections,
            stall,
            failed: false,
            pause: None,
            end,
            open: Some(open),
            all_gone,
            linger,
            patience,
        }
    }

    /// Accepts the next connection, unless there is no room for it.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Connection>>> {
        loop {
            if self.failed {
                ready!(self.poll_pause(cx));
                self.failed = false;
            }
            let Listener::Open(listener) = &self.listener else { return Poll::Pending };
            if !self.connections.has_room(cx) {
                ready!(self.poll_pause(cx));
                continue;
            }
            match ready!(listener.poll_accept(cx)) {
                Ok((stream, _)) => return Poll::Ready(self.wrap_connection(Ok(stream))),
                // Most likely no file descriptor is left: accepting at once again would fail
                // again.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection now");
                    self.connections.close_idle();
                    self.failed = true;
                }
            }
        }
    }

    /// Waits for the end of a pause, which begins at the first call.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(RETRY)));
        ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(())
    }

    /// Takes the listener out of the runtime.
    fn stop_accepting(&mut self) {
        if let Listener::Open(listener) = std::mem::replace(&mut self.listener, Listener::Closed)
            && let Ok(waiting) = listener.into_std()
        {
            self.listener = Listener::Ending(waiting);
        }
    }

    /// Closes the listener and starts the linger time.
    fn close_listener(&mut self) {
        self.listener = Listener::Closed;
        self.open = None;
        self.patience = Box::pin(sleep(self.linger));
    }

    /// Wraps a connection with a sender, unless the server is stopping.
    fn wrap_connection(&self, stream: io::Result<UnixStream>) -> Option<io::Result<Connection>> {
        let open = self.open.clone()?;
        let connection = |stream| Connection::new(stream, self.connections.add(), self.stall, open);
        Some(stream.map(connection))
    }
}

impl Stream for Incoming {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Listener::Open(_) = &self.listener {
            if let Poll::Ready(taken) = self.poll_accept(cx) {
                return Poll::Ready(taken);
            }
            if Pin::new(&mut self.end).poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.stop_accepting();
        }
        if let Listener::Ending(waiting) = &self.listener {
            if let Some(taken) = accept_waiting(waiting) {
                return Poll::Ready(self.wrap_connection(taken));
            }
            self.close_listener();
        }
        if self.all_gone.poll_recv(cx).is_ready() || self.patience.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// Accepts the next waiting connection, if there is one.
fn accept_waiting(waiting: &StdListener) -> Option<io::Result<UnixStream>> {
    let stream = loop {
        match waiting.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // No connection waits; any other error would only be repeated.
            Err(_) => return None,
        }
    };
    Some(stream.set_nonblocking(true).and_then(|()| UnixStream::from_std(stream)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream as Caller;
    use std::path::Path;

    use futures_util::FutureExt as _;
    use tokio_stream::StreamExt as _;
    use tonic::transport::server::Connected as _;

    use super::*;

    /// Accepts at most `limit` connections at a path.
    fn incoming(
        path: &Path,
        limit: usize,
        end: oneshot::Receiver<()>,
        linger: Duration,
    ) -> Incoming {
        let listener = UnixListener::bind(path).unwrap();
        Incoming::new(listener, OpenConnections::new(limit), Duration::MAX / 4, end, linger)
    }

    #[tokio::test]
    async fn who_waits_at_the_end_is_still_taken_and_the_last_one_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let for_ever = Duration::MAX;
        let mut incoming = incoming(&path, 10, end, for_ever);
        let _first = Caller::connect(&path).unwrap();
        drop(incoming.next().await.unwrap().unwrap());
        // The runtime has heard of neither when the end comes.
        let _waiting = [(); 2].map(|()| Caller::connect(&path).unwrap());
        drop(tell);
        let (one, other) =
            (incoming.next().await.unwrap().unwrap(), incoming.next().await.unwrap().unwrap());
        drop(one);
        assert!(incoming.next().now_or_never().is_none(), "one is there");
        assert!(Caller::connect(&path).is_err(), "nobody comes any more");
        drop(other);
        assert!(incoming.next().await.is_none());
    }

    #[tokio::test]
    async fn who_stays_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let moment = Duration::from_millis(10);
        let mut incoming = incoming(&path, 10, end, moment);
        let _caller = Caller::connect(&path).unwrap();
        let _stays = incoming.next().await.unwrap().unwrap();
        drop(tell);
        assert!(incoming.next().await.is_none());
    }

    #[tokio::test]
    async fn one_more_connection_than_the_limit_waits_until_another_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (_tell, end) = oneshot::channel();
        let mut incoming = incoming(&path, 2, end, Duration::MAX / 4);
        let _callers = [(); 3].map(|()| Caller::connect(&path).unwrap());
        let first = incoming.next().await.unwrap().unwrap();
        let calls = first.connect_info().begin_call();
        calls.note_placed();
        let second = incoming.next().await.unwrap().unwrap();
        let other_call = second.connect_info().begin_call();
        other_call.note_placed();
        assert!(incoming.next().now_or_never().is_none(), "both have a call");
        drop((first, calls));
        incoming.next().await.unwrap().unwrap();
    }
}
