//! The part of a call that is known before its first message: its connection, its body, and the
//! bytes of a large first message.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use http_body_util::BodyExt as _;
use tonic::Status;
use tonic::body::Body;

use super::caller_key::CallerKey;
use super::fair_queue::Permit;
use super::open_connections::{ConnectionHandle, OpenCall, PlacedCall};

/// A frame of a body, or its end.
pub(super) type PolledFrame = Poll<Option<Result<Frame<Bytes>, Status>>>;

/// A call that arrives. The reader of its bytes and the reader of its messages share it.
#[derive(Debug, Default)]
pub(super) struct IncomingCall {
    /// The bytes of the request, until they are drained.
    body: Mutex<Option<Body>>,
    /// The memory of a large first message.
    first: Mutex<Option<Permit>>,
    /// The time without a byte after which a stream ends.
    stall: Duration,
    /// Keeps the connection open.
    connection: Option<OpenCall>,
}

impl IncomingCall {
    /// Creates the record of a call on a connection.
    pub(super) fn new(connection: Option<OpenCall>, body: Body, stall: Duration) -> Arc<Self> {
        let body = Mutex::new(Some(body));
        Arc::new(Self { body, first: Mutex::default(), stall, connection })
    }

    /// Returns the connection of the call.
    pub(super) fn connection(&self) -> Option<&ConnectionHandle> {
        self.connection.as_ref().map(OpenCall::connection)
    }

    /// Returns the key whose share a first message uses. It is read before the caller is known.
    pub(super) fn connection_key(&self) -> CallerKey {
        let number = self.connection().map(ConnectionHandle::number);
        number.map_or_else(CallerKey::unknown, CallerKey::of_connection)
    }

    /// Keeps the connection open until the guard is dropped, because the call has a place.
    pub(super) fn note_placed(&self) -> Option<PlacedCall> {
        self.connection.as_ref().map(OpenCall::note_placed)
    }

    /// Returns the next frame of the body, which has ended once it is drained.
    pub(super) fn poll_body(&self, cx: &mut Context<'_>) -> PolledFrame {
        match &mut *lock(&self.body) {
            Some(body) => http_body::Body::poll_frame(std::pin::Pin::new(body), cx),
            None => Poll::Ready(None),
        }
    }

    /// Returns whether the body is known to have no further bytes.
    pub(super) fn has_ended(&self) -> bool {
        lock(&self.body).as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    /// Reads the rest of the body, and keeps none of it.
    pub(super) async fn drain_body(&self) -> Result<(), Status> {
        let Some(mut body) = lock(&self.body).take() else { return Ok(()) };
        drop(self.take_first());
        loop {
            match tokio::time::timeout(self.stall, body.frame()).await {
                Ok(None) => return Ok(()),
                Ok(Some(frame)) => drop(frame?),
                Err(_stalled) => return Err(self.stall_status()),
            }
        }
    }

    /// Returns the error of a stream that stalled.
    pub(super) fn stall_status(&self) -> Status {
        let stall = self.stall.as_millis();
        Status::deadline_exceeded(format!("no bytes arrived for {stall} ms"))
    }

    /// Holds the bytes of the first message.
    pub(super) fn hold_first(&self, permit: Permit) {
        *lock(&self.first) = Some(permit);
    }

    /// Returns the bytes of the first message, unless it is small.
    pub(super) fn take_first(&self) -> Option<Permit> {
        lock(&self.first).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
