//! `cmp health`: whether the server on the plugin socket answers and can render.

use std::time::Duration;

use clap::Args;

use super::serve::SocketArgs;
use crate::exit::CommandError;
use crate::output::Console;
use crate::probe;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp health                            as a container's exec probe
  cmp health --socket-dir /tmp/plugins --timeout 1
";

/// Ask the server on the plugin socket for a render of a small fleet of its own
///
/// Says nothing but one line, and exits with 0 if the answer is right, with 3 if there is
/// none. It needs no policy, no cluster and no file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HealthArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// How many seconds to wait
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    timeout: u64,
}

/// Asks.
pub(crate) fn run(args: &HealthArgs, console: &Console) -> Result<(), CommandError> {
    let socket = args.socket.socket()?;
    let took = probe::ask(socket.path(), Duration::from_secs(args.timeout.max(1)))?;
    if console.quiet {
        return Ok(());
    }
    let text = format!(
        "ok: {} answers, and rendered in {:.1} ms\n",
        socket.path().display(),
        took.as_secs_f64() * 1000.0
    );
    console.write(&text)
}
