//! The commands, one file each. The comments on the options of a command are its help.

pub(crate) mod certs;
pub(crate) mod check;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod health;
pub(crate) mod parameters;
pub(crate) mod policy;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod sources;

use crate::cli::{Cli, Command};
use crate::codes;
use crate::exit::CommandError;
use crate::operator::Operator;
use crate::output::Console;
use crate::render_watch;

/// Runs a command. When it returns, every error is printed.
pub(crate) fn run(cli: Cli) -> Result<(), CommandError> {
    let mut console =
        Console { color: cli.globals.color(), quiet: cli.globals.quiet, ..Console::default() };
    if matches!(cli.command, Command::Generate(_)) {
        console.hidden_folder = std::env::current_dir()
            .ok()
            // The root needs no hiding, and its name is a part of every path.
            .filter(|folder| folder.parent().is_some())
            .map(|folder| folder.to_string_lossy().into_owned());
    }
    dispatch_command(cli, &console).map_err(|error| match error {
        CommandError::Problems(problems) => {
            console.print_findings(&problems.0);
            CommandError::Reported(problems.fault())
        }
        other => other,
    })
}

fn dispatch_command(cli: Cli, console: &Console) -> Result<(), CommandError> {
    let operator = || -> Result<Operator, CommandError> {
        let operator = Operator::new(&cli.globals)?;
        watch_renders(&operator, console)?;
        Ok(operator)
    };
    match cli.command {
        Command::Render(args) => render::run(args, &operator()?, console),
        Command::Explain(args) => explain::run(args, &operator()?, console),
        Command::Parameters(args) => parameters::run(args, &operator()?, console),
        Command::Check(args) => check::run(args, &operator()?, console),
        Command::Sources(args) => sources::run(&args, &operator()?, console),
        Command::Certs(args) => certs::run(&args, &operator()?, console),
        Command::Cluster(args) => cluster::run(args, &operator()?, console),
        Command::Generate(args) => generate::run(&args, &operator()?, console),
        // Its renders run in other processes, which it limits.
        Command::Serve(args) => serve::run(args, &Operator::new(&cli.globals)?, console),
        Command::Health(args) => health::run(&args, console),
        Command::Policy(args) => policy::run(args, &operator()?, console),
        Command::Schema(args) => schema::run(&args, &operator()?, console),
        Command::Doctor(args) => doctor::run(args, operator, console),
        Command::Completions(args) => completions::run(&args, console),
        // `main` runs these before the command line is parsed. Only a wrong use gets here.
        Command::Compile => Err(CommandError::usage("__compile is started by site-cmp itself")),
        Command::Jsonnet => Err(CommandError::usage("__jsonnet is started by site-cmp itself")),
        Command::Helm => Err(CommandError::usage("__helm is started by site-cmp itself")),
        Command::RenderWorker => Err(CommandError::usage("__render is started by site-cmp itself")),
    }
}

/// Holds the renders of a command to the operator's limits.
fn watch_renders(operator: &Operator, console: &Console) -> Result<(), CommandError> {
    render_watch::start(&operator.render, console).map_err(|error| {
        let message = format!("cannot start the thread that limits renders: {error}");
        CommandError::environment(&codes::RENDER_WORKER, message)
    })
}
