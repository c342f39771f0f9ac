//! The stream of a call: metadata first, then the archive in chunks of any size.
//!
//! The stream is read to its end even after an error. The repo-server reads the answer only
//! when it has written everything: an early answer is lost, and its users see `EOF`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tonic::Streaming;

use super::admission::Admission;
use super::budget::{Budget, Charge};
use super::cached_tree::CachedTree;
use super::call::Call;
use super::call_metadata::{check_folder, parse_digest, wrong_checksum};
use super::caller_key::CallerKey;
use super::deadline::CallStage;
use super::incoming_call::IncomingCall;
use super::places::Place;
use super::stream_error::stream_error;
use super::tree_cache::{TreeCache, TreeSource};
use super::unpack_job::{Digest, FeederId, UnpackJob};
use crate::call_rejection::CallRejection;
use crate::codes;
use crate::proto::plugin::app_stream_request::Request as Part;
use crate::proto::plugin::{AppStreamRequest, ManifestRequestMetadata};
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
    /// The memory of the variables, if they are many, until the call is answered.
    pub(super) charge: Option<Charge>,
    /// The archive's digest.
    pub(super) digest: Digest,
    /// The unpacked archive.
    pub(super) tree: Arc<CachedTree>,
    /// The call's place among those that the server accepts.
    pub(super) place: Arc<Place>,
}

/// The state that reading a stream needs.
pub(super) struct Intake<'a> {
    pub(super) trees: &'a TreeCache,
    pub(super) budget: &'a Budget,
    pub(super) admission: &'a Admission,
    pub(super) limits: &'a ServerLimits,
    pub(super) incoming: &'a IncomingCall,
    pub(super) call: &'a Call,
}

impl Intake<'_> {
    /// Does a part of the work of a call, unless another caller gets its place before the end.
    async fn while_placed<T>(
        &self,
        place: Option<Arc<Place>>,
        work: impl Future<Output = Result<T, CallRejection>>,
    ) -> Result<T, CallRejection> {
        match place {
            Some(place) => self.admission.while_placed(&place, work).await,
            None => work.await,
        }
    }
}

/// Reads a stream to its end and returns its tree.
pub(super) async fn receive_tree(
    mut stream: Streaming<AppStreamRequest>,
    shared: &Intake<'_>,
) -> Result<Received, CallRejection> {
    shared.call.enter_stage(CallStage::Receive);
    let mut reader = StreamReader::default();
    loop {
        let place = reader.opened.as_ref().map(|opened| opened.place.clone());
        let waiting = place.clone();
        let next = async {
            let _waiting = waiting.as_ref().map(|place| place.wait_for_bytes());
            Ok(stream.message().await)
        };
        let step = match shared.while_placed(place, next).await {
            Ok(message) => match message.map_err(stream_error)? {
                Some(message) => reader.read_message(message, shared).await,
                None => break,
            },
            Err(lost) => Err(lost),
        };
        if let Err(rejected) = step {
            // Other calls may go on with the same archive; this one no longer feeds it.
            drop(reader);
            drain_stream(stream, shared.incoming).await?;
            return Err(rejected);
        }
    }
    // A cancelled stream looks like a finished one, because hyper reports a reset as an end.
    // Yielding lets the server notice the reset and drop this call.
    tokio::task::yield_now().await;
    reader.finish_stream(shared).await
}

/// Reads a stream to its end and ignores its content. No message is put together any more, so none
/// of it takes memory.
pub(super) async fn drain_stream(
    stream: Streaming<AppStreamRequest>,
    incoming: &IncomingCall,
) -> Result<(), CallRejection> {
    drop(stream);
    incoming.drain_body().await.map_err(stream_error)?;
    tokio::task::yield_now().await;
    Ok(())
}

/// Reads a tree from messages in memory, for tests and fuzzing.
#[cfg(any(test, fuzzing))]
pub(super) async fn replay_messages(
    messages: Vec<AppStreamRequest>,
    shared: &Intake<'_>,
) -> Result<Received, CallRejection> {
    let mut reader = StreamReader::default();
    for message in messages {
        reader.read_message(message, shared).await?;
    }
    reader.finish_stream(shared).await
}

