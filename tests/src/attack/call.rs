//! One call of Argo CD's plugin protocol, framed by hand, so that a hostile caller can break it.
//!
//! Repo-server dials for each Application, checks the plugin's configuration twice, and sends
//! metadata and the archive in one stream of messages. Names and numbers are those of
//! `plugin.proto`.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body as SentBody;
use bytes::{BufMut as _, Bytes, BytesMut};
use hyper_util::rt::TokioIo;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};
use serde_json::json;
use tokio::net::UnixStream;
use tonic::codegen::{Body as _, Service as _, http};
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status};
use tower::service_fn;

use super::packed::Packed;

/// Bytes of an archive in one message: `ARGOCD_CMP_CHUNK_SIZE` of a site with large repos.
const CHUNK: usize = 32 << 10;
const SERVICE: &str = "http://localhost/plugin.ConfigManagementPluginService";

/// A call for the manifests of an Application.
#[derive(Clone, Debug)]
pub struct Call {
    /// The repo.
    pub archive: Packed,
    /// The Application's folder in it.
    pub folder: String,
    /// The variables of the call, in order.
    pub variables: Vec<(String, String)>,
    /// The caller's deadline.
    pub deadline: Duration,
}

/// The end of a call, as its caller sees it.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The manifests.
    Manifests(Vec<String>),
    /// The server's own error, in its own words.
    Refused(Code, String),
    /// No answer of the server: a broken connection, or silence until the deadline.
    Lost(String),
}

#[derive(Clone, PartialEq, Message)]
struct StreamRequest {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Message)]
struct Metadata {
    #[prost(string, tag = "1")]
    app_name: String,
    #[prost(string, tag = "2")]
    app_rel_path: String,
    #[prost(string, tag = "3")]
    checksum: String,
    #[prost(int64, tag = "4")]
    size: i64,
    #[prost(message, repeated, tag = "5")]
    env: Vec<Variable>,
}

#[derive(Clone, PartialEq, Message)]
struct Variable {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Manifests {
    #[prost(string, repeated, tag = "1")]
    manifests: Vec<String>,
}

impl Call {
    /// Makes a call, as repo-server does, on a connection of its own.
    pub async fn send(&self, socket: &Path) -> Answer {
        let channel = match dial(socket).await {
            Ok(channel) => channel,
            Err(lost) => return lost,
        };
        for _ in 0..2 {
            let check = SentBody::from(frame(&[]));
            let checked = unary(channel.clone(), "CheckPluginConfiguration", check, self.deadline);
            if let Err(ended) = checked.await {
                return ended;
            }
        }
        let body = SentBody::from_stream(tokio_stream::iter(self.messages().map(Ok::<_, Status>)));
        generate(channel, body, self.deadline).await
    }

    /// Adds a parameter of the plugin.
    #[must_use]
    pub(super) fn with_parameter(mut self, name: &str, value: &str) -> Self {
        let parameters = json!([{"name": name, "string": value}]);
        self.variables.push(("ARGOCD_APP_PARAMETERS".to_owned(), parameters.to_string()));
        self
    }

    /// Returns the messages of the stream, each in its frame.
    pub(super) fn messages(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        let bytes = self.archive.bytes.clone();
        let starts = (0..bytes.len()).step_by(CHUNK);
        let chunks = starts.flat_map(move |at| {
            let chunk = bytes.slice(at..bytes.len().min(at + CHUNK));
            [chunk_header(chunk.len()), chunk]
        });
        std::iter::once(self.opening()).chain(chunks)
    }

