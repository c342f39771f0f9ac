//! Counts large messages before their bytes are buffered. gRPC buffers a whole message before a
//! call sees it; here its length is read from its header, and its bytes are read only once the
//! budget has room for them. Small messages pass without a lock.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::Request;

use super::budget::Budget;
use super::fair_queue::{FairQueue, Full, Permit};
use super::incoming_call::IncomingCall;
use super::open_connections::ConnectionHandle;
use super::stall_timer::StallTimer;

/// The largest message that is not counted, in bytes.
const SMALL_BYTES: u64 = 64 << 10;

/// The bytes of a message's header in gRPC over HTTP/2: a flag, and the length.
const HEADER_BYTES: usize = 5;

/// Wraps the bodies of requests.
#[derive(Clone)]
pub(super) struct MessageMeter {
    budget: Arc<Budget>,
    /// The largest message that gRPC accepts, in bytes. It rejects a larger one by its header.
    largest: u64,
    stall: Duration,
}

impl MessageMeter {
    pub(super) fn new(budget: Arc<Budget>, largest: u64, stall: Duration) -> Self {
        Self { budget, largest, stall }
    }

    /// Wraps the body of a request, and adds its [`IncomingCall`] to its extensions.
    pub(super) fn meter(&self, mut request: Request<Body>) -> Request<Body> {
        let connection = request.extensions().get::<ConnectionHandle>();
        let call = IncomingCall::new(connection.map(ConnectionHandle::begin_call));
        request.extensions_mut().insert(call.clone());
        request.map(|body| {
            Body::new(MeteredBody {
                body,
                call,
                messages: self.budget.messages().clone(),
                headers: MessageHeaders { largest: self.largest, ..MessageHeaders::default() },
                delayed: None,
                timer: StallTimer::new(self.stall),
                stall: self.stall,
            })
        })
    }
}

/// A body whose large messages are counted, and that ends with an error if no more bytes arrive
/// after the first message has begun. Until then the deadline of the call applies.
struct MeteredBody {
    body: Body,
    call: Arc<IncomingCall>,
    messages: Arc<FairQueue>,
    headers: MessageHeaders,
    delayed: Option<DelayedFrame>,
    timer: StallTimer,
    stall: Duration,
}

/// A frame in which a large message begins, while it waits for the message's bytes.
struct DelayedFrame {
    frame: Frame<Bytes>,
    number: u64,
    granted: Pin<Box<dyn Future<Output = Result<Permit, Full>> + Send>>,
}

impl MeteredBody {
    /// Begins to wait for the bytes of a large message that begins in a frame.
    fn delay_frame(&mut self, frame: Frame<Bytes>, bytes: u64) {
        let (messages, key) = (self.messages.clone(), self.call.key());
        let granted = Box::pin(async move { messages.acquire_many(&key, bytes).await });
        self.delayed = Some(DelayedFrame { frame, number: self.headers.number, granted });
    }

    /// Returns the delayed frame, if there is one, once its message has its bytes.
    fn poll_delayed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(delayed) = &mut self.delayed else { return Poll::Ready(None) };
        let granted = ready!(delayed.granted.as_mut().poll(cx));
        // The caller does not cause the wait for the budget.
        self.timer.note_progress();
        let Some(delayed) = self.delayed.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(match granted {
            Ok(permit) => {
                self.call.hold_message(delayed.number, permit);
                Ok(delayed.frame)
            }
            Err(Full { limit }) => {
                Err(Status::unavailable(format!("{limit} messages already wait for memory")))
            }
        }))
    }
}

impl HttpBody for MeteredBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if let Some(delayed) = ready!(this.poll_delayed(cx)) {
            return Poll::Ready(Some(delayed));
        }
        let Poll::Ready(next) = Pin::new(&mut this.body).poll_frame(cx) else {
            // The repo-server opens the stream, packs the repo, which takes its time, and then sends.
            if this.headers.number == 0 {
                return Poll::Pending;
            }
            ready!(this.timer.poll_stalled(cx));
            return Poll::Ready(Some(Err(stall_status(this.stall))));
        };
        this.timer.note_progress();
        let Some(Ok(frame)) = next else { return Poll::Ready(next) };
        let large = frame.data_ref().and_then(|data| this.headers.read_frame(data));
        let Some(bytes) = large else { return Poll::Ready(Some(Ok(frame))) };
        this.delay_frame(frame, bytes);
        this.poll_delayed(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.delayed.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns the error of a stream that stalled.
fn stall_status(stall: Duration) -> Status {
    Status::deadline_exceeded(format!("no bytes arrived for {} ms", stall.as_millis()))
}

/// The headers of the messages in a stream of bytes.
#[derive(Debug, Default)]
struct MessageHeaders {
    header: [u8; HEADER_BYTES],
    /// The bytes of the header that were read.
    filled: usize,
    /// The bytes of the message that are still to come.
    left: u64,
    /// The number of messages that have begun.
    number: u64,
    /// The largest message that is accepted.
    largest: u64,
}

impl MessageHeaders {
    /// Reads the bytes of a frame. Returns the length of the large message that begins in it; if
    /// there are several, their sum.
    fn read_frame(&mut self, mut data: &[u8]) -> Option<u64> {
        let mut large = 0;
        while !data.is_empty() {
            if self.left > 0 {
                let skipped = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
                data = &data[skipped..];
                self.left -= skipped as u64;
                continue;
            }
            let taken = (HEADER_BYTES - self.filled).min(data.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&data[..taken]);
            (self.filled, data) = (self.filled + taken, &data[taken..]);
            if self.filled == HEADER_BYTES {
                large += self.begin_message();
            }
        }
        (large > 0).then_some(large)
    }

    /// Begins the message of the header. Returns its length if it is counted.
    fn begin_message(&mut self) -> u64 {
        let [_flag, a, b, c, d] = self.header;
        self.left = u64::from(u32::from_be_bytes([a, b, c, d]));
        (self.filled, self.number) = (0, self.number + 1);
        if self.left > SMALL_BYTES && self.left <= self.largest { self.left } else { 0 }
    }
}

#[cfg(test)]
mod tests;
