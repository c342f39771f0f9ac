//! `cmp doctor`: checks for a plugin that is not called or slow.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde::Serialize;
use site_render::finding::Fault;

use super::serve::SocketArgs;
use crate::codes;
use crate::doctor::{self, Check, Environment, RepoQuery, SocketLocation, User, Verdict};
use crate::exit::CommandError;
use crate::named_files::{TEXT_BYTES, read_file_or_stdin};
use crate::operator::Operator;
use crate::output::Console;
use crate::output_format::ReportFormat;
use crate::report::{self, ShownText};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp doctor                                          in the plugin's container
  cmp doctor --repo . --app sites/rax-dev-iad3        measure what Argo CD sends for a call
  cmp doctor --repo . --app sites/rax-dev-iad3 --application application.yaml -o json
  kubectl exec deploy/argocd-repo-server -c argocd-repo-server -- env | cmp doctor --env -
";

/// Check why the plugin is not called, or why calls are slow
///
/// Changes nothing. Exits with code 1 if a check fails. Warnings are printed and do not change
/// the exit code.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// User id of the repo-server
    #[arg(long, value_name = "UID", default_value = "999")]
    user: u32,
    /// Environment of the repo-server, as `env` prints it; - reads standard input
    #[arg(long, value_name = "FILE")]
    env: Option<PathBuf>,
    /// Checkout of the repository
    #[arg(long, value_name = "DIR", requires = "app")]
    repo: Option<PathBuf>,
    /// Folder of the Application in the checkout: its spec.source.path
    #[arg(long, value_name = "PATH", requires = "repo")]
    app: Option<String>,
    /// File with the Application or ApplicationSet
    #[arg(long, value_name = "FILE", requires = "repo")]
    application: Option<PathBuf>,
    /// Format of the report
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ReportFormat,
}

/// The report as JSON.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    checks: &'a [Check],
}

/// Runs all checks and prints them.
pub(crate) fn run(
    args: DoctorArgs,
    operator: impl FnOnce() -> Result<Operator, CommandError>,
    console: &Console,
) -> Result<(), CommandError> {
    let environment = match &args.env {
        None => Environment::own(),
        Some(file) => Environment::of_repo_server(&text_of(file)?),
    };
    let place = SocketLocation {
        socket: args.socket.build_socket(),
        user: User(args.user),
        may_be_elsewhere: args.repo.is_some() && !args.socket.is_placed(),
    };
    let query = match args.repo.zip(args.app) {
        None => None,
        Some((repo, app)) => {
            let name = args.socket.plugin_name().to_owned();
            Some(RepoQuery { repo, app: clean_path(&app)?, application: args.application, name })
        }
    };
    let checks = doctor::run_checks(&place, &environment, query.as_ref(), operator);
    let ok = checks.iter().all(|check| check.verdict != Verdict::Fail);
    console.write(&match args.output {
        ReportFormat::Text => ShownText::of(&doctor::to_table(&checks)),
        ReportFormat::Json => report::to_json(&Report { ok, checks: &checks }),
    })?;
    if ok { Ok(()) } else { Err(CommandError::Reported(Fault::Input)) }
}

/// Normalizes a path from the repo's root, as Argo CD does.
fn clean_path(app: &str) -> Result<String, CommandError> {
    let mut parts = Vec::new();
    for part in Path::new(app).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => parts.push(name.to_string_lossy()),
            _ => {
                return Err(CommandError::usage(
                    "--app must be a path from the repo's root, without `..`",
                ));
            }
        }
    }
    Ok(parts.join("/"))
}

/// Reads a file that the user named, or standard input.
fn text_of(file: &Path) -> Result<String, CommandError> {
    let bytes = read_file_or_stdin(file, TEXT_BYTES).map_err(|error| {
        let message = format!("{}: {error}", file.display());
        codes::DOCTOR_ENVIRONMENT.finding(message)
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
