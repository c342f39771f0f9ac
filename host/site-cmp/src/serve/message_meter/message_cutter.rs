//! Cuts the messages of a stream so that each is small, except the first one.

use std::collections::VecDeque;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use prost::encoding::{
    DecodeContext, WireType, decode_key, decode_varint, encode_varint, encoded_len_varint,
    skip_field,
};
use tonic::Status;

use crate::serve::budget::{FIRST_BYTES, SMALL_BYTES};

/// The largest message of a method that needs no more than a name, in bytes.
const NAME_BYTES: u64 = 4 << 10;

/// The most variables of a call, each of which takes more memory than its bytes in the message. With
/// more, the names alone exceed the size of all variables.
const VARIABLES: usize = 200_000;

/// The bytes of a message's header in gRPC over HTTP/2: a flag, and the length.
const HEADER_BYTES: usize = 5;

/// A message without content, which the reader of a stream rejects.
const EMPTY: [u8; HEADER_BYTES] = [0; HEADER_BYTES];

/// The most bytes in front of a chunk: two keys and two lengths.
const CHUNK_HEAD_BYTES: usize = 12;

/// The key of the field `file` of `AppStreamRequest`, and of `chunk` of `File`.
const FILE_KEY: u8 = 2 << 3 | 2;
const CHUNK_KEY: u8 = 1 << 3 | 2;

/// The messages that a method accepts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Accepted {
    /// The metadata and an archive, in messages of at most so many bytes.
    Stream(u64),
    /// Small messages only.
    Small,
}

/// The reader of a stream of messages.
pub(super) struct MessageCutter {
    accepted: Accepted,
    /// Whether the first message has begun.
    begun: bool,
    part: MessagePart,
    /// The bytes of the header of the next message, of a large first message, or in front of a chunk,
    /// as far as they have arrived.
    held: BytesMut,
    /// The bytes of the message that are still to come.
    left: u64,
    /// Bytes for gRPC.
    ready: VecDeque<Bytes>,
}

/// The part of a message that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MessagePart {
    Header,
    /// Bytes that stay as they are.
    Body,
    /// A large first message, which is checked once it is complete.
    First,
    /// The bytes in front of a chunk.
    ChunkHead,
    /// A chunk, of which every piece becomes a message.
    Chunk,
    /// A large message that is not a chunk.
    Unknown,
}

impl MessageCutter {
    pub(super) fn new(accepted: Accepted) -> Self {
        let (held, ready) = (BytesMut::new(), VecDeque::new());
        Self { accepted, begun: false, part: MessagePart::Header, held, left: 0, ready }
    }

    /// Returns whether a message has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Returns whether a large first message arrives.
    pub(super) fn is_in_first(&self) -> bool {
        self.part == MessagePart::First
    }

    /// Returns the bytes of the large first message that arrives.
    pub(super) fn first_bytes(&self) -> u64 {
        self.held.len() as u64 + self.left
    }

    /// Returns the next bytes for gRPC.
    pub(super) fn next_bytes(&mut self) -> Option<Bytes> {
        self.ready.pop_front()
    }

