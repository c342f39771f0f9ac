//! `cmp cluster`: records in Git the versions and APIs of the clusters of a fleet.

mod snapshot;

use clap::{Args, Subcommand};

use crate::exit::CommandError;
use crate::operator::Operator;
use crate::output::Console;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp cluster snapshot site-profiles --site rax-dev-iad3 --context iad3
  cmp cluster snapshot site-profiles --site rax-dev-iad3 --context iad3 --check
";

/// Record the Kubernetes version and APIs of a cluster in Git
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

/// Runs a subcommand.
pub(crate) fn run(
    args: ClusterArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    match args.command {
        ClusterCommand::Snapshot(args) => snapshot::run(args, operator, console),
    }
}
