//! `cmp serve`: the plugin as a server on Argo CD's plugin socket.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::exit::CommandError;
use crate::globals::variable;
use crate::operator::Operator;
use crate::output::Console;
use crate::serve::{self, Log, LogFormat, NAME, Settings, Socket};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp serve                                        in a sidecar of the repo-server
  cmp serve --socket-dir /tmp/plugins --preload site-profiles --metrics 127.0.0.1:9464
  cmp --limits limits.yaml serve --log-format json

An Application names the plugin as the socket is called: plugin: {name: site-cmp@v1}
";

/// Answer Argo CD's repo-server on the plugin socket, without a process for each call
///
/// The socket appears when the server is ready. SIGTERM takes it away, lets calls that run
/// finish and ends with exit code 0. Message sizes follow ARGOCD_GRPC_MAX_SIZE_MB; nothing
/// else of this process's environment reaches a render. Without --cache-dir compiled policies
/// are kept in memory alone.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// A policy's .wasm, or a fleet, to make ready before the socket appears; repeatable
    #[arg(long, value_name = "PATH")]
    preload: Vec<PathBuf>,
    /// Serve Prometheus metrics here, at /metrics [default: nowhere]
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// How to log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// How many seconds running calls may go on after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 25)]
    grace: u64,
}

/// Where the plugin's socket is.
#[derive(Args, Debug)]
pub(crate) struct SocketArgs {
    /// Folder of the socket [env: ARGOCD_PLUGINSOCKFILEPATH] [default:
    /// /home/argocd/cmp-server/plugins]
    #[arg(long, value_name = "DIR")]
    socket_dir: Option<PathBuf>,
    /// The plugin's name, as Applications say it; it must hold an @
    #[arg(long, value_name = "NAME", default_value = NAME)]
    name: String,
}

impl SocketArgs {
    /// The socket.
    pub(crate) fn socket(&self) -> Result<Socket, CommandError> {
        Ok(Socket::new(self.socket_dir.clone(), &self.name)?)
    }

    /// The plugin's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether anybody has said in which folder it is.
    pub(crate) fn is_placed(&self) -> bool {
        self.socket_dir.is_some() || variable("ARGOCD_PLUGINSOCKFILEPATH").is_some()
    }
}

/// Serves.
pub(crate) fn run(
    args: ServeArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    with_few_arenas();
    let settings = Settings {
        socket: args.socket.socket()?,
        preload: args.preload,
        metrics: args.metrics,
        grace: Duration::from_secs(args.grace),
        limits: operator.server.clone(),
        log: Log { format: args.log_format, quiet: console.quiet },
    };
    serve::run(settings, operator.sandbox_for_server()?, operator.jsonnet()?)
}

/// Starts this program anew, in the same process, with few arenas of glibc's allocator.
///
/// glibc gives every thread an arena, and each keeps what it once held: 64 callers that
/// brought a new archive each left 600 MiB behind, with two arenas 300. It reads the
/// variable before anything of this program runs. Elsewhere it changes nothing.
fn with_few_arenas() {
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    let mut words = std::env::args_os();
    if let (None, Some(name), Ok(program)) =
        (variable(ARENAS), words.next(), std::env::current_exe())
    {
        // It comes back only where it fails; then the server merely takes more memory.
        let _failed = Command::new(program).arg0(name).args(words).env(ARENAS, "2").exec();
    }
}
