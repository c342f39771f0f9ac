//! The ways in which a command ends, and the exit code of each.
//!
//! 0 success, 1 invalid input, 2 invalid command line, 3 broken environment, 4 bug in site-cmp.
//! A reader that closes the pipe (`| head`) has read enough, so that is a success too.

use site_render::finding::{Code, Fault, Finding, Problems};

/// The reason why a command ends early.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// The command line is invalid, or requests help.
    Usage(Box<clap::Error>),
    /// The command line is invalid by a rule that clap cannot check.
    Misuse(String),
    /// Findings with an error, which nobody has printed yet.
    Problems(Problems),
    /// An error that is already printed.
    Reported(Fault),
    /// The reader of standard output closed the pipe.
    BrokenPipe,
}

impl CommandError {
    /// Returns the error for an invalid command line, described in one sentence.
    pub(crate) fn usage(message: &str) -> Self {
        Self::Misuse(message.to_owned())
    }

    /// Returns the error for a broken environment.
    pub(crate) fn environment(code: &Code, message: impl Into<String>) -> Self {
        let finding = code.finding(message);
        Self::Problems(finding.blame(Fault::Environment).into())
    }
}

impl From<Problems> for CommandError {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<Finding> for CommandError {
    fn from(finding: Finding) -> Self {
        Self::Problems(finding.into())
    }
}

impl From<Box<Finding>> for CommandError {
    fn from(finding: Box<Finding>) -> Self {
        Self::from(*finding)
    }
}

/// Returns the exit code of a fault.
pub(crate) fn exit_code(fault: Fault) -> u8 {
    match fault {
        Fault::Input => 1,
        Fault::Environment => 3,
        Fault::Bug => 4,
    }
}
