use std::io::Read as _;

use tokio::sync::oneshot;

use super::*;
use crate::codes;
use crate::serve::cached_tree::empty_tree;

/// A job, what its unpacker gets, and the way to tell what came of it.
fn job(content: &[u8]) -> (Arc<UnpackJob>, mpsc::Receiver<Bytes>, watch::Sender<UnpackResult>) {
    let digest: Digest = Sha256::digest(content).into();
    let (sender, chunks) = mpsc::channel(QUEUED_CHUNKS);
    let (tell, landed) = watch::channel(None);
    (Arc::new(UnpackJob::new(digest, Arc::default(), sender, landed)), chunks, tell)
}

/// Hands in all of a content as one caller, in chunks of that size.
async fn feed(job: &UnpackJob, content: &'static [u8], size: usize) -> u64 {
    let (feeder, mut hasher, mut offset) = (FeederId::default(), Sha256::new(), 0);
    for chunk in content.chunks(size) {
        hasher.update(chunk);
        job.feed_chunk(feeder, offset, &Bytes::from_static(chunk), &hasher).await;
        offset += chunk.len() as u64;
    }
    offset
}

async fn gone_on(chunks: mpsc::Receiver<Bytes>) -> Vec<u8> {
    let read = move || {
        let mut all = Vec::new();
        ChunkReader::new(chunks).read_to_end(&mut all).map(|_| all)
    };
    tokio::task::spawn_blocking(read).await.unwrap().unwrap()
}

const CONTENT: &[u8] = b"what two applications of one repo send at one revision";

#[tokio::test]
async fn bytes_of_several_callers_go_on_once() {
    let (job, chunks, tell) = job(CONTENT);
    let reader = tokio::spawn(gone_on(chunks));
    for (from, to) in [(0, 10), (0, 4), (4, 20), (10, 12), (20, 21)] {
        job.feed_once(from, &Bytes::from_static(&CONTENT[usize::try_from(from).unwrap()..to]))
            .await;
    }
    let total = feed(&job, CONTENT, 7).await;
    tell.send_replace(Some(Ok(empty_tree())));
    assert!(job.await_tree(total).await.is_ok());
    assert_eq!(reader.await.unwrap(), CONTENT);
    // One that ends later gets the same, and hands in nothing more.
    assert_eq!(feed(&job, CONTENT, 3).await, total);
    assert!(job.await_tree(total).await.is_ok());
}

#[tokio::test]
async fn one_caller_takes_over_from_another_that_goes_away() {
    let (job, chunks, tell) = job(CONTENT);
    let reader = tokio::spawn(gone_on(chunks));
    let leaves = job.clone();
    let (fed, was_fed) = oneshot::channel();
    let first = tokio::spawn(async move {
        leaves.feed_once(0, &Bytes::from_static(&CONTENT[..30])).await;
        fed.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    was_fed.await.unwrap();
    first.abort();
    let total = feed(&job, CONTENT, 8).await;
    tell.send_replace(Some(Ok(empty_tree())));
    assert!(job.await_tree(total).await.is_ok());
    assert_eq!(reader.await.unwrap(), CONTENT);
}

#[tokio::test]
async fn a_caller_that_lies_about_its_digest_gives_nobody_a_empty_tree() {
    let (job, chunks, tell) = job(CONTENT);
    drop(chunks);
    job.feed_once(0, &Bytes::from_static(b"other bytes")).await;
    let total = feed(&job, CONTENT, 8).await;
    tell.send_replace(Some(Ok(empty_tree())));
    let refused = job.await_tree(total).await.map(drop).unwrap_err();
    assert_eq!(
        (refused.kind, refused.error_code()),
        (RejectKind::Environment, "stream/others-bytes")
    );
}

#[tokio::test]
async fn an_unpacker_that_has_seen_enough_stops_nobody() {
    let (job, chunks, tell) = job(CONTENT);
    drop(chunks);
    let total = feed(&job, CONTENT, 1).await;
    let refused = CallRejection::malformed_stream(&codes::STREAM_ARCHIVE, "the archive is damaged");
    tell.send_replace(Some(Err(refused)));
    let refused = job.await_tree(total).await.map(drop).unwrap_err();
    assert_eq!(refused.error_code(), "stream/archive");
}

#[tokio::test]
async fn an_unpacker_that_dies_is_an_error() {
    let (job, chunks, tell) = job(CONTENT);
    drop((chunks, tell));
    let total = feed(&job, CONTENT, 16).await;
    assert_eq!(job.await_tree(total).await.map(drop).unwrap_err().kind, RejectKind::Bug);
}
