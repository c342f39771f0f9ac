//! A message of a worker, read without waiting.

use std::io;
use std::os::unix::net::UnixStream;

use rustix::net::{RecvFlags, recv};

use crate::message::{HEAD, Message};

/// A message of a worker that arrives in pieces. Its reader chooses how to wait for the next.
#[derive(Debug, Default)]
pub struct Arrival {
    head: [u8; HEAD],
    bytes: Vec<u8>,
    /// The bytes that have arrived, those of the head included.
    arrived: usize,
}

impl Arrival {
    /// Reads what has arrived of a message of at most `limit` bytes. Returns whether it is
    /// complete.
    ///
    /// # Errors
    /// The worker has ended or sent something else.
    pub fn read(&mut self, socket: &UnixStream, limit: u64) -> io::Result<bool> {
        while self.arrived < HEAD {
            match receive_now(socket, &mut self.head[self.arrived..])? {
                Some(received) => self.arrived += received,
                None => return Ok(false),
            }
        }
        let length = self.length();
        if u64::from(length) > limit {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.bytes.resize(length as usize, 0);
        while self.arrived - HEAD < self.bytes.len() {
            match receive_now(socket, &mut self.bytes[self.arrived - HEAD..])? {
                Some(received) => self.arrived += received,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Returns the kind and the bytes of a message whose head has arrived.
    pub fn peek(&self) -> Option<(u8, &[u8])> {
        (self.arrived >= HEAD).then(|| (self.head[0], &*self.bytes))
    }

    /// Returns a message that is complete, and begins with the next.
    pub fn take(&mut self) -> Message {
        let done = std::mem::take(self);
        Message { kind: done.head[0], bytes: done.bytes, file: None }
    }

    fn length(&self) -> u32 {
        let [_, length @ ..] = self.head;
        u32::from_le_bytes(length)
    }
}

/// Receives what has arrived, or `None` if that is nothing.
fn receive_now(socket: &UnixStream, bytes: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        match recv(socket, &mut *bytes, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok((received, _)) => return Ok(Some(received)),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_message_is_complete_with_its_last_byte() {
        let (parent, mut worker) = UnixStream::pair().unwrap();
        let mut arrival = Arrival::default();
        assert!(!arrival.read(&parent, 3).unwrap());
        assert!(arrival.peek().is_none());
        for byte in [7, 3, 0, 0, 0, b'a', b'b'] {
            worker.write_all(&[byte]).unwrap();
            assert!(!arrival.read(&parent, 3).unwrap());
        }
        worker.write_all(&[b'c', 8, 0, 0, 0, 0]).unwrap();
        assert!(arrival.read(&parent, 3).unwrap());
        assert_eq!(arrival.peek(), Some((7, &b"abc"[..])));
        let message = arrival.take();
        assert_eq!((message.kind, &*message.bytes), (7, &b"abc"[..]));
        assert!(arrival.read(&parent, 3).unwrap());
        assert_eq!(arrival.take().kind, 8);
    }

    #[test]
    fn no_length_is_believed_and_the_end_of_a_worker_is_an_error() {
        let (parent, worker) = UnixStream::pair().unwrap();
        Message::send_to_parent(&worker, 1, &[0; 101]).unwrap();
        let error = Arrival::default().read(&parent, 100).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let (parent, _) = UnixStream::pair().unwrap();
        let error = Arrival::default().read(&parent, 100).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
