//! The stream of a call: metadata first, then the archive in chunks of any size.
//!
//! The stream is read to its end even after an error. The repo-server reads the answer only
//! when it has written everything: an early answer is lost, and its users see `EOF`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status, Streaming};

use super::cached_tree::CachedTree;
use super::call::Call;
use super::call_metadata::{check_folder, parse_digest, wrong_checksum};
use super::call_rejection::{CallRejection, RejectKind};
use super::deadline::CallStage;
use super::proto::plugin::app_stream_request::Request as Part;
use super::proto::plugin::{AppStreamRequest, ManifestRequestMetadata};
use super::tree_cache::{TreeCache, TreeSource};
use super::unpack_job::{Digest, UnpackJob};
use crate::codes;
use crate::server_limits::ServerLimits;

/// Bytes that are forwarded to the unpacker at once. The repo-server sends a kilobyte a message
/// by default, and each message alone would wake the unpacker's thread.
const FORWARD_BYTES: usize = 32 << 10;

/// A call that was received completely.
pub(super) struct Received {
    /// The application's folder in the archive.
    pub(super) folder: String,
    /// Variables by name; of two with the same name the last takes effect.
    pub(super) variables: BTreeMap<String, String>,
    /// The archive's digest.
    pub(super) digest: Digest,
    /// The unpacked archive.
    pub(super) tree: Arc<CachedTree>,
}

/// Reads a stream to its end and returns its tree. With a `refused` it only reads, and returns
/// that error.
pub(super) async fn receive_tree(
    stream: &mut Streaming<AppStreamRequest>,
    trees: &TreeCache,
    limits: &ServerLimits,
    call: &Call,
    refused: Option<CallRejection>,
) -> Result<Received, CallRejection> {
    call.enter_stage(CallStage::Receive);
    let mut reader = StreamReader::default();
    let mut trouble = refused;
    while let Some(message) = stream.message().await.map_err(stream_error)? {
        if trouble.is_none() {
            trouble = reader.accept_message(message, trees, limits, call).await.err();
        }
        if trouble.is_some() {
            // Other calls may go on with the same archive; this one no longer feeds it.
            reader.job = None;
        }
    }
    // A cancelled stream looks like a finished one, because hyper reports a reset as an end.
    // Yielding lets the server notice the reset and drop this call.
    tokio::task::yield_now().await;
    if let Some(refused) = trouble {
        return Err(refused);
    }
    reader.finish_stream(trees, call).await
}

/// Reads a stream to its end and ignores its content.
pub(super) async fn drain_stream(
    stream: &mut Streaming<AppStreamRequest>,
    call: &Call,
) -> Result<(), CallRejection> {
    call.enter_stage(CallStage::Receive);
    while stream.message().await.map_err(stream_error)?.is_some() {}
    Ok(())
}

/// Reads a tree from messages in memory, for tests and fuzzing.
#[cfg(any(test, fuzzing))]
pub(super) async fn replay_messages(
    messages: Vec<AppStreamRequest>,
    trees: &TreeCache,
    limits: &ServerLimits,
    call: &Call,
) -> Result<Received, CallRejection> {
    let mut reader = StreamReader::default();
    for message in messages {
        reader.accept_message(message, trees, limits, call).await?;
    }
    reader.finish_stream(trees, call).await
}

/// The part of a stream that was read so far.
#[derive(Default)]
struct StreamReader {
    opened: Option<(ManifestRequestMetadata, Digest)>,
    known: Option<Arc<CachedTree>>,
    job: Option<Arc<UnpackJob>>,
    hasher: Sha256,
    total: u64,
    /// Bytes that were not forwarded yet.
    waiting: BytesMut,
}

impl StreamReader {
    /// Reads one message of the stream.
    async fn accept_message(
        &mut self,
        message: AppStreamRequest,
        trees: &TreeCache,
        limits: &ServerLimits,
        call: &Call,
    ) -> Result<(), CallRejection> {
        match (message.request, &self.opened) {
            (Some(Part::Metadata(metadata)), None) => self.open_tree(metadata, trees, call),
            (Some(Part::File(file)), Some(_)) => self.add_chunk(&file.chunk, limits).await,
            (Some(Part::File(_)), None) => {
                let message = "the stream does not begin with the application's metadata";
                Err(CallRejection::malformed_stream(&codes::STREAM_METADATA, message))
            }
            (Some(Part::Metadata(_)), Some(_)) | (None, _) => {
                let message = "a message after the metadata is not a chunk of the archive";
                Err(CallRejection::malformed_stream(&codes::STREAM_MESSAGE, message))
            }
        }
    }

