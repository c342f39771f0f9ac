//! Connections as repo-server makes them, and a last look at those that wait.
//!
//! A connection that nobody takes would be waited for without end: repo-server's client
//! has no deadline for it. So whoever connected before the socket's file went away is
//! still taken, and is told to go by a server that speaks.

use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixListener as Waiting;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio_stream::Stream;

/// Connections until an end is told, then those that wait already, then none.
pub(super) struct Incoming {
    listener: Listener,
    end: oneshot::Receiver<()>,
}

enum Listener {
    Open(UnixListener),
    /// Asked directly: what the runtime knows of it may be older than the last connection.
    Ending(Waiting),
    Closed,
}

impl Incoming {
    /// Those of a listener, until `end` is sent or dropped. The socket's file has to be
    /// gone by then.
    pub(super) fn new(listener: UnixListener, end: oneshot::Receiver<()>) -> Self {
        Self { listener: Listener::Open(listener), end }
    }

    /// Lets the runtime go of the listener.
    fn ending(&mut self) {
        if let Listener::Open(listener) = std::mem::replace(&mut self.listener, Listener::Closed)
            && let Ok(waiting) = listener.into_std()
        {
            self.listener = Listener::Ending(waiting);
        }
    }
}

impl Stream for Incoming {
    type Item = io::Result<UnixStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if matches!(self.listener, Listener::Open(_)) && Pin::new(&mut self.end).poll(cx).is_ready()
        {
            self.ending();
        }
        match &self.listener {
            Listener::Open(listener) => {
                listener.poll_accept(cx).map(|taken| Some(taken.map(|(stream, _)| stream)))
            }
            Listener::Ending(waiting) => Poll::Ready(next(waiting)),
            Listener::Closed => Poll::Ready(None),
        }
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
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn who_waits_at_the_end_is_still_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (tell, end) = oneshot::channel();
        let mut incoming = Incoming::new(UnixListener::bind(&path).unwrap(), end);
        let _first = std::os::unix::net::UnixStream::connect(&path).unwrap();
        assert!(incoming.next().await.unwrap().is_ok());
        // The runtime has heard of neither when the end comes.
        let _waiting = [(); 2].map(|()| std::os::unix::net::UnixStream::connect(&path).unwrap());
        drop(tell);
        assert!(incoming.next().await.unwrap().is_ok());
        assert!(incoming.next().await.unwrap().is_ok());
        assert!(incoming.next().await.is_none());
        assert!(incoming.next().await.is_none());
    }
}
