//! How a command ends, and the exit code that follows.
//!
//! 0 done, 1 the input is wrong, 2 the command line is wrong, 3 the machine is wrong,
//! 4 a bug of ours. A reader that hangs up (`| head`) has got what it wanted: that is 0.

use site_render::finding::{Code, Fault, Finding, Problems};

/// Why a command ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The command line is wrong, or asks for help.
    Usage(Box<clap::Error>),
    /// The command line is wrong in a way that its grammar does not know.
    Misuse(String),
    /// Something is wrong, and nobody has said so yet.
    Problems(Problems),
    /// Something is wrong, and the user has been told.
    Reported(Fault),
    /// Whoever read standard output hung up.
    HungUp,
}

impl Stop {
    /// A wrong command line, said in one sentence.
    pub(crate) fn usage(message: &str) -> Self {
        Self::Misuse(message.to_owned())
    }

    /// A machine that does not let us do our work.
    pub(crate) fn environment(code: &Code, message: impl Into<String>) -> Self {
        let finding = code.finding(message);
        Self::Problems(finding.blame(Fault::Environment).into())
    }
}

impl From<Problems> for Stop {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Problems(finding.into())
    }
}

impl From<Box<Finding>> for Stop {
    fn from(finding: Box<Finding>) -> Self {
        Self::from(*finding)
    }
}

/// Returns the exit code of a fault.
pub(crate) fn code(fault: Fault) -> u8 {
    match fault {
        Fault::Input => 1,
        Fault::Environment => 3,
        Fault::Bug => 4,
    }
}
