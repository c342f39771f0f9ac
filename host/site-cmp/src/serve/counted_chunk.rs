//! A chunk of a large message, together with the bytes that the message has in the budget.

use bytes::Bytes;

use super::fair_queue::Permit;

/// A chunk whose bytes are released when its last part is gone.
struct CountedChunk {
    chunk: Bytes,
    _permit: Permit,
}

impl AsRef<[u8]> for CountedChunk {
    fn as_ref(&self) -> &[u8] {
        &self.chunk
    }
}

/// Returns the same chunk, which keeps the permit as long as any part of it exists.
pub(super) fn count_chunk(chunk: Bytes, permit: Option<Permit>) -> Bytes {
    match permit {
        Some(permit) => Bytes::from_owner(CountedChunk { chunk, _permit: permit }),
        None => chunk,
    }
}
