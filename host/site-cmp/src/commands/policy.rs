//! `cmp policy`: builds, pins and inspects policies.

mod build;
mod inspect;
mod lock;

use clap::{Args, Subcommand};

use crate::exit::CommandError;
use crate::operator::Operator;
use crate::output::Console;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy build plugin/policies/worker-placement -o site-profiles/policies/worker-placement.wasm
  cmp policy lock site-profiles
  cmp policy inspect site-profiles/policies/worker-placement.wasm
";

/// Build, pin and inspect policies
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    Build(build::BuildArgs),
    Lock(lock::LockArgs),
    Inspect(inspect::InspectArgs),
}

/// Runs a subcommand.
pub(crate) fn run(
    args: PolicyArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    match args.command {
        PolicyCommand::Build(args) => build::run(&args, console),
        PolicyCommand::Lock(args) => lock::run(&args, operator, console),
        PolicyCommand::Inspect(args) => inspect::run(&args, operator, console),
    }
}
