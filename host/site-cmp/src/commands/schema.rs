//! `cmp schema`: the JSON Schemas of the files that users write.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use site_render::request::Target;
use site_render::{json_schema, keys};

use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::{LIMITS, Operator};
use crate::output::Console;
use crate::report;
use crate::request_builder::RequestBuilder;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp schema environment                    of the fleet that contains this folder
  cmp schema profile site-profiles > profile.json
  cmp schema limits                         of the operator's limits file

An editor with the YAML language server validates a file that begins with
  # yaml-language-server: $schema=PATH
where PATH is relative to the file.
";

/// Print the JSON Schema of a file, for editors and other validators
///
/// The schemas of environments and profiles include the settings of the policies that the
/// fleet's policies.lock pins. Without a fleet, any settings are valid.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SchemaArgs {
    /// Kind of file
    file: FileName,
    /// Fleet directory [default: the working directory, or the nearest one above it that
    /// contains policies.lock]
    #[arg(value_name = "FLEET")]
    fleet: Option<PathBuf>,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileName {
    /// profile.yaml or deploy.yaml of a site
    Profile,
    /// environment.yaml
    Environment,
    /// cluster.yaml, the snapshot of a cluster's versions
    Cluster,
    /// policies.lock
    Lock,
    /// The operator's limits file
    Limits,
}

/// Prints a schema.
pub(crate) fn run(
    args: &SchemaArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = match &args.fleet {
        Some(folder) => Some(fleet_root::find_fleet(Some(folder), None)?),
        None => fleet_root::find_fleet(None, None).ok(),
    };
    let open =
        |root: PathBuf| RequestBuilder::new(Target::Values).open_fleet(&root, operator, None);
    let schema = match (args.file, root) {
        (FileName::Profile, Some(root)) => json_schema::profile(&open(root)?)?,
        (FileName::Environment, Some(root)) => json_schema::environment(&open(root)?)?,
        (FileName::Profile, None) => json_schema::of_file(&keys::PROFILE),
        (FileName::Environment, None) => json_schema::of_file(&keys::ENVIRONMENT),
        (FileName::Cluster, _) => json_schema::of_file(&keys::CLUSTER),
        (FileName::Lock, _) => json_schema::of_file(&keys::LOCK),
        (FileName::Limits, _) => json_schema::of_file(&LIMITS),
    };
    console.write(&report::to_json(&schema))
}
