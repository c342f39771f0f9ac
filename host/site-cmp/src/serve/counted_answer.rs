//! Counts an answer until its caller has read it: a caller that reads nothing would otherwise keep
//! its answer in memory without any limit. A caller that stops to read loses its connection, at once
//! if others wait for the memory.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use tonic::Response;
use tonic::body::Body;
use tonic::codegen::http;

use super::budget::{Budget, LOOK_INTERVAL, SMALL_BYTES, gives_way, in_flight_error};
use super::call::Call;
use super::caller_key::CallerKey;
use super::deadline::CallStage;
use super::fair_queue::{FairQueue, Permit};
use super::incoming_call::PolledFrame;
use super::open_connections::ConnectionHandle;
use crate::call_rejection::CallRejection;

/// The time for which an answer waits for memory. It keeps its render's turn meanwhile, so that few
/// answers wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bytes of an answer that HTTP/2 gets at once.
const PIECE: usize = 16 << 10;

/// The time that a caller has to read an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadLimits {
    /// Without any progress.
    pub(super) stall: Duration,
    /// In all.
    pub(super) longest: Duration,
}

/// The bytes of an answer in the budget, until its last piece was sent.
#[derive(Debug)]
struct HeldAnswer {
    permit: Permit,
    /// Whether a piece was sent since the last look.
    progressed: AtomicBool,
    connection: Option<ConnectionHandle>,
    limits: ReadLimits,
}

/// Returns the answer once there is room for its bytes, which it takes until they were sent.
pub(super) async fn count_answer<T>(
    answer: T,
    bytes: u64,
    (budget, limits): (&Budget, ReadLimits),
    key: &CallerKey,
    connection: Option<&ConnectionHandle>,
    call: &Call,
) -> Result<Response<T>, CallRejection> {
    let mut response = Response::new(answer);
    if bytes > SMALL_BYTES {
        let permit = hold_bytes(budget.answers(), key, bytes, call).await?;
        let (progressed, connection) = (AtomicBool::new(false), connection.cloned());
        let held = HeldAnswer { permit, progressed, connection, limits };
        response.extensions_mut().insert(Arc::new(held));
    }
    Ok(response)
}

/// Waits a little for room for an answer, unless its caller holds the most and others wait too.
async fn hold_bytes(
    queue: &Arc<FairQueue>,
    key: &CallerKey,
    bytes: u64,
    call: &Call,
) -> Result<Permit, CallRejection> {
    let bytes = bytes.min(queue.slots());
    if let Some(permit) = queue.try_acquire(key, bytes) {
        return Ok(permit);
    }
    if queue.must_give_way(key) {
        return Err(in_flight_error(queue));
    }
    call.enter_stage(CallStage::Answer);
    let granted = tokio::time::timeout(PATIENCE, queue.acquire_many(key, bytes)).await;
    granted.ok().and_then(Result::ok).ok_or_else(|| in_flight_error(queue))
}

/// Attaches the bytes of a counted answer to its message, which is sent piece by piece.
pub(super) fn attach_permit(mut response: http::Response<Body>) -> http::Response<Body> {
    let Some(held) = response.extensions_mut().remove::<Arc<HeldAnswer>>() else {
        return response;
    };
    tokio::spawn(watch_answer(Arc::downgrade(&held)));
    response.map(|body| Body::new(AnswerBody { body, rest: Bytes::new(), held }))
}

/// Closes the connection of an answer that is not read, until the answer is gone.
async fn watch_answer(answer: Weak<HeldAnswer>) {
    let (mut age, mut idle) = (Duration::ZERO, Duration::ZERO);
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        let Some(held) = answer.upgrade() else { return };
        age += LOOK_INTERVAL;
        idle += LOOK_INTERVAL;
        if held.progressed.swap(false, Ordering::Relaxed) {
            idle = Duration::ZERO;
        }
        if held.must_end(age, idle) {
            held.connection.iter().for_each(ConnectionHandle::close);
            return;
        }
    }
}

impl HeldAnswer {
    /// Returns whether it must end because it is late, or because others wait.
    fn must_end(&self, age: Duration, idle: Duration) -> bool {
        idle >= self.limits.stall
            || age >= self.limits.longest
            || gives_way(self.permit.queue(), self.permit.key(), idle, age)
    }
}

