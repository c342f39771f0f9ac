use std::io::Read as _;

use tokio::sync::oneshot;

use super::*;
use crate::codes;
use crate::serve::archive::Archive;

/// A flight, what its unpacker gets, and the way to tell what came of it.
fn flight(content: &[u8]) -> (Arc<Flight>, mpsc::Receiver<Bytes>, watch::Sender<Landed>) {
    let digest: Digest = Sha256::digest(content).into();
    let (sender, pieces) = mpsc::channel(PIECES);
    let (tell, landed) = watch::channel(None);
    (Arc::new(Flight::new(digest, Arc::default(), sender, landed)), pieces, tell)
}

fn tree() -> Arc<Kept> {
    Arc::new(Kept::new(Archive::default(), String::new()))
}

/// Hands in all of a content, in pieces of that size.
async fn feed(flight: &Flight, content: &'static [u8], size: usize) -> u64 {
    let mut offset = 0;
    for piece in content.chunks(size) {
        flight.feed(offset, &Bytes::from_static(piece)).await;
        offset += piece.len() as u64;
    }
    offset
}

async fn gone_on(pieces: mpsc::Receiver<Bytes>) -> Vec<u8> {
    let read = move || {
        let mut all = Vec::new();
        Pieces::new(pieces).read_to_end(&mut all).map(|_| all)
    };
    tokio::task::spawn_blocking(read).await.unwrap().unwrap()
}

const CONTENT: &[u8] = b"what two applications of one repo send at one revision";

#[tokio::test]
async fn bytes_of_several_callers_go_on_once() {
    let (flight, pieces, tell) = flight(CONTENT);
    let reader = tokio::spawn(gone_on(pieces));
    for (from, to) in [(0, 10), (0, 4), (4, 20), (10, 12), (20, 21)] {
        flight.feed(from, &Bytes::from_static(&CONTENT[usize::try_from(from).unwrap()..to])).await;
    }
    let total = feed(&flight, CONTENT, 7).await;
    tell.send_replace(Some(Ok(tree())));
    assert!(flight.land(total).await.is_ok());
    assert_eq!(reader.await.unwrap(), CONTENT);
    // One that ends later gets the same, and hands in nothing more.
    assert_eq!(feed(&flight, CONTENT, 3).await, total);
    assert!(flight.land(total).await.is_ok());
}

#[tokio::test]
async fn one_caller_takes_over_from_another_that_goes_away() {
    let (flight, pieces, tell) = flight(CONTENT);
    let reader = tokio::spawn(gone_on(pieces));
    let leaves = flight.clone();
    let (fed, was_fed) = oneshot::channel();
    let first = tokio::spawn(async move {
        leaves.feed(0, &Bytes::from_static(&CONTENT[..30])).await;
        fed.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    was_fed.await.unwrap();
    first.abort();
    let total = feed(&flight, CONTENT, 8).await;
    tell.send_replace(Some(Ok(tree())));
    assert!(flight.land(total).await.is_ok());
    assert_eq!(reader.await.unwrap(), CONTENT);
}

#[tokio::test]
async fn a_caller_that_lies_about_its_digest_gives_nobody_a_tree() {
    let (flight, pieces, tell) = flight(CONTENT);
    drop(pieces);
    flight.feed(0, &Bytes::from_static(b"other bytes")).await;
    let total = feed(&flight, CONTENT, 8).await;
    tell.send_replace(Some(Ok(tree())));
    let refused = flight.land(total).await.map(drop).unwrap_err();
    assert_eq!((refused.kind, refused.code()), (Kind::Machine, "stream/others-bytes"));
}

#[tokio::test]
async fn an_unpacker_that_has_seen_enough_stops_nobody() {
    let (flight, pieces, tell) = flight(CONTENT);
    drop(pieces);
    let total = feed(&flight, CONTENT, 1).await;
    let refused = Refused::malformed(&codes::STREAM_ARCHIVE, "the archive is damaged");
    tell.send_replace(Some(Err(refused)));
    let refused = flight.land(total).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), "stream/archive");
}

#[tokio::test]
async fn an_unpacker_that_dies_is_an_error() {
    let (flight, pieces, tell) = flight(CONTENT);
    drop((pieces, tell));
    let total = feed(&flight, CONTENT, 16).await;
    assert_eq!(flight.land(total).await.map(drop).unwrap_err().kind, Kind::Bug);
}
