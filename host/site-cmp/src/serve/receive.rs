//! A call's stream: metadata first, then the archive in pieces of any size.
//!
//! The stream is read to its end whatever was found wrong on the way. repo-server writes
//! until it is done, and reads an answer only then: one that came early is lost to it, and
//! its users see `EOF`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status, Streaming};

use super::call::Call;
use super::deadline::Step;
use super::flight::{Digest, Flight};
use super::kept::Kept;
use super::proto::plugin::app_stream_request::Request as Part;
use super::proto::plugin::{AppStreamRequest, ManifestRequestMetadata};
use super::refusal::{Kind, Refused};
use super::trees::{Origin, Trees};
use crate::codes;
use crate::server_limits::ServerLimits;

/// How much is handed on at once: repo-server sends a kilobyte a message.
const PIECE: usize = 32 << 10;

/// What a call sent.
pub(super) struct Received {
    /// The application's folder in the archive.
    pub(super) folder: String,
    /// Variables by name; of two with one name the last counts.
    pub(super) variables: BTreeMap<String, String>,
    /// The archive's digest.
    pub(super) digest: Digest,
    /// What was in the archive.
    pub(super) tree: Arc<Kept>,
}

/// Reads a stream to its end. With a `refused` it is only read, and refused for that.
pub(super) async fn receive(
    stream: &mut Streaming<AppStreamRequest>,
    trees: &Trees,
    limits: &ServerLimits,
    call: &Call,
    refused: Option<Refused>,
) -> Result<Received, Refused> {
    call.enter(Step::Receive);
    let mut intake = Intake::default();
    let mut trouble = refused;
    while let Some(message) = stream.message().await.map_err(broken)? {
        if trouble.is_none() {
            trouble = intake.take(message, trees, limits, call).await.err();
        }
        if trouble.is_some() {
            // What others send is unpacked without us.
            intake.flight = None;
        }
    }
    // A caller that cancels looks like one that ended its stream: hyper gives a reset out as
    // an end. Whoever polls this call sees the reset now, and drops it.
    tokio::task::yield_now().await;
    if let Some(refused) = trouble {
        return Err(refused);
    }
    intake.end(trees, call).await
}

/// Reads a stream to its end for nothing.
pub(super) async fn drain(
    stream: &mut Streaming<AppStreamRequest>,
    call: &Call,
) -> Result<(), Refused> {
    call.enter(Step::Receive);
    while stream.message().await.map_err(broken)?.is_some() {}
    Ok(())
}

/// The same for messages that are at hand.
#[cfg(any(test, fuzzing))]
pub(super) async fn replay(
    messages: Vec<AppStreamRequest>,
    trees: &Trees,
    limits: &ServerLimits,
    call: &Call,
) -> Result<Received, Refused> {
    let mut intake = Intake::default();
    for message in messages {
        intake.take(message, trees, limits, call).await?;
    }
    intake.end(trees, call).await
}

/// What has come so far.
#[derive(Default)]
struct Intake {
    opened: Option<(ManifestRequestMetadata, Digest)>,
    known: Option<Arc<Kept>>,
    flight: Option<Arc<Flight>>,
    hasher: Sha256,
    total: u64,
    /// What has not been handed on yet.
    waiting: BytesMut,
}

impl Intake {
    async fn take(
        &mut self,
        message: AppStreamRequest,
        trees: &Trees,
        limits: &ServerLimits,
        call: &Call,
    ) -> Result<(), Refused> {
        match (message.request, &self.opened) {
            (Some(Part::Metadata(metadata)), None) => self.open(metadata, trees, call),
            (Some(Part::File(file)), Some(_)) => self.piece(&file.chunk, limits).await,
            (Some(Part::File(_)), None) => {
                let message = "the stream must begin with the application's metadata";
                Err(Refused::malformed(&codes::STREAM_METADATA, message))
            }
            (Some(Part::Metadata(_)), Some(_)) | (None, _) => {
                let message = "after its metadata the stream must hold pieces of the archive alone";
                Err(Refused::malformed(&codes::STREAM_MESSAGE, message))
            }
        }
    }

    fn open(
        &mut self,
        metadata: ManifestRequestMetadata,
        trees: &Trees,
        call: &Call,
    ) -> Result<(), Refused> {
        let digest =
            digest(&metadata.checksum).ok_or_else(|| wrong_checksum(&metadata.checksum))?;
        call.names_tree(&metadata.checksum);
        let (known, flight, from) = match trees.open(&digest, &metadata.app_rel_path) {
            Origin::Known(tree) => (Some(tree), None, "known"),
            Origin::Joined(flight) => (None, Some(flight), "joined"),
            Origin::New(flight) => (None, Some(flight), "new"),
        };
        call.takes_tree_from(from);
        (self.known, self.flight) = (known, flight);
        self.opened = Some((metadata, digest));
        Ok(())
    }

