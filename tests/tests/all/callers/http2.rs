//! As much of HTTP/2 and gRPC as a caller needs that breaks off, stalls or floods: no library
//! lets it.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Types of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const WINDOW_UPDATE: u8 = 8;
/// The flag of headers that are complete, and of settings that are confirmed.
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
/// The flag of a stream's last frame.
const END_STREAM: u8 = 1;
/// The bytes that a peer may send at first, and the largest frame.
const WINDOW: i64 = 65_535;
const FRAME: usize = 16_384;
const CALL: u32 = 1;

/// A call with a deadline of many hours.
pub(super) struct Stream {
    connection: UnixStream,
    /// The bytes that may be sent: on the connection, and on the stream.
    windows: [i64; 2],
}

/// Begins HTTP/2 and sends no call.
pub(super) fn send_preface(mut connection: &UnixStream) {
    connection.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    connection.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
}

/// The first message of a call of that project, with a digest that no archive has.
pub(super) fn metadata(project: &str) -> Vec<u8> {
    let variable = [field(1, b"ARGOCD_APP_PROJECT_NAME"), field(2, project.as_bytes())].concat();
    let parts = [field(2, b"."), field(3, &[b'0'; 64]), field(5, &variable)];
    field(1, &parts.concat())
}

impl Stream {
    /// Opens a call.
    pub(super) fn open(socket: &Path) -> Self {
        Self::open_with(socket, &[])
    }

    /// Opens a call with further headers.
    pub(super) fn open_with(socket: &Path, further: &[(&str, &str)]) -> Self {
        let mut connection = UnixStream::connect(socket).unwrap();
        send_preface(&connection);
        let headers: Vec<u8> = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/plugin.ConfigManagementPluginService/GenerateManifest"),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("grpc-timeout", "99H"),
        ]
        .iter()
        .chain(further)
        .flat_map(|(name, value)| literal(name, value))
        .collect();
        connection.write_all(&frame(HEADERS, END_HEADERS, CALL, &headers)).unwrap();
        Self { connection, windows: [WINDOW; 2] }
    }

    /// Sends a message.
    pub(super) fn send(&mut self, message: &[u8]) {
        assert!(self.send_data(&[&header(message.len()), message].concat()));
    }

    /// Sends the first `sent` bytes of a chunk of `length`, and returns the open call.
    pub(super) fn send_part(mut self, length: usize, sent: usize) -> Self {
        let zeros = vec![0; FRAME];
        let mut left = sent;
        let mut goes_on = self.send_data(&chunk_head(length));
        while goes_on && left > 0 {
            let part = left.min(FRAME);
            goes_on = self.send_data(&zeros[..part]);
            left -= part;
        }
        self
    }

    /// Reads until the server has ended the call.
    pub(super) fn wait_for_end(&mut self) {
        while let Some((kind, flags, _)) = self.read_frame() {
            if kind == RESET || (kind == HEADERS && flags & END_STREAM != 0) {
                return;
            }
        }
        panic!("the server closed the connection without an answer");
    }

    /// Sends bytes as soon as the server has room for them. Returns false once it is gone.
    fn send_data(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let room = self.windows[0].min(self.windows[1]);
            let part = usize::try_from(room).unwrap_or(0).min(bytes.len()).min(FRAME);
            if part == 0 {
                if self.read_frame().is_none() {
                    return false;
                }
                continue;
            }
            if self.connection.write_all(&frame(DATA, 0, CALL, &bytes[..part])).is_err() {
                return false;
            }
            bytes = &bytes[part..];
            for window in &mut self.windows {
                *window -= i64::try_from(part).unwrap();
            }
        }
        true
    }

    /// Reads a frame and follows what it says of windows. None if the server is gone.
    fn read_frame(&mut self) -> Option<(u8, u8, Vec<u8>)> {
        let mut head = [0; 9];
        self.connection.read_exact(&mut head).ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.connection.read_exact(&mut payload).ok()?;
        match (kind, &payload[..]) {
            (WINDOW_UPDATE, [a, b, c, d]) => {
                let window = usize::from(u32::from_be_bytes(stream) == CALL);
                self.windows[window] += i64::from(u32::from_be_bytes([*a, *b, *c, *d]));
            }
            (SETTINGS, settings) if flags & ACK == 0 => {
                for setting in settings.chunks_exact(6) {
                    // SETTINGS_INITIAL_WINDOW_SIZE
                    if let [0, 4, a, b, c, d] = setting {
                        self.windows[1] += i64::from(u32::from_be_bytes([*a, *b, *c, *d])) - WINDOW;
                    }
                }
                self.connection.write_all(&frame(SETTINGS, ACK, 0, &[])).ok()?;
            }
            _ => {}
        }
        Some((kind, flags, payload))
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header field that is written in full (RFC 7541, section 6.2.2).
fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// The header of a gRPC message.
fn header(length: usize) -> [u8; 5] {
    let [a, b, c, d] = u32::try_from(length).unwrap().to_be_bytes();
    [0, a, b, c, d]
}

/// The beginning of a message of `length` bytes that is one chunk of an archive.
fn chunk_head(length: usize) -> Vec<u8> {
    let of_four = |number: u8, bytes: usize| {
        let seven = |at: usize| u8::try_from(bytes >> (7 * at) & 127).unwrap();
        [number << 3 | 2, seven(0) | 128, seven(1) | 128, seven(2) | 128, seven(3)]
    };
    [&header(length)[..], &of_four(2, length - 5), &of_four(1, length - 10)].concat()
}

/// A field of a protobuf message, of at most 16,383 bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let (low, high) = (bytes.len() & 127, bytes.len() >> 7);
    let length = [u8::try_from(low).unwrap() | 128, u8::try_from(high).unwrap()];
    [&[number << 3 | 2][..], &length, bytes].concat()
}
