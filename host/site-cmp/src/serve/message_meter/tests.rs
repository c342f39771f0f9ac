use std::collections::VecDeque;
use std::future::poll_fn;

use futures_util::FutureExt as _;

use super::*;

/// A body of these frames. After them it ends, or stalls.
struct Frames {
    frames: VecDeque<Bytes>,
    stalls: bool,
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(Frame::data(frame)))),
            None if self.stalls => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// A message as gRPC sends it.
fn message(bytes: usize) -> Vec<u8> {
    let length = u32::try_from(bytes).unwrap().to_be_bytes();
    [&[0][..], &length, &vec![7; bytes]].concat()
}

/// The metered body of a stream in frames of `size` bytes, and its call.
fn metered(meter: &MessageMeter, stream: &[u8], size: usize) -> (Body, Arc<IncomingCall>) {
    let frames = stream.chunks(size).map(Bytes::copy_from_slice).collect();
    let body = Body::new(Frames { frames, stalls: false });
    let request = meter.meter(Request::new(body));
    let call = request.extensions().get::<Arc<IncomingCall>>().unwrap().clone();
    (request.into_body(), call)
}

fn meter(budget: &Arc<Budget>) -> MessageMeter {
    MessageMeter::new(budget.clone(), 1 << 20, Duration::from_hours(1))
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, Status>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

const LARGE: usize = 100_000;

#[tokio::test]
async fn only_large_messages_are_counted_however_they_are_cut() {
    let budget = Budget::new(1 << 20, 0);
    let stream = [message(0), message(LARGE), message(16_384), message(LARGE + 1)].concat();
    for size in [1, 3, 7, 1000, 16_384, stream.len()] {
        let (mut body, call) = metered(&meter(&budget), &stream, size);
        let mut passed = Vec::new();
        while let Some(frame) = next_frame(&mut body).await {
            passed.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        assert!(passed == stream, "the bytes are not changed");
        assert_eq!(budget.held_bytes(), 2 * LARGE as u64 + 1, "{size}");
        if size < LARGE {
            assert!(call.take_message(1).is_none());
            assert!(call.take_message(2).is_some());
            assert!(call.take_message(3).is_none());
            assert!(call.take_message(4).is_some());
            assert_eq!(budget.held_bytes(), 0);
        }
        drop((body, call));
        assert_eq!(budget.held_bytes(), 0);
    }
}

#[tokio::test]
async fn a_message_waits_until_the_budget_has_room() {
    // Two large messages do not fit at once.
    let budget = Budget::new(3 * LARGE as u64, 0);
    let stream = [message(0), message(LARGE)].concat();
    let (mut first, first_call) = metered(&meter(&budget), &stream, 16_384);
    let (mut second, _second_call) = metered(&meter(&budget), &stream, 16_384);
    // What is before a large message is never delayed.
    next_frame(&mut first).await.unwrap().unwrap();
    next_frame(&mut second).await.unwrap().unwrap();
    next_frame(&mut first).await.unwrap().unwrap();
    let mut waits = Box::pin(next_frame(&mut second));
    assert!((&mut waits).now_or_never().is_none());
    drop(first_call.take_message(2));
    assert!(waits.await.is_some());
    assert_eq!(budget.held_bytes(), LARGE as u64);
}

#[tokio::test]
async fn a_message_that_grpc_rejects_by_its_length_waits_for_nothing() {
    let budget = Budget::new(1000, 0);
    let (mut body, _call) = metered(&meter(&budget), &message((1 << 20) + 1), 16_384);
    assert!(next_frame(&mut body).now_or_never().is_some());
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test]
async fn a_stream_without_bytes_ends_with_an_error_that_says_so() {
    let budget = Budget::new(1000, 0);
    let meter = MessageMeter::new(budget, 1 << 20, Duration::from_millis(1));
    let frames = VecDeque::from([Bytes::from(message(10))]);
    let body = Body::new(Frames { frames, stalls: true });
    let mut body = meter.meter(Request::new(body)).into_body();
    next_frame(&mut body).await.unwrap().unwrap();
    let status = next_frame(&mut body).await.unwrap().unwrap_err();
    assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
    assert!(status.message().contains("no bytes arrived for 1 ms"));
}

#[tokio::test]
async fn the_first_message_counts_as_much_as_its_variables_may_take() {
    let budget = Budget::new(1 << 30, 0);
    let meter = MessageMeter::new(budget.clone(), 100 << 20, Duration::from_hours(1));
    let (mut body, call) = metered(&meter, &message(1 << 20), 1 << 16);
    next_frame(&mut body).await.unwrap().unwrap();
    assert_eq!(budget.held_bytes(), 24 << 20);
    drop((body, call));
    let (mut body, _call) = metered(&meter, &message(5 << 20), 1 << 16);
    let refused = next_frame(&mut body).await.unwrap().unwrap_err();
    assert!(refused.message().contains("the first message"), "{refused}");
    assert_eq!(budget.held_bytes(), 0);
}
