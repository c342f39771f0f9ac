//! `cmp serve`: a plugin server on Argo CD's plugin socket.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::exit::CommandError;
use crate::globals::variable;
use crate::operator::{Operator, render_program};
use crate::output::Console;
use crate::render_worker::protocol::Start;
use crate::serve::{self, DEFAULT_NAME, Log, LogFormat, Settings, Socket};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp serve                                        in a sidecar of the repo-server
  cmp serve --socket-dir /tmp/plugins --preload site-profiles --metrics 127.0.0.1:9464
  cmp --limits limits.yaml serve --log-format json

Applications select the plugin by its name: plugin: {name: site-cmp@v1}
";

/// Run the plugin server that answers Argo CD's repo-server on the plugin socket
///
/// Renders in processes that it starts once, and replaces one that exceeds a limit of the block
/// `render` of the limits file. The socket appears when the server is ready. SIGTERM removes the
/// socket, lets running calls finish, and exits with code 0. ARGOCD_GRPC_MAX_SIZE_MB sets the
/// largest message. ARGOCD_APP_*, ARGOCD_ENV_* and KUBE_* are read from each call, not from this
/// process. Without --cache-dir and SITE_CMP_CACHE, compiled policies are cached in memory only.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// Compile this policy (.wasm), or all policies of this fleet, before the socket appears;
    /// repeatable
    #[arg(long, value_name = "PATH")]
    preload: Vec<PathBuf>,
    /// Serve Prometheus metrics on this address, at /metrics [default: not served]
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// Format of the log on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// Seconds that running calls get to finish after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 25)]
    grace: u64,
}

/// The location of the plugin socket.
#[derive(Args, Debug)]
pub(crate) struct SocketArgs {
    /// Folder of the plugin socket [env: ARGOCD_PLUGINSOCKFILEPATH] [default:
    /// /home/argocd/cmp-server/plugins]
    #[arg(long, value_name = "DIR")]
    socket_dir: Option<PathBuf>,
    /// Name of the plugin in Applications; it must contain an @
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAME)]
    name: String,
}

impl SocketArgs {
    /// Returns the socket.
    pub(crate) fn build_socket(&self) -> Result<Socket, CommandError> {
        Ok(Socket::new(self.socket_dir.clone(), &self.name)?)
    }

    /// Returns the plugin's name.
    pub(crate) fn plugin_name(&self) -> &str {
        &self.name
    }

    /// Returns whether an option or a variable names the folder.
    pub(crate) fn is_placed(&self) -> bool {
        self.socket_dir.is_some() || variable("ARGOCD_PLUGINSOCKFILEPATH").is_some()
    }
}

/// Runs the server.
pub(crate) fn run(
    args: ServeArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let settings = Settings {
        socket: args.socket.build_socket()?,
        preload: args.preload,
        metrics: args.metrics,
        grace: Duration::from_secs(args.grace),
        limits: operator.server.clone(),
        render: operator.render.clone(),
        program: render_program()?,
        start: Start {
            limits: operator.text.clone(),
            helm: variable("SITE_CMP_HELM").map(|path| path.to_string_lossy().into_owned()),
            helm_variables: operator.helm_variables(),
            answer_bytes: serve::message_bytes(),
        },
        log: Log { format: args.log_format, quiet: console.quiet },
    };
    serve::run(settings, operator.code_store()?)
}
