//! Runs the program and turns its outcome into an exit code.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;

use site_render::finding::Fault;

use crate::cli;
use crate::exit::{CommandError, exit_code};
use crate::output::{self, Console};
use crate::report;

/// Runs the program and turns its outcome, a panic included, into an exit code.
pub(crate) fn run(run: impl FnOnce() -> Result<(), CommandError>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| output::print_panic(&describe_panic(panic))));
    let code = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(()) | Err(CommandError::BrokenPipe)) => 0,
        Ok(Err(CommandError::Usage(error))) => print_usage_error(&error),
        Ok(Err(CommandError::Misuse(message))) => print_usage_error(&cli::usage_error(&message)),
        Ok(Err(CommandError::Reported(fault))) => exit_code(fault),
        Ok(Err(CommandError::Problems(problems))) => {
            Console::default().print_findings(&problems.0);
            exit_code(problems.fault())
        }
        Err(_panic) => exit_code(Fault::Bug),
    };
    ExitCode::from(code)
}

/// Prints help or an error about the command line, and returns its exit code.
fn print_usage_error(error: &clap::Error) -> u8 {
    if error.use_stderr() {
        // The error quotes arguments, and one of them may be a secret.
        Console::default().print_message(&error.render().ansi().to_string());
    } else {
        // No stream is left to report a failure of this to.
        let _ignored = error.print();
    }
    u8::from(error.use_stderr()) * 2
}

/// Describes a panic in one line that requests a bug report.
fn describe_panic(panic: &PanicHookInfo<'_>) -> String {
    let location =
        panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
    let message = panic.payload_as_str().unwrap_or("no message");
    format!(
        "bug: site-cmp {} panicked: {}{location}; please report this line with the command\n",
        env!("CARGO_PKG_VERSION"),
        report::visible(message),
    )
}
