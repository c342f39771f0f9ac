//! The compiling child of this crate's tests and benches.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    policy_sandbox::compile_worker(&arguments, io::stdin(), io::stdout(), io::stderr())
}