    async fn piece(&mut self, piece: &Bytes, limits: &ServerLimits) -> Result<(), Refused> {
        let total = self.total + piece.len() as u64;
        if total > limits.archive_bytes {
            let message = format!("the archive has more than {} bytes", limits.archive_bytes);
            return Err(Refused::over(&codes::STREAM_ARCHIVE_BYTES, message, "archiveBytes"));
        }
        self.total = total;
        self.hasher.update(piece);
        if self.flight.is_none() {
            return Ok(());
        }
        if self.waiting.is_empty() && piece.len() >= PIECE {
            self.hand_on(total, piece).await;
            return Ok(());
        }
        self.waiting.extend_from_slice(piece);
        if self.waiting.len() >= PIECE {
            let piece = self.waiting.split().freeze();
            self.hand_on(total, &piece).await;
        }
        Ok(())
    }

    /// Hands on a piece that ends at `end`.
    async fn hand_on(&self, end: u64, piece: &Bytes) {
        if let Some(flight) = &self.flight {
            flight.feed(end - piece.len() as u64, piece).await;
        }
    }

    async fn end(mut self, trees: &Trees, call: &Call) -> Result<Received, Refused> {
        let Some((metadata, digest)) = self.opened.take() else {
            return Err(Refused::malformed(&codes::STREAM_EMPTY, "the stream is empty"));
        };
        let rest = self.waiting.split().freeze();
        self.hand_on(self.total, &rest).await;
        call.received(self.total);
        let found: Digest = self.hasher.finalize().into();
        if found != digest {
            return Err(wrong_checksum(&metadata.checksum));
        }
        let tree = match (self.known, self.flight) {
            (Some(tree), _) => tree,
            (None, Some(flight)) => {
                call.enter(Step::Unpack);
                let tree = flight.land(self.total).await?;
                trees.keep(&digest, &tree);
                tree
            }
            (None, None) => return Err(Refused::bug("a stream came from nowhere")),
        };
        let folder = inside(metadata.app_rel_path)?;
        let variables = metadata.env.into_iter();
        let variables = variables
            .filter(|entry| !entry.name.is_empty())
            .map(|entry| (entry.name, entry.value))
            .collect();
        Ok(Received { folder, variables, digest, tree })
    }
}

/// A SHA-256 as it is written.
fn digest(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if text.len() != 64 || !text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(digest)
}

fn wrong_checksum(claimed: &str) -> Refused {
    let claimed: String = claimed.chars().take(80).collect();
    let message = format!(
        "the archive's bytes do not have the checksum that was sent with them, `{claimed}`"
    );
    Refused::malformed(&codes::STREAM_CHECKSUM, message)
}

/// The application's folder, if it is in the archive.
fn inside(path: String) -> Result<String, Refused> {
    let mut depth = 0_usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => {
                let shown: String = path.chars().take(200).collect();
                let message = format!("the application's path `{shown}` leads out of the archive");
                return Err(Refused::malformed(&codes::STREAM_APP_PATH, message));
            }
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    Ok(path)
}

/// A stream that ends before its end.
fn broken(status: Status) -> Refused {
    let message = status.message().to_owned();
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => {
            let message = format!("a message of the stream is too large: {message}");
            let finding = codes::STREAM_MESSAGE_BYTES.finding(message);
            let hint = "set ARGOCD_GRPC_MAX_SIZE_MB as repo-server has it, or lower its ARGOCD_CMP_CHUNK_SIZE";
            Refused::new(Kind::Busy, finding.hint(hint))
        }
        // A connection that is lost has no code of its own.
        Code::Cancelled | Code::Unavailable | Code::Unknown => {
            let finding = codes::STREAM_CANCELLED.finding("the caller has gone");
            Refused::new(Kind::Cancelled, finding)
        }
        _ => Refused::malformed(&codes::STREAM_BROKEN, format!("the stream broke off: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_64_lower_case_digits() {
        let text = "00ff".repeat(16);
        assert_eq!(digest(&text).unwrap()[..4], [0, 255, 0, 255]);
        for wrong in ["", "00", &text.to_uppercase(), &"é".repeat(32), &format!("{text}0")] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_path_stays_in_the_archive() {
        for good in [".", "", "a/b", "a/../b", "/etc", "a/b/../../c"] {
            assert!(inside(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["..", "../x", "a/../../b", "/../x", "./.."] {
            assert!(inside(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
