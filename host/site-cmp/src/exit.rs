//! How a run ends: the one place where an outcome becomes an exit code.
//!
//! 0 done, 1 the input is wrong, 2 the command line is wrong, 3 the machine is wrong,
//! 4 a bug of ours. A reader that hangs up (`| head`) has got what it wanted: that is 0.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;

use site_render::finding::{Fault, Finding, Problems, Stage};

use crate::cli;
use crate::output::{self, Console};
use crate::report;

/// Why a command ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The command line is wrong, or asks for help.
    Usage(Box<clap::Error>),
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
        Self::Usage(Box::new(cli::error(message)))
    }

    /// A machine that does not let us do our work.
    pub(crate) fn environment(
        stage: Stage,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let finding = Finding::error(stage, code, message);
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

/// Runs the program and turns its outcome, a panic included, into an exit code.
pub(crate) fn guard(run: impl FnOnce() -> Result<(), Stop>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| output::last_words(&bug(panic))));
    let code = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(()) | Err(Stop::HungUp)) => 0,
        Ok(Err(Stop::Usage(error))) => {
            // Nobody is left to tell where this fails.
            let _unheard = error.print();
            u8::from(error.use_stderr()) * 2
        }
        Ok(Err(Stop::Reported(fault))) => code(fault),
        Ok(Err(Stop::Problems(problems))) => {
            Console::default().findings(&problems.0);
            code(problems.fault())
        }
        Err(_panic) => code(Fault::Bug),
    };
    ExitCode::from(code)
}

/// The exit code of a fault.
fn code(fault: Fault) -> u8 {
    match fault {
        Fault::Input => 1,
        Fault::Environment => 3,
        Fault::Bug => 4,
    }
}

/// A panic as one line that asks for a report.
fn bug(panic: &PanicHookInfo<'_>) -> String {
    let place =
        panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
    let what = panic.payload_as_str().unwrap_or("it gave up");
    format!(
        "bug: site-cmp {} stopped itself: {}{place}; please report this line with the command\n",
        env!("CARGO_PKG_VERSION"),
        report::visible(what),
    )
}
