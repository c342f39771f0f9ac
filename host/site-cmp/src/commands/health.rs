//! `cmp health`: a probe of the server on the plugin socket.

use std::time::Duration;

use clap::Args;

use super::serve::SocketArgs;
use crate::exit::CommandError;
use crate::output::Console;
use crate::probe;
use crate::report::ShownText;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp health                            as a container's exec probe
  cmp health --socket-dir /tmp/plugins --timeout 1
";

/// Check that the server on the plugin socket answers and renders
///
/// Sends a small built-in fleet and compares the answer with the expected one. Prints one line
/// and exits with code 0 if they are equal, and with 3 if the answer is wrong or missing. Needs
/// no policy, no cluster and no file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HealthArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// Seconds to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    timeout: u64,
}

/// Runs the probe.
pub(crate) fn run(args: &HealthArgs, console: &Console) -> Result<(), CommandError> {
    let socket = args.socket.build_socket()?;
    let took = probe::probe_server(socket.path(), Duration::from_secs(args.timeout.max(1)))?;
    if console.quiet {
        return Ok(());
    }
    let text = format!(
        "ok: {} answered and rendered in {:.1} ms\n",
        socket.path().display(),
        took.as_secs_f64() * 1000.0
    );
    console.write(&ShownText::of(&text))
}
