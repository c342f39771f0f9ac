//! The front doors of the pipeline: a command line and an Argo CD plugin.
//!
//! Only this crate uses the arguments, the environment, standard streams, exit codes, the file
//! system and other processes. It decides nothing about a site: each command reads its options,
//! builds a request, calls the pipeline and writes the result.

mod other_cmp;

mod cli;
mod commands;
mod guard;
mod operator;

mod archive;
mod call_rejection;
mod proto;

mod probe;
mod serve;
mod render_worker;
mod render_limits;
mod render_watch;
mod server_limits;

mod doctor;
mod fleet_root;
mod named_files;
mod options;
mod parameters;
mod request_builder;

mod certs;
mod discovery;
mod kubectl;

pub mod chart;
pub mod folder;
mod helm;
pub mod policy_build;
mod lock_digest_stamp;

mod atomic;
mod batch;
mod child;
mod closed_gate;
pub mod codes;
mod exit;
mod globals;
mod line_diff;
mod output_format;
mod output;
mod policy_usage;
mod report;
mod sink;
mod table;

#[cfg(any(test, fuzzing))]
pub use serve::fuzz;

pub use operator::LIMITS;

use std::ffi::OsString;
use std::process::ExitCode;

/// The allocator of the program. glibc's keeps the memory of a burst of calls for good; this one
/// returns it to the system a second later (`.cargo/config.toml` has its settings).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    // The child process that compiles has its own rules for arguments, streams and exit codes.
    if words.get(1).is_some_and(|word| word == operator::COMPILE) {
        let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
        return policy_sandbox::compile_worker(&words[2..], input, output, std::io::stderr());
    }
    // So has the child process that evaluates Jsonnet.
    if words.get(1).is_some_and(|word| word == operator::JSONNET) {
        let (input, output) = (std::io::stdin(), std::io::stdout());
        return jsonnet_worker::worker(&words[2..], input, output, std::io::stderr());
    }
    // And the process in which the server renders.
    if words.get(1).is_some_and(|word| word == operator::RENDER) {
        return render_worker::run(&words[2..]);
    }
    // So has the process that becomes helm.
    if words.get(1).is_some_and(|word| word == operator::HELM) {
        return helm::become_helm(&words[2..], std::io::stderr());
    }
    guard::run(|| {
        other_cmp::forward_unless_ours(&words)?;
        let cli = cli::parse(words)?;
        commands::run(cli)
    })
}
