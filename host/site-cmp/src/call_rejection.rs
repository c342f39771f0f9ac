//! The error of a rejected call: its findings, and the kind that selects the gRPC code.
//!
//! The repo-server turns every gRPC code into `Unknown` and shows users only the text. So the
//! text is that of `cmp generate`, and its first line states the error.

use serde::{Deserialize, Serialize};
use site_render::finding::{Code, Fault, Finding, Problems};
use tonic::Status;

use crate::codes;
use crate::report;

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RejectKind {
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

/// The error of a rejected call, as its caller gets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CallRejection {
    /// The kind.
    pub(crate) kind: RejectKind,
    /// The code of the first error.
    code: String,
    /// The findings as `cmp generate` prints them.
    text: String,
}

impl RejectKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 7] = [
        Self::Input,
        Self::Malformed,
        Self::Busy,
        Self::Deadline,
        Self::Environment,
        Self::Bug,
        Self::Cancelled,
    ];

    /// Returns the kind's name in logs and metrics.
    pub(crate) fn metric_label(self) -> &'static str {
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
    pub(crate) fn new(kind: RejectKind, finding: Finding) -> Self {
        let fault = match kind {
            RejectKind::Environment
            | RejectKind::Busy
            | RejectKind::Deadline
            | RejectKind::Cancelled => Fault::Environment,
            RejectKind::Bug => Fault::Bug,
            RejectKind::Input | RejectKind::Malformed => Fault::Input,
        };
        Self::with_findings(kind, &[finding.blame(fault)])
    }

    fn with_findings(kind: RejectKind, findings: &[Finding]) -> Self {
        let first = findings.iter().find(|finding| finding.is_error());
        let code = first.map(|finding| finding.code.clone().into_owned()).unwrap_or_default();
        Self { kind, code, text: report::render_for_argocd(findings) }
    }

    /// Returns the error of a stream that does not follow the protocol.
    pub(crate) fn malformed_stream(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(RejectKind::Malformed, code.finding(message))
    }

    /// Returns the error of an exceeded limit; `key` is its name in the limits file.
    pub(crate) fn over_limit(code: &'static Code, message: impl Into<String>, key: &str) -> Self {
        let hint = format!("raise {key} under `server` in the operator's limits file");
        Self::new(RejectKind::Busy, code.finding(message).hint(hint))
    }

    /// Returns the error of a panic.
    pub(crate) fn program_bug(what: &str) -> Self {
        let message = format!("site-cmp stopped this call because of a bug: {what}");
        let finding = codes::PROGRAM_BUG.finding(message);
        Self::new(RejectKind::Bug, finding.hint("report this line together with the application"))
    }

    /// Returns the first error's code if it is in a catalogue of the host, and `policy`
    /// otherwise: policies choose their own codes, and each new label value takes memory for
    /// the life of the process.
    pub(crate) fn error_code(&self) -> &'static str {
        let known = codes::all()
            .chain(site_render::codes::all())
            .chain(policy_sandbox::codes::all())
            .chain(jsonnet_worker::codes::all());
        known.into_iter().find(|code| code.name == self.code).map_or("policy", |code| code.name)
    }

    /// Returns the first line of the message.
    pub(crate) fn first_line(&self) -> String {
        self.text.lines().next().unwrap_or_default().to_owned()
    }

    /// Returns the findings as `cmp generate` prints them.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl From<Problems> for CallRejection {
    fn from(problems: Problems) -> Self {
        let kind = match problems.fault() {
            Fault::Input => RejectKind::Input,
            Fault::Environment => RejectKind::Environment,
            Fault::Bug => RejectKind::Bug,
        };
        Self::with_findings(kind, &problems.0)
    }
}

impl From<CallRejection> for Status {
    fn from(refused: CallRejection) -> Self {
        Self::new(refused.kind.grpc_code(), refused.text)
    }
}
