//! The unpacking of one archive that several calls send at the same time.
//!
//! The repo-server sends the same bytes for every application of a repo at a revision, and
//! names their SHA-256 first. The first call with a new digest starts a job. Every call feeds
//! its bytes, and the job forwards those that are new, so no call depends on another one that
//! is slow or goes away. The result is used only if the forwarded bytes have the named digest.

use crate::codes;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, mpsc, watch};

use super::cached_tree::CachedTree;
use super::scope::Scope;
use super::unpack_permit::UnpackPermit;
use crate::call_rejection::{CallRejection, RejectKind};

/// Chunks that may queue for the unpacker: enough that neither side waits for the other after
/// each chunk. They have at most 48 KiB each; larger ones are counted as messages.
pub(super) const QUEUED_CHUNKS: usize = 8;

/// The SHA-256 of an archive as it is sent.
pub(super) type Digest = [u8; 32];

/// The result of a job; `None` while it runs.
pub(super) type UnpackResult = Option<Result<Arc<CachedTree>, CallRejection>>;

/// A call that feeds a job, by a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FeederId(u64);

impl Default for FeederId {
    /// Returns a number that no other call has.
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A running unpacking.
pub(super) struct UnpackJob {
    digest: Digest,
    scope: Arc<Scope>,
    feed: Mutex<Feed>,
    result: watch::Receiver<UnpackResult>,
}

struct Feed {
    /// The number of bytes forwarded so far, from the start of the archive.
    fed: u64,
    /// The hash of these bytes.
    hasher: Sha256,
    /// The call that forwarded all of them, if it was one.
    only_feeder: Option<FeederId>,
    /// `None` once the unpacker needs no more chunks.
    chunks: Option<mpsc::Sender<Bytes>>,
    state: FeedState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FeedState {
    Open,
    /// All bytes were forwarded, and they have the digest.
    Whole,
    /// The forwarded bytes do not have the digest, or are not all bytes of the archive.
    Broken,
}

impl UnpackJob {
    /// Creates a job that sends new bytes to `chunks`, from which the unpacker reads, and takes
    /// its tree from `result`.
    pub(super) fn new(
        digest: Digest,
        scope: Arc<Scope>,
        chunks: mpsc::Sender<Bytes>,
        result: watch::Receiver<UnpackResult>,
    ) -> Self {
        let feed = Feed {
            fed: 0,
            hasher: Sha256::new(),
            only_feeder: None,
            chunks: Some(chunks),
            state: FeedState::Open,
        };
        Self { digest, scope, feed: Mutex::new(feed), result }
    }

    /// Returns the part of the archive to unpack.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Feeds a chunk of one call's stream that begins at `offset`. Each call feeds all of its
    /// bytes in order, so everything before `offset` was forwarded already. `hasher` has hashed the
    /// call's bytes up to the end of the chunk.
    pub(super) async fn feed_chunk(
        &self,
        feeder: FeederId,
        offset: u64,
        chunk: &Bytes,
        hasher: &Sha256,
    ) {
        let mut feed = self.feed.lock().await;
        let end = offset + chunk.len() as u64;
        if feed.state != FeedState::Open || feed.fed >= end {
            return;
        }
        let known = usize::try_from(feed.fed.saturating_sub(offset)).unwrap_or(usize::MAX);
        let new = chunk.slice(known.min(chunk.len())..);
        // The bytes are counted only after the wait. If the call is cancelled while it waits, no
        // byte may be counted that was not forwarded.
        let Some(chunks) = feed.chunks.clone() else {
            return feed.count_bytes(feeder, &new, hasher);
        };
        let room = chunks.reserve().await;
        feed.count_bytes(feeder, &new, hasher);
        match room {
            Ok(room) => room.send(new),
            // The unpacker has stopped reading; its result or error is returned at the end.
            Err(_closed) => feed.chunks = None,
        }
    }

