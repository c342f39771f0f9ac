//! Connections as repo-server makes them, and how their coming ends.
//!
//! repo-server makes one for each application and hangs up after the answer. It waits
//! without end for one that nobody takes, and as long where it is told to go before it
//! has seen that somebody is there. So whoever connected before the socket's file went
//! away is taken and served; only who then stays is told to go.

use std::convert::Infallible;
use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixListener as Waiting;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;

use super::connection::Connection;

/// How long connections may last after the end before they are told to go: most calls
/// take milliseconds, and a call that runs is finished in any case.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// Connections until an end is told, then those that wait already. It ends with the last
/// of them, or a little later.
pub(super) struct Incoming {
    listener: Listener,
    end: oneshot::Receiver<()>,
    /// What each connection holds as long as it is there.
    open: Option<mpsc::Sender<Infallible>>,
    /// Closed by the last connection that goes.
    all_gone: mpsc::Receiver<Infallible>,
    linger: Duration,
    patience: Pin<Box<Sleep>>,
}

enum Listener {
    Open(UnixListener),
    /// Asked directly: what the runtime knows of it may be older than the last connection.
    Ending(Waiting),
    Closed,
}

impl Incoming {
    /// Those of a listener, until `end` is sent or dropped, and for `linger` after it. The
    /// socket's file has to be gone by then.
    pub(super) fn new(
        listener: UnixListener,
        end: oneshot::Receiver<()>,
        linger: Duration,
    ) -> Self {
        let (open, all_gone) = mpsc::channel(1);
        let patience = Box::pin(sleep(linger));
        let listener = Listener::Open(listener);
        Self { listener, end, open: Some(open), all_gone, linger, patience }
    }

    /// Lets the runtime go of the listener.
    fn ending(&mut self) {
        if let Listener::Open(listener) = std::mem::replace(&mut self.listener, Listener::Closed)
            && let Ok(waiting) = listener.into_std()
        {
            self.listener = Listener::Ending(waiting);
        }
    }

    fn closed(&mut self) {
        self.listener = Listener::Closed;
        self.open = None;
        self.patience = Box::pin(sleep(self.linger));
    }

    fn connection(&self, stream: io::Result<UnixStream>) -> Option<io::Result<Connection>> {
        let open = self.open.clone()?;
        Some(stream.map(|stream| Connection::new(stream, open)))
    }
}

impl Stream for Incoming {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Listener::Open(listener) = &self.listener {
            let taken = listener.poll_accept(cx).map_ok(|(stream, _)| stream);
            if let Poll::Ready(taken) = taken {
                return Poll::Ready(self.connection(taken));
            }
            if Pin::new(&mut self.end).poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.ending();
        }
        if let Listener::Ending(waiting) = &self.listener {
            if let Some(taken) = next(waiting) {
                return Poll::Ready(self.connection(taken));
            }
            self.closed();
        }
        if self.all_gone.poll_recv(cx).is_ready() || self.patience.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// The next connection that waits, if one does.
fn next(waiting: &Waiting) -> Option<io::Result<UnixStream>> {
    let stream = loop {
        match waiting.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // None waits; any other error would only come again.
            Err(_) => return None,
        }
    };
    Some(stream.set_nonblocking(true).and_then(|()| UnixStream::from_std(stream)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream as Caller;

    use futures_util::FutureExt as _;
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn who_waits_at_the_end_is_still_taken_and_the_last_one_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let for_ever = Duration::MAX;
        let mut incoming = Incoming::new(UnixListener::bind(&path).unwrap(), end, for_ever);
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
        let mut incoming = Incoming::new(UnixListener::bind(&path).unwrap(), end, moment);
        let _caller = Caller::connect(&path).unwrap();
        let _stays = incoming.next().await.unwrap().unwrap();
        drop(tell);
        assert!(incoming.next().await.is_none());
    }
}
