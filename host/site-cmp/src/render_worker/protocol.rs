//! The messages between the server and a render worker, in postcard's form.

use std::collections::BTreeMap;
use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::call_rejection::CallRejection;
use crate::helm::HelmVariables;

/// The kinds of messages.
pub(crate) mod kind {
    /// Server: [`Start`](super::Start), once, with the descriptor of the progress file.
    pub(crate) const START: u8 = 1;
    /// Server: compiled code of the artifact whose digest the message has; the descriptor is the
    /// code.
    pub(crate) const CODE: u8 = 2;
    /// Server: [`NoCode`](super::NoCode).
    pub(crate) const NO_CODE: u8 = 3;
    /// Server: the bytes that it has room for in artifacts (see [`with_room`](super::with_room)) and
    /// an [`Order`](super::Order), with the descriptor of its archive.
    pub(crate) const ORDER: u8 = 4;
    /// Worker: a [`policy_sandbox::WantedCode`], with the artifact if the server has room for it; the
    /// answer follows.
    pub(crate) const WANTED: u8 = 5;
    /// Worker: an [`Answer`](super::Answer), once for each order.
    pub(crate) const ANSWER: u8 = 6;
}

/// The most archives that a worker keeps open, each with a descriptor.
pub(crate) const ARCHIVES: usize = 16;

/// Returns the postcard form of a message.
pub(crate) fn encode<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(io::Error::other)
}

/// Reads the postcard form of a message.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}

/// Returns an order in its postcard form, preceded by the bytes of artifacts that the server has
/// room for.
pub(crate) fn with_room(room: u64, order: &[u8]) -> Vec<u8> {
    [&room.to_le_bytes(), order].concat()
}

/// Splits the message of an order.
pub(crate) fn split_room(message: &[u8]) -> io::Result<(u64, &[u8])> {
    let (room, order) = message.split_first_chunk().ok_or(io::ErrorKind::InvalidData)?;
    Ok((u64::from_le_bytes(*room), order))
}

/// The settings of a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Start {
    /// The text of the operator's limits file, and its name.
    pub(crate) limits: Option<(String, Vec<u8>)>,
    /// The helm program, if a variable of the server names one.
    pub(crate) helm: Option<String>,
    /// The variables of the server that helm may get.
    pub(crate) helm_variables: HelmVariables,
    /// The largest answer, in bytes.
    pub(crate) answer_bytes: usize,
}

/// An artifact that has no code, and why.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoCode {
    /// The digest.
    pub(crate) sha256: String,
    /// The error, as [`policy_sandbox::CompileError`] writes it.
    pub(crate) error: Vec<u8>,
}

/// The result that a call requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Product {
    /// The documents of a site or an environment.
    Manifests,
    /// The parameters for Argo CD's interface.
    Parameters,
}

/// A call to answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The requested result.
    pub(crate) product: Product,
    /// The digest of the archive.
    pub(crate) digest: [u8; 32],
    /// The application's folder in the archive.
    pub(crate) folder: String,
    /// The variables of the call.
    pub(crate) variables: BTreeMap<String, String>,
}

/// The answer to an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The facts for the log.
    pub(crate) facts: Facts,
    /// The result.
    pub(crate) outcome: Outcome,
}

/// The result of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// Documents, each as one line of JSON.
    Manifests(Vec<String>),
    /// Argo CD's `ParametersAnnouncementResponse` in its protobuf form.
    Parameters(Vec<u8>),
    /// The call is rejected.
    Rejected(CallRejection),
    /// Policies are missing; those that are wanted were sent before.
    Pending,
}

/// The facts of a render for the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The site; empty for an environment.
    pub(crate) site: String,
    /// The environment.
    pub(crate) environment: String,
    /// The component.
    pub(crate) component: String,
    /// The target's name.
    pub(crate) target: String,
    /// The digest of the lock.
    pub(crate) lock: String,
    /// The digest of all documents.
    pub(crate) output: String,
    /// Whether the worker had the answer from an earlier call.
    pub(crate) known: bool,
    /// The fuel that policies spent.
    pub(crate) fuel: u64,
    /// The largest memory of a policy, in bytes.
    pub(crate) memory: u64,
}
