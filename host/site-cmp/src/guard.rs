//! The frame around a run: the one place where its outcome becomes an exit code.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;

use site_render::finding::Fault;

use crate::cli;
use crate::exit::{Stop, code};
use crate::output::{self, Console};
use crate::report;

/// Runs the program and turns its outcome, a panic included, into an exit code.
pub(crate) fn run(run: impl FnOnce() -> Result<(), Stop>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| output::last_words(&bug(panic))));
    let code = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(()) | Err(Stop::HungUp)) => 0,
        Ok(Err(Stop::Usage(error))) => misused(&error),
        Ok(Err(Stop::Misuse(message))) => misused(&cli::error(&message)),
        Ok(Err(Stop::Reported(fault))) => code(fault),
        Ok(Err(Stop::Problems(problems))) => {
            Console::default().findings(&problems.0);
            code(problems.fault())
        }
        Err(_panic) => code(Fault::Bug),
    };
    ExitCode::from(code)
}

/// Prints help or a complaint about the command line, and returns its exit code.
fn misused(error: &clap::Error) -> u8 {
    // Where this fails, there is nobody to report it to.
    let _unheard = error.print();
    u8::from(error.use_stderr()) * 2
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
