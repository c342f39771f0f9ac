//! `cmp completions`: prints a script that makes a shell complete command lines.

use std::path::Path;

use clap::Args;
use clap_complete::Shell;

use crate::cli;
use crate::exit::CommandError;
use crate::output::Console;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp completions bash > ~/.local/share/bash-completion/completions/cmp
  site-cmp completions fish > ~/.config/fish/completions/site-cmp.fish
";

/// Print the completion script of a shell
///
/// The script completes the name by which this program was called.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// Shell that reads the script
    shell: Shell,
}

/// Prints completions.
pub(crate) fn run(args: &CompletionsArgs, console: &Console) -> Result<(), CommandError> {
    let called = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&called).file_name().and_then(|name| name.to_str());
    let mut text = Vec::new();
    let mut grammar = cli::command_grammar();
    clap_complete::generate(args.shell, &mut grammar, name.unwrap_or("cmp"), &mut text);
    console.write_documents(&String::from_utf8_lossy(&text))
}