/// The part of a stream that was read so far.
#[derive(Default)]
struct StreamReader {
    opened: Option<OpenedStream>,
    known: Option<Arc<CachedTree>>,
    job: Option<Arc<UnpackJob>>,
    feeder: FeederId,
    /// The hash of all bytes so far, also of those that were not forwarded yet.
    hasher: Sha256,
    total: u64,
    /// Bytes that were not forwarded yet.
    waiting: BytesMut,
}

/// The metadata of a call, and its place.
struct OpenedStream {
    folder: String,
    checksum: String,
    variables: BTreeMap<String, String>,
    digest: Digest,
    place: Arc<Place>,
    charge: Option<Charge>,
}

impl StreamReader {
    /// Reads one message of the stream.
    async fn read_message(
        &mut self,
        message: AppStreamRequest,
        shared: &Intake<'_>,
    ) -> Result<(), CallRejection> {
        match (message.request, &self.opened) {
            (Some(Part::Metadata(metadata)), None) => self.open_stream(metadata, shared).await,
            (Some(Part::File(file)), Some(opened)) => {
                let place = Some(opened.place.clone());
                shared.while_placed(place, self.add_chunk(&file.chunk, shared.limits)).await
            }
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

    /// Reads the metadata, admits the call, and finds the tree of its digest.
    async fn open_stream(
        &mut self,
        metadata: ManifestRequestMetadata,
        shared: &Intake<'_>,
    ) -> Result<(), CallRejection> {
        let checksum = metadata.checksum;
        let digest = parse_digest(&checksum).ok_or_else(|| wrong_checksum(&checksum))?;
        shared.call.note_tree(&checksum);
        let variables = metadata.env.into_iter();
        let variables: BTreeMap<_, _> = variables
            .filter(|entry| !entry.name.is_empty())
            .map(|entry| (entry.name, entry.value))
            .collect();
        let key = CallerKey::from_variables(&variables);
        let place = shared.admission.admit_call(&key)?;
        place.keep_connection(shared.incoming.note_placed());
        check_folder(&metadata.app_rel_path)?;
        let charge = shared.budget.reserve_variables(&variables, &place);
        let charge = shared.while_placed(Some(place.clone()), charge).await?;
        // The message is decoded now, and its variables are counted.
        drop(shared.incoming.take_first());
        let folder = metadata.app_rel_path;
        let (known, job, from) = match shared.trees.find_tree(&digest, &folder, &place) {
            TreeSource::Known(tree) => (Some(tree), None, "known"),
            TreeSource::Joined(job) => (None, Some(job), "joined"),
            TreeSource::New(job) => (None, Some(job), "new"),
        };
        shared.call.note_tree_source(from);
        (self.known, self.job) = (known, job);
        self.opened = Some(OpenedStream { folder, checksum, variables, digest, place, charge });
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
            job.feed_chunk(self.feeder, end - chunk.len() as u64, chunk, &self.hasher).await;
        }
    }

    /// Verifies the digest at the end of the stream and waits for the tree.
    async fn finish_stream(mut self, shared: &Intake<'_>) -> Result<Received, CallRejection> {
        let Some(opened) = self.opened.take() else {
            return Err(CallRejection::malformed_stream(
                &codes::STREAM_EMPTY,
                "the stream is empty",
            ));
        };
        let place = opened.place.clone();
        let tree = self.finish_tree(&opened, shared);
        let tree = shared.while_placed(Some(place), tree).await?;
        let OpenedStream { folder, variables, digest, place, charge, .. } = opened;
        Ok(Received { folder, variables, charge, digest, tree, place })
    }

    /// Forwards the last bytes and returns the tree, if all bytes have the digest.
    async fn finish_tree(
        mut self,
        opened: &OpenedStream,
        shared: &Intake<'_>,
    ) -> Result<Arc<CachedTree>, CallRejection> {
        let rest = self.waiting.split().freeze();
        self.forward_chunk(self.total, &rest).await;
        shared.call.note_received(self.total);
        let actual: Digest = self.hasher.finalize().into();
        if actual != opened.digest {
            return Err(wrong_checksum(&opened.checksum));
        }
        match (self.known, self.job) {
            (Some(tree), _) => Ok(tree),
            (None, Some(job)) => {
                shared.call.enter_stage(CallStage::Unpack);
                let tree = job.await_tree(self.total).await?;
                Ok(shared.trees.cache_tree(&opened.digest, tree))
            }
            (None, None) => Err(CallRejection::program_bug(
                "a stream has neither a cached tree nor an unpacking",
            )),
        }
    }
}
