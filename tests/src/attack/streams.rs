//! Callers that misuse the socket: streams that stall or drip, messages that are large or only
//! say so, and connections on which nothing comes, or that return when they are closed.

use std::path::Path;
use std::time::Duration;

use axum::body::Body as SentBody;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};
use tonic::Status;

use super::call::{Answer, Call, chunk_header, dial, generate};

/// Bytes of a piece of a large message.
const PIECE: usize = 256 << 10;
/// The time between two bytes of a stream that drips.
const DRIP: Duration = Duration::from_millis(500);
/// How long a caller that leaves stays.
const STAY: Duration = Duration::from_millis(300);
/// How long connections without a request are held open.
pub const HOLD: Duration = Duration::from_secs(3);
/// Connections that are opened before others get a turn.
const BURST: usize = 64;
/// The time after which a caller without a connection tries again.
const AGAIN: Duration = Duration::from_millis(5);
/// The first bytes of a client of HTTP/2: its preface, and settings without an entry.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The stream of a hostile caller, after its first message.
#[derive(Clone, Copy, Debug)]
pub enum Misuse {
    /// Nothing more comes.
    Stall,
    /// One byte at a time comes, for ever.
    Drip,
    /// One message of so many bytes.
    Message(usize),
    /// The header of a message of so many bytes, and this part of it.
    Claim {
        /// The bytes of the message.
        bytes: usize,
        /// Those that are sent.
        sent: usize,
    },
    /// The call's archive under a digest of its own, whose caller leaves before it ends.
    Leave,
}

impl Misuse {
    /// Opens so many streams at once, each on its own connection, and returns their ends.
    pub(super) async fn run(self, socket: &Path, call: &Call, streams: usize) -> Vec<Answer> {
        join_all((0..streams).map(|at| self.send(socket, call, at))).await
    }

    async fn send(self, socket: &Path, call: &Call, at: usize) -> Answer {
        if let Self::Leave = self {
            return leave(socket, call.clone(), at).await;
        }
        let body = stream::iter([call.opening()]).chain(self.rest());
        match dial(socket).await {
            Ok(channel) => {
                let body = SentBody::from_stream(body.map(Ok::<_, Status>));
                generate(channel, body, call.deadline).await
            }
            Err(lost) => lost,
        }
    }

    fn rest(self) -> BoxStream<'static, Bytes> {
        let never = stream::pending();
        match self {
            Self::Stall | Self::Leave => never.boxed(),
            Self::Drip => stream::unfold((), |()| async {
                sleep(DRIP).await;
                let drop = [&chunk_header(1)[..], b"x"].concat();
                Some((Bytes::from(drop), ()))
            })
            .boxed(),
            Self::Message(bytes) => {
                static ZEROS: [u8; PIECE] = [0; PIECE];
                let piece = move |at: usize| Bytes::from_static(&ZEROS[..PIECE.min(bytes - at)]);
                let pieces = (0..bytes).step_by(PIECE).map(piece);
                stream::iter([chunk_header(bytes)]).chain(stream::iter(pieces)).boxed()
            }
            Self::Claim { bytes, sent } => {
                let part = Bytes::from(vec![0; sent]);
                stream::iter([chunk_header(bytes), part]).chain(never).boxed()
            }
        }
    }
}

/// Opens so many calls that never send a message, each on its own connection, and cancels them after
/// a while.
pub(super) async fn open_calls(socket: &Path, call: &Call, count: usize) {
    let open = |_| async {
        if let Ok(channel) = dial(socket).await {
            let body = SentBody::from_stream(stream::pending::<Result<Bytes, Status>>());
            generate(channel, body, call.deadline).await;
        }
    };
    // A call whose connection is closed has ended.
    let all = join_all((0..count).map(open));
    let _cancelled = timeout(HOLD, all).await;
}

/// Sends an archive and leaves before its end, so that no answer is owed.
async fn leave(socket: &Path, mut call: Call, at: usize) -> Answer {
    call.archive.digest = site_render::sha256(&at.to_le_bytes());
    let body = stream::iter(call.messages()).chain(stream::pending());
    let body = SentBody::from_stream(body.map(Ok::<_, Status>));
    match dial(socket).await {
        Ok(channel) => {
            let sent = timeout(STAY, generate(channel, body, call.deadline)).await;
            sent.unwrap_or_else(|_left| Answer::Manifests(Vec::new()))
        }
        Err(lost) => lost,
    }
}

/// Opens so many connections on which no request comes, and closes them after a while.
pub(super) async fn open_connections(socket: &Path, count: usize) -> usize {
    let mut open = Vec::new();
    for at in 0..count {
        match UnixStream::connect(socket).await {
            Ok(stream) => open.push(stream),
            Err(_) => break,
        }
        if at % BURST == 0 {
            tokio::task::yield_now().await;
        }
    }
    sleep(HOLD).await;
    open.len()
}

/// Holds so many connections open for a while, each with the same first bytes and no request. One that
/// the server closes is opened again at once.
pub(super) async fn hold_connections(socket: &Path, count: usize, first: &[u8]) {
    let hold = |_| async {
        loop {
            match UnixStream::connect(socket).await {
                Ok(stream) => wait_for_close(stream, first).await,
                Err(_full) => sleep(AGAIN).await,
            }
        }
    };
    let all = join_all((0..count).map(hold));
    let _left: Result<Vec<()>, _> = timeout(HOLD, all).await;
}

/// Sends the first bytes, and reads until the server closes the connection.
async fn wait_for_close(mut stream: UnixStream, first: &[u8]) {
    let mut buffer = [0; 64];
    if stream.write_all(first).await.is_ok() {
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    }
}
