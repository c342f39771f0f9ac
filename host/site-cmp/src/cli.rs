//! The command line: its commands and how it is parsed.

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
use crate::exit::Stop;
use crate::globals::Globals;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp render site-profiles --site rax-dev-iad3       what a site's policies decide
  cmp explain --site rax-dev-iad3 worker.replicas   where a value comes from
  cmp check                                          all that is wrong with a fleet
";

/// Turn the profile of a site into what Argo CD applies, by sandboxed WASM policies
///
/// A fleet is a folder that holds policies.lock. Exit codes: 0 done, 1 the input is
/// wrong, 2 the command line is wrong, 3 the machine is wrong, 4 a bug of this program.
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
    /// What every command takes.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order in which a user meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Render(RenderArgs),
    Explain(ExplainArgs),
    Parameters(ParametersArgs),
    Check(CheckArgs),
    Certs(CertsArgs),
    Cluster(ClusterArgs),
    Generate(GenerateArgs),
    Serve(ServeArgs),
    Health(HealthArgs),
    Policy(PolicyArgs),
    Schema(SchemaArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    /// Compile one policy for the process that started this one
    #[command(name = "__compile", hide = true)]
    Compile,
    /// Evaluate Jsonnet for the process that started this one
    #[command(name = "__jsonnet", hide = true)]
    Jsonnet,
}

/// Parses a command line.
pub(crate) fn parse(words: Vec<OsString>) -> Result<Cli, Stop> {
    Cli::try_parse_from(words).map_err(|error| Stop::Usage(Box::new(error)))
}

/// A wrong command line, in one sentence.
pub(crate) fn error(message: &str) -> clap::Error {
    Cli::command().error(ErrorKind::ValueValidation, message)
}

/// Whether a first word is a command or option of ours.
pub(crate) fn knows(word: &str) -> bool {
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

/// The command line's grammar, for completions.
pub(crate) fn grammar() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
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
        walk(&grammar());
    }
}
