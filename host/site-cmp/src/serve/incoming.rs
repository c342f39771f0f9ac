//! The stream of connections from the repo-server, and how it ends.
//!
//! The repo-server opens one connection for each application and closes it after the answer. It
//! waits without limit for a connection that is never accepted, and also for one that is shut
//! down before its HTTP/2 handshake. So every connection made before the socket's file was
//! removed is accepted and served. Only connections that stay open after that are shut down.
//!
//! The number of connections that are served is limited. Further ones are accepted and wait for
//! room, for which connections without a call are closed.

use std::convert::Infallible;
use std::future::Future as _;
use std::io;
use std::os::unix::net::UnixListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;

use super::acceptor::Acceptor;
use super::connection::Connection;
use super::open_connections::OpenConnections;
use super::waiting_stream::WaitingStream;

/// The time that connections may stay open after the stop signal before they are shut down.
/// Most calls take milliseconds, and a running call is finished in any case.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// The time after which room is looked for again when no connection could be closed for a new one.
const RETRY: Duration = Duration::from_millis(100);

/// The connections that are a crowd while they wait: then room is made for them at once.
const CROWD: usize = 1024;

/// The part of the connections that may wait which is a crowd, if so many may not.
const CROWD_PART: usize = 4;

/// The times of a connection without a call, and the most that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// The time after which a connection without a call is closed.
    pub(super) stall: Duration,
    /// The time that connections get after the stop signal.
    pub(super) linger: Duration,
    /// The most connections that are accepted and not served.
    pub(super) limit: usize,
}

/// A stream of connections. After the stop signal it returns those that wait already, and ends
/// when the last one is closed or the linger time is over.
pub(super) struct Incoming {
    /// The thread that accepts, until the stop signal.
    acceptor: Option<Acceptor>,
    accepted: mpsc::Receiver<WaitingStream>,
    /// The connection that is served as soon as there is room.
    next: Option<WaitingStream>,
    connections: Arc<OpenConnections>,
    waiting: Waiting,
    pause: Option<Pin<Box<Sleep>>>,
    end: oneshot::Receiver<()>,
    /// A sender of which each open connection holds a clone.
    open: Option<mpsc::Sender<Infallible>>,
    /// The receiver that is closed when the last connection is.
    all_gone: mpsc::Receiver<Infallible>,
    patience: Pin<Box<Sleep>>,
}

impl Incoming {
    /// Accepts from a listener until `end` is sent or dropped. The socket's file must be
    /// removed before that.
    pub(super) fn new(
        listener: UnixListener,
        connections: Arc<OpenConnections>,
        waiting: Waiting,
        end: oneshot::Receiver<()>,
    ) -> io::Result<Self> {
        let (open, all_gone) = mpsc::channel(1);
        let (acceptor, accepted) =
            Acceptor::start(listener, connections.clone(), waiting.limit, waiting.stall)?;
        Ok(Self {
            acceptor: Some(acceptor),
            accepted,
            next: None,
            connections,
            waiting,
            pause: None,
            end,
            open: Some(open),
            all_gone,
            patience: Box::pin(sleep(waiting.linger)),
        })
    }

    /// Returns the next connection once there is room for it, or none after the last one.
    fn poll_accepted(&mut self, cx: &mut Context<'_>) -> Poll<Option<WaitingStream>> {
        if self.next.is_none() {
            self.next = ready!(self.accepted.poll_recv(cx));
        }
        // After the stop signal every connection is served.
        while self.next.is_some() && self.acceptor.is_some() {
            let crowd = self.accepted.len() >= CROWD.min(self.waiting.limit.div_ceil(CROWD_PART));
            if self.connections.has_room(cx, crowd) {
                break;
            }
            ready!(self.poll_pause(cx));
        }
        Poll::Ready(self.next.take())
    }

    /// Waits for the end of a pause, which begins at the first call.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(RETRY)));
        ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(())
    }

    /// Wraps a connection with a sender.
    fn wrap_connection(
        &self,
        stream: WaitingStream,
        open: mpsc::Sender<Infallible>,
    ) -> io::Result<Connection> {
        let stream = UnixStream::from_std(stream.into_served())?;
        Ok(Connection::new(stream, self.connections.add(), self.waiting.stall, open))
    }
}

impl Stream for Incoming {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.acceptor.is_some() && Pin::new(&mut self.end).poll(cx).is_ready() {
            self.acceptor = None;
        }
        if let Some(open) = self.open.clone() {
            if let Some(stream) = ready!(self.poll_accepted(cx)) {
                return Poll::Ready(Some(self.wrap_connection(stream, open)));
            }
            // The listener is closed, and the linger time begins.
            self.open = None;
            self.patience = Box::pin(sleep(self.waiting.linger));
        }
        if self.all_gone.poll_recv(cx).is_ready() || self.patience.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
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
        let waiting = Waiting { stall: Duration::MAX / 4, linger, limit: 10 };
        Incoming::new(listener, OpenConnections::new(limit), waiting, end).unwrap()
    }

    /// Connects, and sends a byte.
    fn call(path: &Path) -> Caller {
        let mut caller = Caller::connect(path).unwrap();
        caller.write_all(b"P").unwrap();
        caller
    }

    #[tokio::test]
    async fn who_waits_at_the_end_is_still_taken_and_the_last_one_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let for_ever = Duration::MAX;
        let mut incoming = incoming(&path, 10, end, for_ever);
        let _first = call(&path);
        drop(incoming.next().await.unwrap().unwrap());
        // One of them has sent nothing when the end comes.
        let _waiting = [call(&path), Caller::connect(&path).unwrap()];
        drop(tell);
        let (one, other) =
            (incoming.next().await.unwrap().unwrap(), incoming.next().await.unwrap().unwrap());
        drop(one);
        assert!(incoming.next().now_or_never().is_none(), "one is there");
        drop(other);
        assert!(incoming.next().await.is_none());
        assert!(Caller::connect(&path).is_err(), "nobody comes any more");
    }

    #[tokio::test]
    async fn who_stays_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let moment = Duration::from_millis(10);
        let mut incoming = incoming(&path, 10, end, moment);
        let _caller = call(&path);
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
        let _callers = [(); 3].map(|()| call(&path));
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
