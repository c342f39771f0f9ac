//! `cmp doctor`: why a plugin is not called, and why a call is slow.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde::Serialize;
use site_render::finding::Fault;

use super::serve::SocketArgs;
use crate::codes;
use crate::doctor::{self, Check, Environment, Place, Question, User, Verdict};
use crate::exit::CommandError;
use crate::named_files::{TEXT_BYTES, read_file_or_stdin};
use crate::operator::Operator;
use crate::output::Console;
use crate::output_format::ReportFormat;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp doctor                                          in the plugin's container
  cmp doctor --repo . --app sites/rax-dev-iad3        what a call sends, in a checkout
  cmp doctor --repo . --app sites/rax-dev-iad3 --application application.yaml -o json
  kubectl exec deploy/argocd-repo-server -c argocd-repo-server -- env | cmp doctor --env -
";

/// Look for what keeps the plugin from being called, or makes a call slow
///
/// Changes nothing. Exits with 1 if something does not work; what could merely be better
/// is told and exits with 0.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    socket: SocketArgs,
    /// The repo-server's user
    #[arg(long, value_name = "UID", default_value = "999")]
    user: u32,
    /// The repo-server's environment, as `env` prints it; - is standard input
    #[arg(long, value_name = "FILE")]
    env: Option<PathBuf>,
    /// A checkout of the repo
    #[arg(long, value_name = "DIR", requires = "app")]
    repo: Option<PathBuf>,
    /// The application's folder in it: spec.source.path
    #[arg(long, value_name = "PATH", requires = "repo")]
    app: Option<String>,
    /// A file with its Application or ApplicationSet
    #[arg(long, value_name = "FILE", requires = "repo")]
    application: Option<PathBuf>,
    /// How to report
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ReportFormat,
}

/// What is written for programs.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    checks: &'a [Check],
}

/// Looks.
pub(crate) fn run(
    args: DoctorArgs,
    operator: impl FnOnce() -> Result<Operator, CommandError>,
    console: &Console,
) -> Result<(), CommandError> {
    let environment = match &args.env {
        None => Environment::own(),
        Some(file) => Environment::of_repo_server(&text_of(file)?),
    };
    let place = Place {
        socket: args.socket.socket(),
        user: User(args.user),
        may_be_elsewhere: args.repo.is_some() && !args.socket.is_placed(),
    };
    let question = match args.repo.zip(args.app) {
        None => None,
        Some((repo, app)) => {
            let name = args.socket.name().to_owned();
            Some(Question { repo, app: clean(&app)?, application: args.application, name })
        }
    };
    let checks = doctor::look(&place, &environment, question.as_ref(), operator);
    let ok = checks.iter().all(|check| check.verdict != Verdict::Fail);
    console.write(&match args.output {
        ReportFormat::Text => doctor::text(&checks),
        ReportFormat::Json => report::to_json(&Report { ok, checks: &checks }),
    })?;
    if ok { Ok(()) } else { Err(CommandError::Reported(Fault::Input)) }
}

/// A path from the repo's root, as Argo CD takes it.
fn clean(app: &str) -> Result<String, CommandError> {
    let mut parts = Vec::new();
    for part in Path::new(app).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => parts.push(name.to_string_lossy()),
            _ => {
                return Err(CommandError::usage(
                    "--app is a path from the repo's root, without `..`",
                ));
            }
        }
    }
    Ok(parts.join("/"))
}

/// The text of a file that the user named, or of standard input.
fn text_of(file: &Path) -> Result<String, CommandError> {
    let bytes = read_file_or_stdin(file, TEXT_BYTES).map_err(|error| {
        let message = format!("{}: {error}", file.display());
        codes::DOCTOR_ENVIRONMENT.finding(message)
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
