use std::collections::VecDeque;

use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use prost::Message as _;
use tokio::time::Instant;

use super::super::budget::{GIVE_WAY, SMALL_BYTES};
use super::super::open_connections::{OpenConnections, TableEntry};
use super::*;
use crate::proto::plugin::app_stream_request::Request as Part;
use crate::proto::plugin::{AppStreamRequest, EnvEntry, File, ManifestRequestMetadata};

/// A body of these frames. After them it ends, or stalls.
struct Frames {
    frames: VecDeque<Bytes>,
    stalls: bool,
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> PolledFrame {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(Frame::data(frame)))),
            None if self.stalls => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// A body that pauses before each frame, so that another may go on.
struct Paused(Frames, bool);

impl HttpBody for Paused {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PolledFrame {
        self.1 = !self.1;
        if self.1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.0).poll_frame(cx)
    }
}

const HOUR: Duration = Duration::from_hours(1);
const LARGE: usize = 100_000;

/// A message of so many bytes as gRPC sends it.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

fn part(part: Part) -> Vec<u8> {
    framed(&AppStreamRequest { request: Some(part) }.encode_to_vec())
}

fn chunk(bytes: usize) -> Vec<u8> {
    let chunk = (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect::<Vec<_>>();
    part(Part::File(File { chunk: chunk.into() }))
}

fn metadata(variables: usize, bytes: usize) -> Vec<u8> {
    let value = EnvEntry { name: "A".into(), value: "b".repeat(bytes) };
    let env = [vec![EnvEntry::default(); variables], vec![value]].concat();
    part(Part::Metadata(ManifestRequestMetadata { env, ..Default::default() }))
}

/// The metered body of a call on a connection, in frames of `size` bytes.
fn metered(
    (budget, stall): (&Arc<Budget>, Duration),
    (method, entry): (&str, &TableEntry),
    stream: &[u8],
    size: usize,
    stalls: bool,
) -> (Body, Arc<IncomingCall>) {
    let body = Body::new(frames(stream, size, stalls));
    metered_body((budget, stall), (method, entry), body)
}

fn frames(stream: &[u8], size: usize, stalls: bool) -> Frames {
    Frames { frames: stream.chunks(size).map(Bytes::copy_from_slice).collect(), stalls }
}

fn metered_body(
    (budget, stall): (&Arc<Budget>, Duration),
    (method, entry): (&str, &TableEntry),
    body: Body,
) -> (Body, Arc<IncomingCall>) {
    let mut request = Request::new(body);
    *request.uri_mut() = format!("/{SERVICE_NAME}/{method}").parse().unwrap();
    request.extensions_mut().insert(entry.handle().clone());
    let request = MessageMeter::new(budget.clone(), 1 << 23, stall, HOUR).meter(request);
    let call = request.extensions().get::<Arc<IncomingCall>>().unwrap().clone();
    (request.into_body(), call)
}

fn connection() -> TableEntry {
    OpenConnections::new(1).add()
}

async fn read(mut body: Body) -> Result<Vec<u8>, Status> {
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        all.extend_from_slice(&frame?.into_data().unwrap());
    }
    Ok(all)
}

/// Cuts a stream at the headers of its messages.
fn messages(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let Some((header, rest)) = stream.split_at_checked(5) {
        let length = u32::from_be_bytes(header[1..].try_into().unwrap()) as usize;
        messages.push(&rest[..length]);
        stream = &rest[length..];
    }
    messages
}

fn content(messages: &[&[u8]]) -> Vec<u8> {
    let decoded = messages.iter().map(|message| AppStreamRequest::decode(*message).unwrap());
    let chunks = decoded.filter_map(|message| match message.request {
        Some(Part::File(file)) => Some(file.chunk.to_vec()),
        _ => None,
    });
    chunks.flatten().collect()
}

#[tokio::test]
async fn a_large_chunk_becomes_small_messages_however_it_arrives() {
    let (budget, entry) = (Budget::new(1 << 20, 0), connection());
    let sent = [metadata(0, 9), chunk(LARGE), chunk(1000), framed(&[]), chunk(LARGE + 1)].concat();
    for size in [1, 3, 7, 1000, 16_384, sent.len()] {
        let (body, call) =
            metered((&budget, HOUR), ("GenerateManifest", &entry), &sent, size, false);
        let read = read(body).await.unwrap();
        let largest = usize::try_from(SMALL_BYTES).unwrap();
        let passed = messages(&read);
        if size <= largest {
            assert!(passed.iter().all(|message| message.len() <= largest + 12), "{size}");
        }
        assert!(content(&passed) == content(&messages(&sent)), "{size}");
        assert!(call.take_first().is_none());
        assert_eq!(budget.held_bytes(), 0);
    }
}

