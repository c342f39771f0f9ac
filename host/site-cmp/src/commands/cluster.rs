//! `cmp cluster`: what Git keeps of the clusters of a fleet.

mod snapshot;

use clap::{Args, Subcommand};

use crate::exit::Stop;
use crate::operator::Operator;
use crate::output::Console;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp cluster snapshot --site rax-dev-iad3 --context iad3
  cmp cluster snapshot --site rax-dev-iad3 --context iad3 --check
";

/// Keep in Git what the clusters of a fleet can do
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
enum ClusterCommand {
    Snapshot(snapshot::SnapshotArgs),
}

/// Runs one of them.
pub(crate) fn run(args: ClusterArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    match args.command {
        ClusterCommand::Snapshot(args) => snapshot::run(args, operator, console),
    }
}
