//! The front doors: a command line and an Argo CD plugin in front of one pipeline.
//!
//! The only crate that knows argv, the environment, standard streams, exit codes, the
//! file system and other processes. It decides nothing about a site: each command reads
//! what it is asked, builds a request, calls the pipeline and writes what comes back.

mod handover;

mod cli;
mod commands;
mod guard;
mod operator;

mod probe;
mod serve;
mod server_limits;

mod ask;
mod doctor;
mod fleet_root;
mod parameters;

mod certs;
mod discovery;
mod kubectl;

pub mod chart;
pub mod folder;
mod helm;
pub mod policy_build;
mod stamp;

mod atomic;
mod changes;
mod child;
mod closed_gate;
pub mod codes;
mod cost;
mod exit;
mod globals;
mod many;
mod output;
mod report;
mod sink;
mod table;

#[cfg(any(test, fuzzing))]
pub use serve::fuzz;

pub use operator::LIMITS;

use std::ffi::OsString;
use std::process::ExitCode;

/// The whole program: hands over, or parses, runs and turns the outcome into an exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    // The compiling child has its own rules for arguments, streams and exit codes.
    if words.get(1).is_some_and(|word| word == operator::COMPILE) {
        let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
        return policy_sandbox::compile_worker(&words[2..], input, output, std::io::stderr());
    }
    // So has the one that evaluates.
    if words.get(1).is_some_and(|word| word == operator::JSONNET) {
        let (input, output) = (std::io::stdin(), std::io::stdout());
        return jsonnet_worker::worker(&words[2..], input, output, std::io::stderr());
    }
    guard::run(|| {
        handover::unless_ours(&words)?;
        let cli = cli::parse(words)?;
        commands::run(cli)
    })
}
