//! The error of a rejected call: its findings, and the kind that selects the gRPC code.
//!
//! The repo-server turns every gRPC code into `Unknown` and shows users only the text. So the
//! text is that of `cmp generate`, and its first line states the error.

use std::borrow::Cow;

use site_render::finding::{Code, Fault, Finding, Problems};
use tonic::Status;

use crate::codes;
use crate::report;

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RejectKind {
    /// The rendered files or the Application's parameters are wrong.
    Input,
    /// The stream does not follow the plugin protocol.
    Malformed,
    /// A limit of this server on size or concurrency is exceeded.
    Busy,
    /// The caller's deadline has passed or is about to.
    Deadline,
    /// The environment is broken.
    Environment,
    /// A bug in this program.
    Bug,
    /// The caller closed the connection.
    Cancelled,
}

/// The error of a rejected call.
#[derive(Clone, Debug)]
pub(super) struct CallRejection {
    pub(super) kind: RejectKind,
    pub(super) problems: Problems,
}

impl RejectKind {
    /// Returns the kind's name in logs and metrics.
    pub(super) fn metric_label(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Malformed => "malformed",
            Self::Busy => "busy",
            Self::Deadline => "deadline",
            // The label is public: alerts and dashboards select it.
            Self::Environment => "machine",
            Self::Bug => "bug",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the gRPC code of the kind.
    fn grpc_code(self) -> tonic::Code {
        match self {
            Self::Input => tonic::Code::FailedPrecondition,
            Self::Malformed => tonic::Code::InvalidArgument,
            Self::Busy => tonic::Code::ResourceExhausted,
            Self::Deadline => tonic::Code::DeadlineExceeded,
            Self::Environment => tonic::Code::Unavailable,
            Self::Bug => tonic::Code::Internal,
            Self::Cancelled => tonic::Code::Cancelled,
        }
    }
}

impl CallRejection {
    /// Creates an error with one finding.
    pub(super) fn new(kind: RejectKind, finding: Finding) -> Self {
        let fault = match kind {
            RejectKind::Environment
            | RejectKind::Busy
            | RejectKind::Deadline
            | RejectKind::Cancelled => Fault::Environment,
            RejectKind::Bug => Fault::Bug,
            RejectKind::Input | RejectKind::Malformed => Fault::Input,
        };
        Self { kind, problems: finding.blame(fault).into() }
    }

    /// Returns the error of a stream that does not follow the protocol.
    pub(super) fn malformed_stream(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(RejectKind::Malformed, code.finding(message))
    }

    /// Returns the error of an exceeded limit; `key` is its name in the limits file.
    pub(super) fn over_limit(code: &'static Code, message: impl Into<String>, key: &str) -> Self {
        let hint = format!("raise {key} under `server` in the operator's limits file");
        Self::new(RejectKind::Busy, code.finding(message).hint(hint))
    }

    /// Returns the error of a panic.
    pub(super) fn program_bug(what: &str) -> Self {
        let message = format!("site-cmp stopped this call because of a bug: {what}");
        let finding = codes::PROGRAM_BUG.finding(message);
        Self::new(RejectKind::Bug, finding.hint("report this line together with the application"))
    }

    /// Returns the first error's code if it is in a catalogue of the host, and `policy`
    /// otherwise: policies choose their own codes, and each new label value takes memory for
    /// the life of the process.
    pub(super) fn error_code(&self) -> &'static str {
        match self.problems.0.iter().find(|f| f.is_error()).map(|f| &f.code) {
            Some(Cow::Borrowed(code)) => code,
            _ => "policy",
        }
    }

    /// Returns the first line of the message.
    pub(super) fn first_line(&self) -> String {
        self.message_text().lines().next().unwrap_or_default().to_owned()
    }

    /// Returns the findings as `cmp generate` prints them.
    fn message_text(&self) -> String {
        report::render_for_argocd(&self.problems.0)
    }
}

impl From<Problems> for CallRejection {
    fn from(problems: Problems) -> Self {
        let kind = match problems.fault() {
            Fault::Input => RejectKind::Input,
            Fault::Environment => RejectKind::Environment,
            Fault::Bug => RejectKind::Bug,
        };
        Self { kind, problems }
    }
}

impl From<CallRejection> for Status {
    fn from(refused: CallRejection) -> Self {
        Self::new(refused.kind.grpc_code(), refused.message_text())
    }
}
