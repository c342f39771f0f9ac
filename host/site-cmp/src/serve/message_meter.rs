//! Counts large messages before their bytes are buffered. gRPC buffers a whole message before a
//! call sees it; here its length is read from its header, and its bytes are read only once the
//! budget has room for them. Small messages pass without a lock.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::Request;

use super::budget::{Budget, SMALL_BYTES};
use super::fair_queue::{FairQueue, Full, Permit};
use super::incoming_call::IncomingCall;
use super::open_connections::ConnectionHandle;
use super::stall_timer::StallTimer;
use crate::proto::plugin::config_management_plugin_service_server::SERVICE_NAME;

/// The largest first message that is not counted, in bytes. It is read before the call has a key, so
/// those that are counted wait for each other.
const SMALL_FIRST_BYTES: u64 = 64 << 10;

/// The largest first message of a call, in bytes: it has the variables, of which there are at most
/// two MiB, and no part of the archive.
const FIRST_BYTES: u64 = 4 << 20;

/// The memory that a byte of the first message may take when it is decoded: a variable without name
/// and value has two bytes on the wire and 48 in memory.
const FIRST_FACTOR: u64 = 24;

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
        // Other services have streams without a deadline, which must not keep a connection.
        let path = request.uri().path().strip_prefix('/');
        let method = path.and_then(|path| path.strip_prefix(SERVICE_NAME));
        let is_call = method.is_some_and(|method| method.starts_with('/'));
        let connection = request.extensions().get::<ConnectionHandle>().filter(|_| is_call);
        let call = IncomingCall::new(connection.map(ConnectionHandle::begin_call));
        request.extensions_mut().insert(call.clone());
        request.map(|body| {
            Body::new(MeteredBody {
                body,
                call,
                messages: self.budget.messages().clone(),
                headers: MessageHeaders { largest: self.largest, ..MessageHeaders::default() },
                delayed: None,
                rest: Bytes::new(),
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
    delayed: Option<DelayedMessage>,
    /// Bytes that were not looked at yet.
    rest: Bytes,
    timer: StallTimer,
    stall: Duration,
}

/// A large message while it waits for its bytes.
struct DelayedMessage {
    begin: LargeMessage,
    /// The bytes from its header on, as far as they have arrived.
    data: Bytes,
    /// Begun at the first poll: the messages before this one, which have the key, are read by then.
    granted: Option<Granted>,
}

type Granted = Pin<Box<dyn Future<Output = Result<Permit, Full>> + Send>>;
type PolledFrame = Poll<Option<Result<Frame<Bytes>, Status>>>;

impl MeteredBody {
    /// Returns the header of the delayed message, if there is one, once the message has its bytes.
    fn poll_delayed(&mut self, cx: &mut Context<'_>) -> PolledFrame {
        let Some(delayed) = &mut self.delayed else { return Poll::Ready(None) };
        let granted = delayed.granted.get_or_insert_with(|| {
            let (messages, key) = (self.messages.clone(), self.call.key());
            let bytes = delayed.begin.bytes;
            Box::pin(async move { messages.acquire_up_to(&key, bytes).await })
        });
        let granted = ready!(granted.as_mut().poll(cx));
        // The caller does not cause the wait for the budget.
        self.timer.note_progress();
        let Some(mut delayed) = self.delayed.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(match granted {
            Ok(permit) => {
                self.call.hold_message(self.headers.number, permit);
                let header = delayed.data.split_to(delayed.begin.header.len());
                self.rest = delayed.data;
                Ok(Frame::data(header))
            }
            Err(Full { limit }) => {
                Err(Status::unavailable(format!("{limit} messages already wait for memory")))
            }
        }))
    }

    /// Returns the next bytes of the body, or the error of a stream that stalled.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> PolledFrame {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
        }
        let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(cx) else {
            // The repo-server opens the stream, packs the repo, which takes its time, and then sends.
            if self.headers.number == 0 {
                return Poll::Pending;
            }
            ready!(self.timer.poll_stalled(cx));
            return Poll::Ready(Some(Err(stall_status(self.stall))));
        };
        self.timer.note_progress();
        Poll::Ready(next)
    }
}

impl HttpBody for MeteredBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        let this = self.get_mut();
        if let Some(delayed) = ready!(this.poll_delayed(cx)) {
            return Poll::Ready(Some(delayed));
        }
        let mut data = match ready!(this.poll_body(cx)) {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => data,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            },
            end => return Poll::Ready(end),
        };
        let begin = match this.headers.find_large(&data) {
            Ok(Some(begin)) => begin,
            Ok(None) => return Poll::Ready(Some(Ok(Frame::data(data)))),
            Err(status) => return Poll::Ready(Some(Err(status))),
        };
        // The messages before it are read first: one of them may have the key of the call.
        let before = data.split_to(begin.header.start);
        this.delayed = Some(DelayedMessage { begin, data, granted: None });
        if before.is_empty() {
            return this.poll_delayed(cx);
        }
        Poll::Ready(Some(Ok(Frame::data(before))))
    }

    fn is_end_stream(&self) -> bool {
        self.delayed.is_none() && self.rest.is_empty() && self.body.is_end_stream()
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

/// A large message that begins.
#[derive(Debug)]
struct LargeMessage {
    /// The part of its header in the bytes that were read.
    header: Range<usize>,
    /// The memory that it takes, in bytes.
    bytes: u64,
}

impl MessageHeaders {
    /// Reads bytes up to the end of the first header of a large message, or all.
    fn find_large(&mut self, data: &[u8]) -> Result<Option<LargeMessage>, Status> {
        let mut at = 0;
        while at < data.len() {
            if self.left > 0 {
                let skipped = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len() - at);
                at += skipped;
                self.left -= skipped as u64;
                continue;
            }
            let taken = (HEADER_BYTES - self.filled).min(data.len() - at);
            let header = at..at + taken;
            self.header[self.filled..self.filled + taken].copy_from_slice(&data[header.clone()]);
            (self.filled, at) = (self.filled + taken, header.end);
            if self.filled == HEADER_BYTES {
                let bytes = self.begin_message()?;
                if bytes > 0 {
                    return Ok(Some(LargeMessage { header, bytes }));
                }
            }
        }
        Ok(None)
    }

    /// Begins the message of the header. Returns its memory if it is counted.
    fn begin_message(&mut self) -> Result<u64, Status> {
        let [_flag, a, b, c, d] = self.header;
        self.left = u64::from(u32::from_be_bytes([a, b, c, d]));
        (self.filled, self.number) = (0, self.number + 1);
        if self.left > self.largest {
            return Ok(0);
        }
        if self.number > 1 {
            return Ok(if self.left > SMALL_BYTES { self.left } else { 0 });
        }
        if self.left > FIRST_BYTES {
            return Err(Status::invalid_argument(format!(
                "the first message has {} bytes, and may have at most {FIRST_BYTES}",
                self.left
            )));
        }
        Ok(if self.left > SMALL_FIRST_BYTES { self.left * FIRST_FACTOR } else { 0 })
    }
}

#[cfg(test)]
mod tests;
