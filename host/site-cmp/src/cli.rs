//! The grammar of the command line, and its parser.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::certs::CertsArgs;
use crate::commands::check::CheckArgs;
use crate::commands::cluster::ClusterArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::generate::GenerateArgs;
use crate::commands::health::HealthArgs;
use crate::commands::parameters::ParametersArgs;
use crate::commands::policy::PolicyArgs;
use crate::commands::render::RenderArgs;
use crate::commands::schema::SchemaArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::sources::SourcesArgs;
use crate::exit::CommandError;
use crate::globals::Globals;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp render site-profiles --site rax-dev-iad3     the values that policies set for a site
  cmp explain site-profiles --site rax-dev-iad3    where each of these values comes from
  cmp check site-profiles                          all problems of a fleet
";

/// Render the Argo CD Applications and manifests of sites, with sandboxed WASM policies
///
/// The program is installed as cmp and as site-cmp. A fleet is a directory that contains
/// policies.lock, profiles of sites, and environments. Exit codes: 0 success, 1 invalid input, 2
/// invalid command line, 3 broken environment (such as a missing program or an unreadable cache),
/// 4 a bug in cmp.
#[derive(Debug, Parser)]
#[command(
    name = "cmp",
    version,
    after_help = EXAMPLES,
    subcommand_required = true,
    arg_required_else_help = true,
    infer_long_args = false
)]
pub(crate) struct Cli {
    /// The options that every command has.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Render(RenderArgs),
    Explain(ExplainArgs),
    Parameters(ParametersArgs),
    Check(CheckArgs),
    Sources(SourcesArgs),
    Certs(CertsArgs),
    Cluster(ClusterArgs),
    Generate(GenerateArgs),
    Serve(ServeArgs),
    Health(HealthArgs),
    Policy(PolicyArgs),
    Schema(SchemaArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    /// Compile a policy for the parent process
    #[command(name = "__compile", hide = true)]
    Compile,
    /// Evaluate Jsonnet for the parent process
    #[command(name = "__jsonnet", hide = true)]
    Jsonnet,
    /// Execute helm with limits for the parent process
    #[command(name = "__helm", hide = true)]
    Helm,
    /// Render for the plugin server
    #[command(name = "__render", hide = true)]
    RenderWorker,
}

/// Parses a command line.
pub(crate) fn parse(words: Vec<OsString>) -> Result<Cli, CommandError> {
    Cli::try_parse_from(words).map_err(|error| CommandError::Usage(Box::new(error)))
}

/// Returns the error for an invalid command line, described in one sentence.
pub(crate) fn usage_error(message: &str) -> clap::Error {
    Cli::command().error(ErrorKind::ValueValidation, message)
}

/// Returns true if a first word is a command or an option of this program.
pub(crate) fn is_known_word(word: &str) -> bool {
    let command = Cli::command();
    let Some(option) = word.strip_prefix('-') else {
        return word == "help" || command.find_subcommand(word).is_some();
    };
    if matches!(word, "--help" | "-h" | "--version" | "-V") {
        return true;
    }
    command.get_arguments().any(|argument| {
        let short = argument.get_short().map(String::from);
        let long = argument.get_long().map(|long| format!("-{long}"));
        let name = option.split_once('=').map_or(option, |(name, _)| name);
        short.as_deref() == Some(option) || long.as_deref() == Some(name)
    })
}

/// Returns the grammar of the command line, for completions.
pub(crate) fn command_grammar() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        command_grammar().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        fn walk(command: &clap::Command) {
            if command.is_hide_set() {
                return;
            }
            let help = command.get_after_help().map(ToString::to_string);
            let name = command.get_name();
            assert!(help.is_some_and(|h| h.contains("EXAMPLES")), "{name}");
            command.get_subcommands().for_each(walk);
        }
        walk(&command_grammar());
    }
}
