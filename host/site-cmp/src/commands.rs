//! The commands, one file each: its options, whose comments are its help, then what it does.

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

use crate::cli::{Cli, Command};
use crate::exit::Stop;
use crate::operator::Operator;
use crate::output::Console;

/// Runs a command; whatever stops it has been told to the user when this returns.
pub(crate) fn run(cli: Cli) -> Result<(), Stop> {
    let mut console =
        Console { color: cli.globals.color(), quiet: cli.globals.quiet, ..Console::default() };
    if matches!(cli.command, Command::Generate(_)) {
        console.secret_folder = std::env::current_dir()
            .ok()
            // The root is no secret, and its name is in every path.
            .filter(|folder| folder.parent().is_some())
            .map(|folder| folder.to_string_lossy().into_owned());
    }
    dispatch(cli, &console).map_err(|stop| match stop {
        Stop::Problems(problems) => {
            console.findings(&problems.0);
            Stop::Reported(problems.fault())
        }
        told => told,
    })
}

fn dispatch(cli: Cli, console: &Console) -> Result<(), Stop> {
    let operator = || Operator::new(&cli.globals);
    match cli.command {
        Command::Render(args) => render::run(args, &operator()?, console),
        Command::Explain(args) => explain::run(args, &operator()?, console),
        Command::Parameters(args) => parameters::run(args, &operator()?, console),
        Command::Check(args) => check::run(args, &operator()?, console),
        Command::Certs(args) => certs::run(&args, &operator()?, console),
        Command::Cluster(args) => cluster::run(args, &operator()?, console),
        Command::Generate(args) => generate::run(&args, &operator()?, console),
        Command::Serve(args) => serve::run(args, &operator()?, console),
        Command::Health(args) => health::run(&args, console),
        Command::Policy(args) => policy::run(args, &operator()?, console),
        Command::Schema(args) => schema::run(&args, &operator()?, console),
        Command::Doctor(args) => doctor::run(args, operator, console),
        Command::Completions(args) => completions::run(&args, console),
        // Taken before the command line is parsed; named here so that help knows it.
        Command::Compile => Err(Stop::usage("__compile takes limits and a policy")),
        Command::Jsonnet => Err(Stop::usage("__jsonnet takes limits")),
    }
}