    /// Reads the metadata and finds the tree of its digest.
    fn open_tree(
        &mut self,
        metadata: ManifestRequestMetadata,
        trees: &TreeCache,
        call: &Call,
    ) -> Result<(), CallRejection> {
        let digest =
            parse_digest(&metadata.checksum).ok_or_else(|| wrong_checksum(&metadata.checksum))?;
        call.note_tree(&metadata.checksum);
        let (known, job, from) = match trees.find_tree(&digest, &metadata.app_rel_path) {
            TreeSource::Known(tree) => (Some(tree), None, "known"),
            TreeSource::Joined(job) => (None, Some(job), "joined"),
            TreeSource::New(job) => (None, Some(job), "new"),
        };
        call.note_tree_source(from);
        (self.known, self.job) = (known, job);
        self.opened = Some((metadata, digest));
        Ok(())
    }

    /// Hashes a chunk and forwards it when enough bytes have arrived.
    async fn add_chunk(
        &mut self,
        chunk: &Bytes,
        limits: &ServerLimits,
    ) -> Result<(), CallRejection> {
        let total = self.total + chunk.len() as u64;
        if total > limits.archive_bytes {
            let message = format!("the archive is larger than {} bytes", limits.archive_bytes);
            return Err(CallRejection::over_limit(
                &codes::STREAM_ARCHIVE_BYTES,
                message,
                "archiveBytes",
            ));
        }
        self.total = total;
        self.hasher.update(chunk);
        if self.job.is_none() {
            return Ok(());
        }
        if self.waiting.is_empty() && chunk.len() >= FORWARD_BYTES {
            self.forward_chunk(total, chunk).await;
            return Ok(());
        }
        self.waiting.extend_from_slice(chunk);
        if self.waiting.len() >= FORWARD_BYTES {
            let chunk = self.waiting.split().freeze();
            self.forward_chunk(total, &chunk).await;
        }
        Ok(())
    }

    /// Forwards a chunk that ends at offset `end`.
    async fn forward_chunk(&self, end: u64, chunk: &Bytes) {
        if let Some(job) = &self.job {
            job.feed_chunk(end - chunk.len() as u64, chunk).await;
        }
    }

    /// Verifies the digest at the end of the stream and waits for the tree.
    async fn finish_stream(
        mut self,
        trees: &TreeCache,
        call: &Call,
    ) -> Result<Received, CallRejection> {
        let Some((metadata, digest)) = self.opened.take() else {
            return Err(CallRejection::malformed_stream(
                &codes::STREAM_EMPTY,
                "the stream is empty",
            ));
        };
        let rest = self.waiting.split().freeze();
        self.forward_chunk(self.total, &rest).await;
        call.note_received(self.total);
        let actual: Digest = self.hasher.finalize().into();
        if actual != digest {
            return Err(wrong_checksum(&metadata.checksum));
        }
        let tree = match (self.known, self.job) {
            (Some(tree), _) => tree,
            (None, Some(job)) => {
                call.enter_stage(CallStage::Unpack);
                let tree = job.await_tree(self.total).await?;
                trees.cache_tree(&digest, &tree);
                tree
            }
            (None, None) => {
                return Err(CallRejection::program_bug(
                    "a stream has neither a cached tree nor an unpacking",
                ));
            }
        };
        let folder = check_folder(metadata.app_rel_path)?;
        let variables = metadata.env.into_iter();
        let variables = variables
            .filter(|entry| !entry.name.is_empty())
            .map(|entry| (entry.name, entry.value))
            .collect();
        Ok(Received { folder, variables, digest, tree })
    }
}

/// Returns the error of a stream that broke off.
fn stream_error(status: Status) -> CallRejection {
    let message = status.message().to_owned();
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => {
            let message = format!("a message of the stream is too large: {message}");
            let finding = codes::STREAM_MESSAGE_BYTES.finding(message);
            let hint = "set ARGOCD_GRPC_MAX_SIZE_MB to the repo-server's value, or lower its ARGOCD_CMP_CHUNK_SIZE";
            CallRejection::new(RejectKind::Busy, finding.hint(hint))
        }
        // gRPC has no code for a lost connection.
        Code::Cancelled | Code::Unavailable | Code::Unknown => {
            let finding = codes::STREAM_CANCELLED.finding("the caller closed the connection");
            CallRejection::new(RejectKind::Cancelled, finding)
        }
        _ => CallRejection::malformed_stream(
            &codes::STREAM_BROKEN,
            format!("the stream broke off: {message}"),
        ),
    }
}
