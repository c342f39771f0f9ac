//! A worker for the benches of this crate. `cmp` brings its own.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (input, output) = (std::io::stdin(), std::io::stdout());
    jsonnet_worker::worker(&arguments, input, output, std::io::stderr())
}