/// The body of a counted answer.
struct AnswerBody {
    body: Body,
    /// The part of the message that HTTP/2 did not get yet.
    rest: Bytes,
    held: Arc<HeldAnswer>,
}

/// A piece of an answer, which HTTP/2 keeps until it is sent.
struct Piece {
    bytes: Bytes,
    held: Arc<HeldAnswer>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.held.progressed.store(true, Ordering::Relaxed);
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = tonic::Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        let this = self.get_mut();
        if this.rest.is_empty() {
            let next = match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data(),
                end => return Poll::Ready(end),
            };
            match next {
                Ok(message) => this.rest = message,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let bytes = this.rest.split_to(PIECE.min(this.rest.len()));
        let piece = Piece { bytes, held: this.held.clone() };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(piece)))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::super::budget::GIVE_WAY;
    use super::super::call::test_call;
    use super::super::caller_key::key_of;
    use super::super::open_connections::OpenConnections;
    use super::*;

    const LARGE: u64 = 100_000;
    const LIMITS: ReadLimits =
        ReadLimits { stall: Duration::from_secs(2), longest: Duration::from_secs(9) };

    /// The body of an answer of that many bytes, once it is counted.
    async fn answer(
        budget: &Budget,
        key: &str,
        bytes: u64,
        connection: Option<&ConnectionHandle>,
    ) -> Result<Body, CallRejection> {
        let (limits, call) = ((budget, LIMITS), test_call());
        let counted = count_answer((), bytes, limits, &key_of(key), connection, &call).await?;
        let (_, (), extensions) = counted.into_parts();
        let message = vec![7; usize::try_from(bytes).unwrap()];
        let mut response = http::Response::new(Body::new(http_body_util::Full::from(message)));
        *response.extensions_mut() = extensions;
        Ok(attach_permit(response).into_body())
    }

    #[tokio::test]
    async fn an_answer_is_counted_until_its_last_piece_is_gone() {
        let budget = Budget::new(1 << 20, 0);
        let mut body = answer(&budget, "a", LARGE, None).await.unwrap();
        assert_eq!(budget.held_bytes(), LARGE);
        let (mut sent, mut last) = (0, None);
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() <= PIECE);
            sent += piece.len() as u64;
            last = Some(piece);
        }
        assert_eq!(sent, LARGE);
        drop(body);
        assert_eq!(budget.held_bytes(), LARGE, "HTTP/2 still has a piece");
        drop(last);
        assert_eq!(budget.held_bytes(), 0);
        let _small = answer(&budget, "a", 1000, None).await.unwrap();
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn an_answer_that_is_not_read_loses_its_connection() {
        let budget = Budget::new(1 << 20, LARGE * 6);
        let entry = OpenConnections::new(1).add();
        let all = budget.answers().slots();
        let unread = answer(&budget, "a", all, Some(entry.handle())).await.unwrap();
        let waits = answer(&budget, "b", LARGE, None);
        let closed = async {
            poll_fn(|cx| {
                let closing = entry.handle().is_closing(cx);
                if closing { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            drop(unread);
        };
        let (read, ()) = tokio::join!(waits, closed);
        drop(read.unwrap());
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn an_answer_has_less_time_while_others_wait() {
        let (queue, moment) = (FairQueue::new(10, usize::MAX), Duration::ZERO);
        let [many, few] = [("many", 7), ("few", 3)].map(|(key, slots)| HeldAnswer {
            permit: queue.try_acquire(&key_of(key), slots).unwrap(),
            progressed: AtomicBool::new(false),
            connection: None,
            limits: LIMITS,
        });
        let (stall, longest) = (LIMITS.stall, LIMITS.longest);
        let table = [(moment, moment), (longest, moment), (longest, GIVE_WAY), (stall, stall)];
        let ends = |answer: &HeldAnswer| table.map(|(age, idle)| answer.must_end(age, idle));
        assert_eq!(ends(&many), [false, true, true, true]);
        assert!(!many.must_end(GIVE_WAY, GIVE_WAY));
        let other = key_of("other");
        let mut waits = Box::pin(queue.acquire(&other));
        assert!((&mut waits).now_or_never().is_none());
        assert!(many.must_end(GIVE_WAY, moment), "it holds the most");
        assert!(!few.must_end(GIVE_WAY, moment), "it is read");
        assert!(few.must_end(GIVE_WAY, GIVE_WAY));
    }
}
