//! Why a call is refused: findings, and the kind of trouble that picks the gRPC code.
//!
//! repo-server flattens every code to `Unknown` and shows users the text alone, so the
//! text is what `cmp generate` would have said: its first line carries the meaning.

use std::borrow::Cow;

use site_render::finding::{Code, Fault, Finding, Problems};
use tonic::Status;

use crate::codes;
use crate::report;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The rendered files are wrong, or what the Application asks of them.
    Input,
    /// The stream is not what repo-server sends.
    Malformed,
    /// A limit of this server: how much at once, how large.
    Busy,
    /// The caller's deadline is near.
    Deadline,
    /// The machine is wrong.
    Machine,
    /// This program is wrong.
    Bug,
    /// The caller has gone.
    Cancelled,
}

/// A refused call.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) kind: Kind,
    pub(super) problems: Problems,
}

impl Kind {
    /// Its word in logs and metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Malformed => "malformed",
            Self::Busy => "busy",
            Self::Deadline => "deadline",
            Self::Machine => "machine",
            Self::Bug => "bug",
            Self::Cancelled => "cancelled",
        }
    }

    fn code(self) -> tonic::Code {
        match self {
            Self::Input => tonic::Code::FailedPrecondition,
            Self::Malformed => tonic::Code::InvalidArgument,
            Self::Busy => tonic::Code::ResourceExhausted,
            Self::Deadline => tonic::Code::DeadlineExceeded,
            Self::Machine => tonic::Code::Unavailable,
            Self::Bug => tonic::Code::Internal,
            Self::Cancelled => tonic::Code::Cancelled,
        }
    }
}

impl Refused {
    /// With one finding.
    pub(super) fn new(kind: Kind, finding: Finding) -> Self {
        let fault = match kind {
            Kind::Machine | Kind::Busy | Kind::Deadline | Kind::Cancelled => Fault::Environment,
            Kind::Bug => Fault::Bug,
            Kind::Input | Kind::Malformed => Fault::Input,
        };
        Self { kind, problems: finding.blame(fault).into() }
    }

    /// A stream that is none of repo-server's.
    pub(super) fn malformed(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, code.finding(message))
    }

    /// A limit of the server; `key` is its name in the operator's file.
    pub(super) fn over(code: &'static Code, message: impl Into<String>, key: &str) -> Self {
        let hint = format!("the operator can raise {key} under `server` in the limits file");
        Self::new(Kind::Busy, code.finding(message).hint(hint))
    }

    /// A panic.
    pub(super) fn bug(what: &str) -> Self {
        let message = format!("site-cmp stopped this call itself: {what}");
        let finding = codes::PROGRAM_BUG.finding(message);
        Self::new(Kind::Bug, finding.hint("please report this line with the application"))
    }

    /// The first error's code, if it is one of ours: what a policy calls its own is not
    /// for metrics, where each word costs memory for ever.
    pub(super) fn code(&self) -> &'static str {
        match self.problems.0.iter().find(|f| f.is_error()).map(|f| &f.code) {
            Some(Cow::Borrowed(code)) => code,
            _ => "policy",
        }
    }

    /// The first line of its text.
    pub(super) fn first_line(&self) -> String {
        self.text().lines().next().unwrap_or_default().to_owned()
    }

    fn text(&self) -> String {
        report::render_for_argocd(&self.problems.0)
    }
}

impl From<Problems> for Refused {
    fn from(problems: Problems) -> Self {
        let kind = match problems.fault() {
            Fault::Input => Kind::Input,
            Fault::Environment => Kind::Machine,
            Fault::Bug => Kind::Bug,
        };
        Self { kind, problems }
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        Self::new(refused.kind.code(), refused.text())
    }
}