    /// Returns the first message, in its frame.
    pub(super) fn opening(&self) -> Bytes {
        let variable = |(name, value): &(String, String)| Variable {
            name: name.clone(),
            value: value.clone(),
        };
        let metadata = Metadata {
            app_name: self.folder.rsplit('/').next().unwrap_or_default().to_owned(),
            app_rel_path: self.folder.clone(),
            checksum: self.archive.digest.clone(),
            size: i64::try_from(self.archive.bytes.len()).expect("an archive in memory"),
            env: self.variables.iter().map(variable).collect(),
        };
        frame(&StreamRequest { metadata: Some(metadata) }.encode_to_vec())
    }
}

impl Answer {
    /// Returns the text of an answer, whatever it is, for a message.
    pub fn text(&self) -> String {
        match self {
            Self::Manifests(manifests) => format!("{} manifests", manifests.len()),
            Self::Refused(code, message) => format!("{code:?}: {message}"),
            Self::Lost(why) => format!("lost: {why}"),
        }
    }
}

/// Connects to the socket.
pub(super) async fn dial(socket: &Path) -> Result<Channel, Answer> {
    let socket: PathBuf = socket.to_owned();
    let connector = service_fn(move |_: Uri| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    endpoint.connect_with_connector(connector).await.map_err(|error| lost(&error))
}

/// Sends a stream of framed messages for manifests, and waits for the answer.
pub(super) async fn generate(channel: Channel, body: SentBody, deadline: Duration) -> Answer {
    match unary(channel, "GenerateManifest", body, deadline).await {
        Ok(message) => match Manifests::decode(message) {
            Ok(answer) => Answer::Manifests(answer.manifests),
            Err(error) => lost(&error),
        },
        Err(answer) => answer,
    }
}

/// Makes one call, and returns the message of the answer.
async fn unary(
    mut channel: Channel,
    method: &str,
    body: SentBody,
    deadline: Duration,
) -> Result<Bytes, Answer> {
    let request = http::Request::post(format!("{SERVICE}/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", format!("{}m", deadline.as_millis()))
        .body(tonic::body::Body::new(body))
        .expect("a request");
    poll_fn(|context| channel.poll_ready(context)).await.map_err(|error| lost(&error))?;
    let response = channel.call(request).await.map_err(|error| lost(&error))?;
    let (head, mut body) = response.into_parts();
    let mut message = BytesMut::new();
    let mut status = Status::from_header_map(&head.headers);
    while let Some(next) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        match next.map_err(|error| lost(&error))?.into_data() {
            Ok(data) => message.extend_from_slice(&data),
            Err(other) => {
                let trailers = other.into_trailers().unwrap_or_default();
                status = Status::from_header_map(&trailers);
            }
        }
    }
    match status {
        Some(status) if status.code() == Code::Ok => Ok(message.freeze().split_off(5)),
        Some(status) => Err(refused(&status)),
        None => Err(Answer::Lost("the answer has no status".to_owned())),
    }
}

/// Returns the answer of a status: the server's own errors begin with their code.
fn refused(status: &Status) -> Answer {
    let message = status.message().to_owned();
    if message.starts_with("error[") {
        Answer::Refused(status.code(), message)
    } else {
        Answer::Lost(format!("{:?}: {message}", status.code()))
    }
}

/// Returns an error with its causes: tonic's own text is only "transport error".
fn lost(error: &dyn std::error::Error) -> Answer {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    Answer::Lost(text)
}

/// Returns a message in its frame: a byte that says it is not compressed, and its length.
fn frame(message: &[u8]) -> Bytes {
    let mut framed = frame_header(message.len());
    framed.extend_from_slice(message);
    framed.freeze()
}

/// Returns the frame and the fields before a chunk of this length.
pub(super) fn chunk_header(length: usize) -> Bytes {
    let file = 1 + encoded_len_varint(length as u64) + length;
    let mut header = frame_header(1 + encoded_len_varint(file as u64) + file);
    encode_key(2, WireType::LengthDelimited, &mut header);
    encode_varint(file as u64, &mut header);
    encode_key(1, WireType::LengthDelimited, &mut header);
    encode_varint(length as u64, &mut header);
    header.freeze()
}

fn frame_header(length: usize) -> BytesMut {
    let mut header = BytesMut::with_capacity(5 + length.min(64));
    header.put_u8(0);
    header.put_u32(u32::try_from(length).expect("a message of at most 4 GiB"));
    header
}
