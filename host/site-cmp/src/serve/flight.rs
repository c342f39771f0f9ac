//! One unpacking of an archive that several calls send at once.
//!
//! repo-server sends the same bytes for every application of a repo at a revision, and
//! names their SHA-256 first. The first call that names one starts the unpacking; every
//! call hands in its bytes, and those that are new go on. So none of them depends on
//! another that is slow or goes away, and what was unpacked counts only if its bytes have
//! the digest that was named.

use crate::codes;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, mpsc, watch};

use super::kept::Kept;
use super::refusal::{Kind, Refused};
use super::scope::Scope;
use super::turn::Turn;

/// Pieces that wait to be unpacked: enough that neither side waits for each of them.
pub(super) const PIECES: usize = 16;

/// SHA-256 of an archive as it is sent.
pub(super) type Digest = [u8; 32];

/// What comes of an unpacking; `None` until it has ended.
pub(super) type Landed = Option<Result<Arc<Kept>, Refused>>;

/// An unpacking that goes on.
pub(super) struct Flight {
    digest: Digest,
    scope: Arc<Scope>,
    feed: Mutex<Feed>,
    landed: watch::Receiver<Landed>,
}

struct Feed {
    /// Bytes that have gone on, from the archive's first.
    fed: u64,
    hasher: Sha256,
    /// None when no more are wanted.
    pieces: Option<mpsc::Sender<Bytes>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// All bytes have gone on, and they have the digest.
    Whole,
    /// They have another.
    Broken,
}

impl Flight {
    /// A flight to an unpacker that reads the pieces.
    pub(super) fn new(
        digest: Digest,
        scope: Arc<Scope>,
        pieces: mpsc::Sender<Bytes>,
        landed: watch::Receiver<Landed>,
    ) -> Self {
        let feed = Feed { fed: 0, hasher: Sha256::new(), pieces: Some(pieces), state: State::Open };
        Self { digest, scope, feed: Mutex::new(feed), landed }
    }

    /// How much is unpacked.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Takes a piece of one call's stream that begins at `offset`. Each call hands in all
    /// of its bytes in order, so whatever is before `offset` has gone on already.
    pub(super) async fn feed(&self, offset: u64, piece: &Bytes) {
        let mut feed = self.feed.lock().await;
        let end = offset + piece.len() as u64;
        if feed.state != State::Open || feed.fed >= end {
            return;
        }
        let known = usize::try_from(feed.fed.saturating_sub(offset)).unwrap_or(usize::MAX);
        let new = piece.slice(known.min(piece.len())..);
        // A caller that goes away while it waits here has handed in nothing.
        let Some(pieces) = feed.pieces.clone() else { return feed.count(&new) };
        let room = pieces.reserve().await;
        feed.count(&new);
        match room {
            Ok(room) => room.send(new),
            // The unpacker has seen enough; what it found is told at the end.
            Err(_closed) => feed.pieces = None,
        }
    }

    /// The tree, for a call whose `total` bytes had the digest.
    pub(super) async fn land(&self, total: u64) -> Result<Arc<Kept>, Refused> {
        let state = {
            let mut feed = self.feed.lock().await;
            if feed.state == State::Open {
                let digest: Digest = feed.hasher.clone().finalize().into();
                let whole = feed.fed == total && digest == self.digest;
                feed.state = if whole { State::Whole } else { State::Broken };
                feed.pieces = None;
            }
            feed.state
        };
        if state == State::Broken {
            return Err(others_bytes());
        }
        let mut landed = self.landed.clone();
        let landed = landed.wait_for(Option::is_some).await;
        landed.map_or_else(
            |_gone| Err(gave_up()),
            |landed| landed.clone().unwrap_or_else(|| Err(gave_up())),
        )
    }
}

impl Feed {
    fn count(&mut self, new: &Bytes) {
        self.hasher.update(new);
        self.fed += new.len() as u64;
    }
}

/// Only a caller that lies about its digest can bring this about.
fn others_bytes() -> Refused {
    let message = "another call named the same checksum and sent other bytes";
    let finding = codes::STREAM_OTHERS_BYTES.finding(message);
    Refused::new(Kind::Machine, finding.hint("try again: this call's own bytes were right"))
}

fn gave_up() -> Refused {
    Refused::bug("an unpacking ended without a word")
}

/// Pieces as a reader, for a thread that may wait.
pub(super) struct Pieces {
    coming: mpsc::Receiver<Bytes>,
    piece: Bytes,
    turn: Option<Turn>,
}

impl Pieces {
    pub(super) fn new(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self { coming: pieces, piece: Bytes::new(), turn: None }
    }

    /// The same for one of several who take turns.
    pub(super) fn in_turn(self, turn: Turn) -> Self {
        Self { turn: Some(turn), ..self }
    }

    /// The next piece; none at the end.
    fn next(&mut self) -> Option<Bytes> {
        match &mut self.turn {
            Some(turn) => turn.next(&mut self.coming),
            None => self.coming.blocking_recv(),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.next() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
