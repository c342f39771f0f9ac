//! The failure that a worker reports. It is untrusted: the parent checks every file name and
//! position in it.

use serde::{Deserialize, Serialize};

/// Maximum characters of a message.
pub(crate) const MESSAGE: usize = 400;

/// Maximum steps of a trace in a message.
pub(crate) const STEPS: usize = 4;

/// A failed evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The kind of failure.
    pub(crate) kind: FailureKind,
    /// The evaluator's message.
    pub(crate) message: String,
    /// The part of the message that the document computed: a text of its own, or a name.
    pub(crate) computed: Option<String>,
    /// The stack trace, innermost step first.
    pub(crate) trace: Vec<TraceStep>,
    /// Number of further steps.
    pub(crate) more: usize,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FailureKind {
    /// Invalid Jsonnet.
    Syntax,
    /// An error during evaluation.
    Evaluate,
    /// An imported file is not valid for its kind of import.
    Import,
    /// Too many nested calls.
    Depth,
    /// The JSON exceeds its limit.
    Output,
}

/// A step of a stack trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TraceStep {
    /// The file's name and the byte offset in it, if the evaluator knows them.
    pub(crate) at: Option<(String, u32)>,
    /// The evaluator's description of the step.
    pub(crate) what: String,
}
