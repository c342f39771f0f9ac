//! Bounds the memory of requests before gRPC sees them. gRPC buffers a whole message before a
//! call gets it, so a large piece of an archive is cut into small messages as it arrives, and a
//! large first message is counted before it is read, with its whole length: one that waits for memory
//! holds none, so messages cannot wait for each other. A first message that takes its time gives way
//! to others that wait for its memory.

mod message_cutter;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::Request;

use super::budget::{Budget, GIVE_WAY, LOOK_INTERVAL};
use super::fair_queue::{FairQueue, Full, Permit};
use super::incoming_call::{IncomingCall, PolledFrame};
use super::open_connections::ConnectionHandle;
use super::stall_timer::StallTimer;
use crate::proto::plugin::config_management_plugin_service_server::SERVICE_NAME;
use message_cutter::{Accepted, MessageCutter};

/// The method of the plugin service that has no stream.
const CHECK_METHOD: &str = "/CheckPluginConfiguration";

/// Wraps the bodies of requests.
#[derive(Clone)]
pub(super) struct MessageMeter {
    budget: Arc<Budget>,
    /// The largest message that gRPC accepts, in bytes. It rejects a larger one by its header.
    largest: u64,
    stall: Duration,
    /// The time in which a request must have arrived.
    longest: Duration,
}

impl MessageMeter {
    pub(super) fn new(
        budget: Arc<Budget>,
        largest: u64,
        stall: Duration,
        longest: Duration,
    ) -> Self {
        Self { budget, largest, stall, longest }
    }

    /// Wraps the body of a request, and adds its [`IncomingCall`] to its extensions.
    pub(super) fn meter(&self, request: Request<Body>) -> Request<Body> {
        // Other services have answers without an end, which must not keep a connection.
        let path = request.uri().path().strip_prefix('/');
        let method = path.and_then(|path| path.strip_prefix(SERVICE_NAME));
        let is_call = method.is_some_and(|method| method.starts_with('/'));
        let is_stream = is_call && method != Some(CHECK_METHOD);
        let accepted = if is_stream { Accepted::Stream(self.largest) } else { Accepted::Small };
        let connection = request.extensions().get::<ConnectionHandle>().filter(|_| is_call);
        let connection = connection.map(ConnectionHandle::begin_call);
        let (parts, body) = request.into_parts();
        let call = IncomingCall::new(connection, body, self.stall);
        let body = Body::new(MeteredBody {
            call: call.clone(),
            queue: self.budget.first_messages().clone(),
            cutter: MessageCutter::new(accepted),
            rest: Bytes::new(),
            is_counted: false,
            grant: None,
            look: Look::default(),
            timer: StallTimer::new(self.stall),
            until: (!is_stream).then(|| Box::pin(sleep(self.longest))),
        });
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(call);
        request
    }
}

/// A body that ends with an error if it is not complete in time, or if no more bytes arrive after the
/// first message has begun. Until then the deadline of the call applies.
struct MeteredBody {
    call: Arc<IncomingCall>,
    queue: Arc<FairQueue>,
    cutter: MessageCutter,
    /// Bytes that were not looked at yet.
    rest: Bytes,
    /// Whether the budget counts the first message.
    is_counted: bool,
    grant: Option<Granted>,
    look: Look,
    timer: StallTimer,
    /// The end of a request that has no deadline otherwise.
    until: Option<Pin<Box<Sleep>>>,
}

type Granted = Pin<Box<dyn Future<Output = Result<Permit, Full>> + Send>>;

/// The waits of a first message for its caller, which are looked at once in a while.
#[derive(Default)]
struct Look {
    next: Option<Pin<Box<Sleep>>>,
    waited: Duration,
}

impl Look {
    /// Counts time of a wait. Returns when to look whether others wait too.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let next = self.next.get_or_insert_with(|| Box::pin(sleep(LOOK_INTERVAL)));
        ready!(next.as_mut().poll(cx));
        self.next = None;
        self.waited += LOOK_INTERVAL;
        Poll::Ready(())
    }
}

impl MeteredBody {
    /// Waits until the budget counts all bytes of a large first message, which has begun.
    fn poll_counted(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        if self.is_counted || !self.cutter.is_in_first() {
            return Poll::Ready(Ok(()));
        }
        let grant = self.grant.get_or_insert_with(|| {
            let (queue, key) = (self.queue.clone(), self.call.connection_key());
            let bytes = self.cutter.first_bytes();
            Box::pin(async move { queue.acquire_many(&key, bytes).await })
        });
        let granted = ready!(grant.as_mut().poll(cx));
        self.grant = None;
        let granted = granted.map_err(|Full { limit }| {
            let message = format!("{limit} first messages already wait for memory");
            Status::deadline_exceeded(message)
        });
        self.call.hold_first(granted?);
        self.is_counted = true;
        // The caller does not cause the wait for the budget.
        self.timer.note_progress();
        Poll::Ready(Ok(()))
    }

    /// Returns the error of a first message that must give way: it waits for its caller, and others
    /// for its memory.
    fn poll_gives_way(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        while self.is_counted {
            ready!(self.look.poll_next(cx));
            let key = self.call.connection_key();
            if self.look.waited >= GIVE_WAY && self.queue.others_wait(&key) {
                let message = "the first message took its time, and others wait for its memory";
                return Poll::Ready(Status::deadline_exceeded(message));
            }
        }
        Poll::Pending
    }

    /// Returns the next bytes of the body, or the error of a stream that is late.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> PolledFrame {
        if self.until.as_mut().is_some_and(|until| until.as_mut().poll(cx).is_ready()) {
            let message = "the request did not arrive in the time of a call";
            return Poll::Ready(Some(Err(Status::deadline_exceeded(message))));
        }
        if let Poll::Ready(next) = self.call.poll_body(cx) {
            self.timer.note_progress();
            return Poll::Ready(next);
        }
        // The repo-server opens the stream, packs the repo, which takes its time, and then sends.
        if !self.cutter.has_begun() {
            return Poll::Pending;
        }
        if self.cutter.is_in_first()
            && let Poll::Ready(status) = self.poll_gives_way(cx)
        {
            return Poll::Ready(Some(Err(status)));
        }
        ready!(self.timer.poll_stalled(cx));
        Poll::Ready(Some(Err(self.call.stall_status())))
    }
}

impl HttpBody for MeteredBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        let this = self.get_mut();
        loop {
            if let Some(bytes) = this.cutter.next_bytes() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if !this.rest.is_empty() {
                let read = match ready!(this.poll_counted(cx)) {
                    Ok(()) => this.cutter.read(&mut this.rest),
                    Err(status) => Err(status),
                };
                if let Err(status) = read {
                    return Poll::Ready(Some(Err(status)));
                }
                continue;
            }
            match ready!(this.poll_body(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                end => return Poll::Ready(end),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.cutter.is_empty() && self.call.has_ended()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests;