    /// Returns whether all bytes were returned.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.held.is_empty()
    }

    /// Reads one part, as far as it has arrived.
    pub(super) fn read(&mut self, data: &mut Bytes) -> Result<(), Status> {
        match self.part {
            MessagePart::Header => self.read_headers(data)?,
            MessagePart::Body | MessagePart::Chunk => {
                let piece = self.take(data);
                if self.part == MessagePart::Chunk {
                    self.ready.push_back(chunk_head(piece.len()));
                }
                self.ready.push_back(piece);
            }
            MessagePart::Unknown => drop(self.take(data)),
            MessagePart::First => {
                let piece = self.take(data);
                self.held.extend_from_slice(&piece);
                if self.left == 0 {
                    let first = self.held.split().freeze();
                    check_variables(&first)?;
                    self.ready.push_back(first);
                }
            }
            MessagePart::ChunkHead => self.read_chunk_head(data),
        }
        if self.left == 0 {
            self.part = MessagePart::Header;
        }
        Ok(())
    }

    /// Takes bytes of the message.
    fn take(&mut self, data: &mut Bytes) -> Bytes {
        let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
        self.left -= taken as u64;
        data.split_to(taken)
    }

    /// Reads the header of a message, and all small messages before it.
    fn read_headers(&mut self, data: &mut Bytes) -> Result<(), Status> {
        let mut small = 0;
        while self.held.is_empty() && self.begun && data.len() >= small + HEADER_BYTES {
            let length = message_bytes(&data[small..]);
            let end = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(HEADER_BYTES);
            if length > SMALL_BYTES.min(self.largest()) || data.len() - small < end {
                break;
            }
            small += end;
        }
        if small > 0 {
            self.ready.push_back(data.split_to(small));
            return Ok(());
        }
        let taken = (HEADER_BYTES - self.held.len()).min(data.len());
        self.held.extend_from_slice(&data.split_to(taken));
        if self.held.len() == HEADER_BYTES {
            self.begin_message()?;
        }
        Ok(())
    }

    /// Begins the message of the header.
    fn begin_message(&mut self) -> Result<(), Status> {
        let header = self.held.split().freeze();
        self.left = message_bytes(&header);
        let is_first = !std::mem::replace(&mut self.begun, true);
        let largest = if is_first { self.largest().min(FIRST_BYTES) } else { self.largest() };
        // gRPC rejects a larger one by its header.
        let is_rejected =
            self.left > self.largest() && matches!(self.accepted, Accepted::Stream(_));
        if self.left > largest && !is_rejected {
            let which = if is_first { "the first" } else { "a" };
            let message =
                format!("{which} message has {} bytes, and may have at most {largest}", self.left);
            return Err(Status::invalid_argument(message));
        }
        // A compressed message is rejected by its header too.
        let is_small = self.left <= SMALL_BYTES || is_rejected || header[0] != 0;
        self.part = match (is_small, is_first) {
            (true, _) => MessagePart::Body,
            (false, true) => MessagePart::First,
            (false, false) => MessagePart::ChunkHead,
        };
        if self.part != MessagePart::ChunkHead {
            self.ready.push_back(header);
        }
        Ok(())
    }

    fn largest(&self) -> u64 {
        match self.accepted {
            Accepted::Stream(largest) => largest,
            Accepted::Small => NAME_BYTES,
        }
    }

    /// Reads the bytes in front of a chunk. In place of a large message that is not a chunk, the reader
    /// of the stream gets one that it rejects.
    fn read_chunk_head(&mut self, data: &mut Bytes) {
        let bytes = self.held.len() as u64 + self.left;
        let missing = CHUNK_HEAD_BYTES - self.held.len();
        let mut head = self.held.split();
        head.extend_from_slice(&data[..missing.min(data.len())]);
        let before = bytes - self.left;
        match chunk_offset(&head, bytes) {
            Ok(Some(offset)) => {
                data.advance(offset - usize::try_from(before).unwrap_or_default());
                self.left = bytes - offset as u64;
                self.part = MessagePart::Chunk;
            }
            Ok(None) if head.len() < CHUNK_HEAD_BYTES => {
                data.advance(data.len());
                self.left = bytes - head.len() as u64;
                self.held = head;
            }
            Ok(None) | Err(NotAChunk) => {
                self.ready.push_back(Bytes::from_static(&EMPTY));
                self.part = MessagePart::Unknown;
            }
        }
    }
}

/// Returns the bytes of the message with this header.
fn message_bytes(header: &[u8]) -> u64 {
    (&header[1..]).get_u32().into()
}

/// The message is not one chunk from its first byte to its last.
struct NotAChunk;

/// Returns the offset of the chunk in a message of so many bytes, once it is known.
fn chunk_offset(mut head: &[u8], bytes: u64) -> Result<Option<usize>, NotAChunk> {
    let all = head.len();
    let mut left = bytes;
    for key in [FILE_KEY, CHUNK_KEY] {
        let before = head.len();
        match head.try_get_u8() {
            Err(_) => return Ok(None),
            Ok(found) if found != key => return Err(NotAChunk),
            Ok(_) => {}
        }
        // A length has at most five bytes here, and each but the last has the highest bit.
        let Some(end) = head.iter().position(|byte| *byte < 0x80) else { return Ok(None) };
        let length = decode_varint(&mut &head[..=end]).map_err(|_| NotAChunk)?;
        head.advance(end + 1);
        left = left.checked_sub((before - head.len()) as u64).ok_or(NotAChunk)?;
        if length != left {
            return Err(NotAChunk);
        }
    }
    Ok(Some(all - head.len()))
}

/// Returns what comes before a chunk of so many bytes in a message of its own.
fn chunk_head(bytes: usize) -> Bytes {
    let bytes = bytes as u64;
    let file = 1 + encoded_len_varint(bytes) as u64 + bytes;
    let message = 1 + encoded_len_varint(file) as u64 + file;
    let mut head = BytesMut::with_capacity(HEADER_BYTES + CHUNK_HEAD_BYTES);
    head.put_u8(0);
    head.put_u32(u32::try_from(message).unwrap_or(u32::MAX));
    head.put_u8(FILE_KEY);
    encode_varint(file, &mut head);
    head.put_u8(CHUNK_KEY);
    encode_varint(bytes, &mut head);
    head.freeze()
}

/// Rejects a first message with too many variables.
fn check_variables(message: &[u8]) -> Result<(), Status> {
    let mut variables = 0_usize;
    for_each_field(message, 1, &mut |metadata| {
        for_each_field(metadata, 5, &mut |_| variables += 1);
    });
    if variables <= VARIABLES {
        return Ok(());
    }
    let message = format!("the first message has {variables} variables, more than {VARIABLES}");
    Err(Status::invalid_argument(message))
}

/// Calls `each` with every field of that number, up to a place that is malformed.
fn for_each_field(mut message: &[u8], number: u32, each: &mut dyn FnMut(&[u8])) {
    while let Ok((found, kind)) = decode_key(&mut message) {
        if found == number && kind == WireType::LengthDelimited {
            let Ok(bytes) = decode_varint(&mut message) else { return };
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            let (field, rest) = message.split_at(bytes.min(message.len()));
            each(field);
            message = rest;
        } else if skip_field(kind, found, &mut message, DecodeContext::default()).is_err() {
            return;
        }
    }
}
