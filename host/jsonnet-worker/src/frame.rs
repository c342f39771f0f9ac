//! The protocol between parent and worker: frames with a kind and up to two fields.
//!
//! A frame is one byte for its kind, four bytes for its length, and its fields (lengths are
//! little-endian). Neither side trusts a length: each reads at most what it allows.

use std::io::{self, Read, Write};

/// A message of the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Parent: evaluate the file of this name and content.
    Evaluate(Vec<u8>, Vec<u8>),
    /// Worker: the file of this name imports this path.
    Import(Vec<u8>, Vec<u8>),
    /// Parent: the import is the file of this name and content.
    File(Vec<u8>, Vec<u8>),
    /// Parent: the import is a file of this name that the worker already has.
    Known(Vec<u8>),
    /// Parent: the import is refused.
    Refused,
    /// Worker: the evaluation returned this JSON.
    Done(Vec<u8>),
    /// Worker: the evaluation failed.
    Failed(Vec<u8>),
}

impl Frame {
    fn to_parts(&self) -> (u8, [&[u8]; 2]) {
        match self {
            Self::Evaluate(name, content) => (1, [name, content]),
            Self::Import(from, import) => (2, [from, import]),
            Self::File(name, content) => (3, [name, content]),
            Self::Known(name) => (4, [name, &[]]),
            Self::Refused => (5, [&[], &[]]),
            Self::Done(json) => (6, [json, &[]]),
            Self::Failed(failure) => (7, [failure, &[]]),
        }
    }

    /// Writes the frame.
    pub(crate) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let (kind, [first, second]) = self.to_parts();
        let length = |bytes: usize| u32::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput);
        let mut bytes = Vec::with_capacity(first.len() + second.len() + 9);
        bytes.push(kind);
        bytes.extend(length(first.len() + second.len() + 4)?.to_le_bytes());
        bytes.extend(length(first.len())?.to_le_bytes());
        bytes.extend_from_slice(first);
        bytes.extend_from_slice(second);
        output.write_all(&bytes)?;
        output.flush()
    }

    /// Reads a frame of at most `limit` bytes. Returns `None` at the end of the stream.
    pub(crate) fn read(input: &mut impl Read, limit: u64) -> io::Result<Option<Self>> {
        let mut head = [0; 5];
        if input.read(&mut head[..1])? == 0 {
            return Ok(None);
        }
        input.read_exact(&mut head[1..])?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length);
        if u64::from(length) > limit.saturating_add(4) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = vec![0; length as usize];
        input.read_exact(&mut bytes)?;
        Self::parse(kind, &bytes).map(Some).ok_or(io::ErrorKind::InvalidData.into())
    }

    fn parse(kind: u8, bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (first, second) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (first, second) = (first.to_vec(), second.to_vec());
        Some(match kind {
            1 => Self::Evaluate(first, second),
            2 => Self::Import(first, second),
            3 => Self::File(first, second),
            4 => Self::Known(first),
            5 => Self::Refused,
            6 => Self::Done(first),
            7 => Self::Failed(first),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        for frame in [
            Frame::Evaluate(b"a".to_vec(), b"{}\0\xff".to_vec()),
            Frame::Import(Vec::new(), b"x".to_vec()),
            Frame::File(b"n".to_vec(), Vec::new()),
            Frame::Known(b"n".to_vec()),
            Frame::Refused,
            Frame::Done(vec![7; 70_000]),
            Frame::Failed(b"{}".to_vec()),
        ] {
            let mut bytes = Vec::new();
            frame.write(&mut bytes).unwrap();
            assert_eq!(Frame::read(&mut bytes.as_slice(), 1 << 20).unwrap(), Some(frame));
        }
        assert_eq!(Frame::read(&mut [].as_slice(), 10).unwrap(), None);
    }

    #[test]
    fn no_length_is_believed() {
        for bytes in [
            &[6, 255, 255, 255, 255][..],
            &[6, 8, 0, 0, 0, 200, 0, 0, 0, 1, 2, 3, 4],
            &[6, 2, 0, 0, 0, 0, 0],
            &[99, 4, 0, 0, 0, 0, 0, 0, 0],
            &[6, 4, 0],
        ] {
            assert!(Frame::read(&mut &*bytes, 100).is_err(), "{bytes:?}");
        }
        let mut bytes = Vec::new();
        Frame::Done(vec![0; 101]).write(&mut bytes).unwrap();
        assert!(Frame::read(&mut bytes.as_slice(), 100).is_err());
    }
}
