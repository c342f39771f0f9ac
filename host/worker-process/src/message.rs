//! Messages between parent and worker: a kind, bytes, and at most one file descriptor.
//!
//! A message is one byte for its kind, four bytes for its length (little-endian), and its bytes.
//! The descriptor travels with the first of them (`SCM_RIGHTS` of unix(7)). Neither side trusts a
//! length: each reads at most what it allows.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::event::PollFlags;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::stream::DeadlineStream;

/// The bytes of a message before its content.
pub(crate) const HEAD: usize = 5;

/// A received message.
#[derive(Debug)]
pub struct Message {
    /// Its kind, whose meaning both sides agree on.
    pub kind: u8,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The descriptor that came with it.
    pub file: Option<OwnedFd>,
}

impl Message {
    /// Sends a message to a worker before the stream's deadline.
    ///
    /// # Errors
    /// `TimedOut` after the deadline; any other error means that the worker has ended.
    pub fn send(
        stream: &mut DeadlineStream<'_>,
        kind: u8,
        bytes: &[u8],
        file: Option<BorrowedFd<'_>>,
    ) -> io::Result<()> {
        let sent = stream.retry(PollFlags::OUT, |socket| send_first(socket, kind, bytes, file))?;
        stream.write_all(&bytes[sent..])
    }

    /// Sends a message to the parent.
    ///
    /// # Errors
    /// The parent has ended.
    pub fn send_to_parent(mut socket: &UnixStream, kind: u8, bytes: &[u8]) -> io::Result<()> {
        let sent = send_first(socket, kind, bytes, None)?;
        socket.write_all(&bytes[sent..])
    }

    /// Receives the parent's next message, or `None` when the parent has ended. The parent is
    /// trusted, so the size is not limited.
    ///
    /// # Errors
    /// The socket is broken.
    pub fn receive_from_parent(mut socket: &UnixStream) -> io::Result<Option<Self>> {
        let Some(head) = receive_head(socket)? else { return Ok(None) };
        head.finish(&mut socket, u64::from(u32::MAX)).map(Some)
    }
}

/// Sends the head with the descriptor and the beginning of the bytes. Returns how many of them
/// were sent.
fn send_first(
    socket: &UnixStream,
    kind: u8,
    bytes: &[u8],
    file: Option<BorrowedFd<'_>>,
) -> io::Result<usize> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let [a, b, c, d] = length.to_le_bytes();
    let head = [kind, a, b, c, d];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let files = file.map(|file| [file]);
    if let Some(files) = &files {
        ancillary.push(SendAncillaryMessage::ScmRights(files));
    }
    let pieces = [IoSlice::new(&head), IoSlice::new(bytes)];
    let sent = sendmsg(socket.as_fd(), &pieces, &mut ancillary, SendFlags::NOSIGNAL)?;
    // A new message finds its socket empty, so its head is never split.
    sent.checked_sub(HEAD).ok_or_else(|| io::ErrorKind::WriteZero.into())
}

/// The beginning of a message.
struct Head {
    kind: u8,
    length: u32,
    file: Option<OwnedFd>,
}

impl Head {
    /// Reads the bytes of the message.
    fn finish(self, stream: &mut impl Read, limit: u64) -> io::Result<Message> {
        if u64::from(self.length) > limit {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; self.length as usize];
        stream.read_exact(&mut bytes)?;
        Ok(Message { kind: self.kind, bytes, file: self.file })
    }
}

/// Receives the head of a message, or `None` at the end of the stream.
fn receive_head(mut socket: &UnixStream) -> io::Result<Option<Head>> {
    let mut head = [0; HEAD];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut pieces = [IoSliceMut::new(&mut head)];
        match recvmsg(socket.as_fd(), &mut pieces, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            done => break done?.bytes,
        }
    };
    if received == 0 {
        return Ok(None);
    }
    socket.read_exact(&mut head[received..])?;
    let file = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let [kind, length @ ..] = head;
    Ok(Some(Head { kind, length: u32::from_le_bytes(length), file }))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::memory_file::MemoryFile;

    fn soon(stream: &UnixStream) -> DeadlineStream<'_> {
        DeadlineStream::new(stream, Instant::now() + Duration::from_secs(10))
    }

    #[test]
    fn a_message_arrives_with_its_file() {
        let (parent, worker) = UnixStream::pair().unwrap();
        parent.set_nonblocking(true).unwrap();
        let file = MemoryFile::create("test").unwrap();
        file.write_at(b"content", 0).unwrap();
        // More than a socket buffers, so that it is sent in several pieces.
        let large = vec![7; 4 << 20];
        std::thread::scope(|scope| {
            scope.spawn(|| {
                Message::send(&mut soon(&parent), 3, &large, Some(file.as_fd())).unwrap();
                Message::send(&mut soon(&parent), 4, &[], None).unwrap();
            });
            let first = Message::receive_from_parent(&worker).unwrap().unwrap();
            assert_eq!((first.kind, first.bytes.len()), (3, large.len()));
            let mut text = [0; 7];
            MemoryFile::received(first.file.unwrap()).read_at(&mut text, 0).unwrap();
            assert_eq!(&text, b"content");
            let second = Message::receive_from_parent(&worker).unwrap().unwrap();
            assert_eq!((second.kind, second.bytes.len()), (4, 0));
            assert!(second.file.is_none());
        });
        drop(parent);
        assert!(Message::receive_from_parent(&worker).unwrap().is_none());
    }
}
