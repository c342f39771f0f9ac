//! A look at the next byte of a connection.

use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

/// The next byte of a connection.
pub(super) enum NextByte {
    Sent,
    NotYet,
    /// The peer has closed the connection, and nothing is left to read.
    Never,
}

/// Looks at the next byte of a connection, and leaves it there.
pub(super) fn next_byte(stream: impl AsFd) -> NextByte {
    match recv(stream, &mut [0; 1], RecvFlags::PEEK) {
        Ok((0, _)) => NextByte::Never,
        Ok(_) => NextByte::Sent,
        Err(Errno::AGAIN | Errno::INTR) => NextByte::NotYet,
        Err(_broken) => NextByte::Never,
    }
}