    /// Feeds a chunk of a call that feeds nothing else.
    #[cfg(test)]
    pub(super) async fn feed_once(&self, offset: u64, chunk: &Bytes) {
        let hasher = Sha256::new_with_prefix(chunk);
        self.feed_chunk(FeederId::default(), offset, chunk, &hasher).await;
    }

    /// Waits for the tree, for a call whose `total` bytes have the digest.
    pub(super) async fn await_tree(&self, total: u64) -> Result<Arc<CachedTree>, CallRejection> {
        let state = {
            let mut feed = self.feed.lock().await;
            if feed.state == FeedState::Open {
                let digest: Digest = feed.hasher.clone().finalize().into();
                let whole = feed.fed == total && digest == self.digest;
                feed.state = if whole { FeedState::Whole } else { FeedState::Broken };
                feed.chunks = None;
            }
            feed.state
        };
        if state == FeedState::Broken {
            return Err(mismatch_error());
        }
        let mut result = self.result.clone();
        let result = result.wait_for(Option::is_some).await;
        result.map_or_else(
            |_gone| Err(lost_job()),
            |result| result.clone().unwrap_or_else(|| Err(lost_job())),
        )
    }
}

impl Feed {
    /// Hashes and counts bytes that are forwarded. While one call forwards all of them, they have the
    /// hash of its own bytes, which it has computed.
    fn count_bytes(&mut self, feeder: FeederId, new: &Bytes, hasher: &Sha256) {
        if self.fed == 0 {
            self.only_feeder = Some(feeder);
        }
        if self.only_feeder == Some(feeder) {
            self.hasher.clone_from(hasher);
        } else {
            self.only_feeder = None;
            self.hasher.update(new);
        }
        self.fed += new.len() as u64;
    }
}

/// Returns the error for a job whose forwarded bytes do not have the named digest. Only another
/// call, which named a digest that its bytes do not have, can cause it.
fn mismatch_error() -> CallRejection {
    let message = "this call waited for another one, whose bytes do not match its checksum";
    let finding = codes::STREAM_OTHERS_BYTES.finding(message);
    CallRejection::new(
        RejectKind::Environment,
        finding.hint("refresh the application: nothing is wrong with its own files"),
    )
}

/// Returns the error of a job whose thread ended without a result.
fn lost_job() -> CallRejection {
    CallRejection::program_bug("an unpacking ended without a result")
}

/// Whether a call still waits for the result of an unpacking.
#[derive(Clone, Debug)]
pub(super) struct Interest(Arc<watch::Sender<UnpackResult>>);

impl Interest {
    /// Watches the receivers of a result.
    pub(super) fn new(result: Arc<watch::Sender<UnpackResult>>) -> Self {
        Self(result)
    }

    /// Returns whether every call has gone.
    pub(super) fn is_lost(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until every call has gone.
    pub(super) async fn lost(&self) {
        self.0.closed().await;
    }
}

/// Chunks as a reader, for a thread that may block.
pub(super) struct ChunkReader {
    coming: mpsc::Receiver<Bytes>,
    chunk: Bytes,
    permit: Option<UnpackPermit>,
}

impl ChunkReader {
    pub(super) fn new(chunks: mpsc::Receiver<Bytes>) -> Self {
        Self { coming: chunks, chunk: Bytes::new(), permit: None }
    }

    /// Makes the reader return chunks only while it holds a permit to unpack, and wait for one
    /// if needed. It fails once no call waits for the unpacking.
    pub(super) fn with_permit(self, permit: UnpackPermit) -> Self {
        Self { permit: Some(permit), ..self }
    }

    /// Returns the next chunk, or `None` at the end.
    fn next_chunk(&mut self) -> Option<Bytes> {
        match &mut self.permit {
            Some(permit) => permit.next_chunk(&mut self.coming),
            None => self.coming.blocking_recv(),
        }
    }
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.permit.as_mut().is_some_and(|permit| !permit.take_turns()) {
            return Err(io::Error::other("no call waits for this archive"));
        }
        while self.chunk.is_empty() {
            match self.next_chunk() {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let length = self.chunk.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.chunk.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