#[tokio::test]
async fn a_first_message_is_counted_once_its_first_byte_has_arrived() {
    let (budget, entry) = (Budget::new(1 << 26, 0), connection());
    let sent = metadata(3, 1 << 20);
    let of_call = ("GenerateManifest", &entry);
    let all = sent.len() as u64 - 5;
    for (arrived, counted) in [(5, 0), (6, all), (LARGE, all)] {
        let (mut body, call) = metered((&budget, HOUR), of_call, &sent[..arrived], 7000, true);
        let _header = body.frame().now_or_never().unwrap();
        assert!(body.frame().now_or_never().is_none());
        assert_eq!(budget.held_bytes(), counted);
        drop((body, call));
        assert_eq!(budget.held_bytes(), 0);
    }
    let (body, call) = metered((&budget, HOUR), of_call, &sent, 7000, false);
    assert!(read(body).await.unwrap() == sent, "it is not changed");
    assert_eq!(budget.held_bytes(), all);
    drop(call.take_first());
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test]
async fn messages_that_no_caller_needs_are_rejected() {
    let entry = connection();
    let large = vec![0; 5 << 20];
    for (method, sent, error) in [
        ("GenerateManifest", framed(&large), "the first message has 5242880 bytes"),
        ("GenerateManifest", metadata(200_000, 0), "200001 variables, more than 200000"),
        ("CheckPluginConfiguration", framed(&large[..5000]), "the first message has 5000 bytes"),
        ("CheckPluginConfiguration", [framed(&[]), framed(&large)].concat(), "at most 4096"),
    ] {
        let budget = Budget::new(1 << 26, 0);
        let (body, _call) = metered((&budget, HOUR), (method, &entry), &sent, 9000, false);
        let refused = read(body).await.unwrap_err();
        assert!(refused.message().contains(error), "{refused}");
    }
    // The reader of the stream rejects these, and reads on. gRPC rejects the last one by its header.
    let empty = framed(&[]);
    let of_call = ("GenerateManifest", &entry);
    for (sent, passed) in [
        (framed(&large), empty.clone()),
        (metadata(0, LARGE), empty.clone()),
        ([&chunk(LARGE)[..9], &large[..LARGE]].concat(), empty.clone()),
        (framed(&vec![0; (1 << 23) + 1]), framed(&vec![0; (1 << 23) + 1])),
    ] {
        let budget = Budget::new(1 << 26, 0);
        let sent = [empty.clone(), sent].concat();
        let (body, _call) = metered((&budget, HOUR), of_call, &sent, 9000, false);
        let read = read(body).await.unwrap();
        assert!(read.starts_with(&[empty.clone(), passed].concat()));
        assert_eq!(budget.held_bytes(), 0);
    }
}

#[tokio::test]
async fn a_first_message_that_stalls_gives_way_to_another() {
    // There is room for 4 MiB.
    let (budget, slow, other) = (Budget::new(1 << 20, 0), connection(), OpenConnections::new(2));
    let other = (other.add(), other.add()).1;
    let sent = metadata(3, (4 << 20) - 100);
    let (stalled, of_stalled) = metered(
        (&budget, HOUR),
        ("GenerateManifest", &slow),
        &sent[..sent.len() - 1],
        16_384,
        true,
    );
    let honest = metadata(3, LARGE);
    let (waiting, _call) =
        metered((&budget, HOUR), ("GenerateManifest", &other), &honest, 16_384, false);
    let first = async {
        let refused = read(stalled).await.unwrap_err();
        drop(of_stalled);
        refused
    };
    let (refused, passed) = tokio::join!(first, read(waiting));
    assert!(refused.message().contains("others wait"), "{refused}");
    assert!(passed.unwrap() == honest);
}

/// Passes the first message of a call, whose memory is free again after it.
async fn pass_first(budget: &Arc<Budget>, entry: TableEntry, body: Frames) -> Result<(), Status> {
    let body = Body::new(Paused(body, false));
    let (body, call) = metered_body((budget, HOUR), ("GenerateManifest", &entry), body);
    let passed = read(body).await.map(drop);
    drop(call);
    passed
}

#[tokio::test(start_paused = true)]
async fn two_large_first_messages_pass_one_after_the_other() {
    // There is room for 4 MiB.
    let (budget, table) = (Budget::new(1 << 20, 0), OpenConnections::new(2));
    let sent = metadata(0, 3 << 20);
    let pass = || pass_first(&budget, table.add(), frames(&sent, 16_384, false));
    let (one, other) = tokio::join!(pass(), pass());
    one.unwrap();
    other.unwrap();
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test(start_paused = true)]
async fn many_that_claim_much_and_stall_delay_another_by_one_turn() {
    let (budget, table) = (Budget::new(1 << 20, 0), OpenConnections::new(200));
    let claim = Bytes::from(metadata(0, (4 << 20) - 100)).slice(..LARGE);
    for _ in 0..130 {
        let (budget, table, claim) = (budget.clone(), table.clone(), claim.clone());
        tokio::spawn(async move {
            loop {
                pass_first(&budget, table.add(), frames(&claim, 16_384, true)).await.unwrap_err();
                sleep(GIVE_WAY / 2).await;
            }
        });
    }
    for _ in 0..10 {
        sleep(LOOK_INTERVAL).await;
        let (start, honest) = (Instant::now(), metadata(0, 20_000));
        pass_first(&budget, table.add(), frames(&honest, 16_384, false)).await.unwrap();
        let waited = start.elapsed();
        assert!(waited <= GIVE_WAY + LOOK_INTERVAL, "{waited:?}");
    }
}

#[tokio::test]
async fn a_stream_without_bytes_ends_with_an_error_that_says_so() {
    let (budget, stall) = (Budget::new(1000, 0), Duration::from_millis(1));
    for drained in [false, true] {
        let of_call = ("MatchRepository", &connection());
        let (body, call) = metered((&budget, stall), of_call, &framed(&[7; 10]), 99, true);
        let status = if drained {
            drop(body);
            call.drain_body().await.unwrap_err()
        } else {
            read(body).await.unwrap_err()
        };
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
        assert!(status.message().contains("no bytes arrived for 1 ms"));
    }
}
