//! `cmp policy build`: builds a Rust policy as the component that a fleet commits to Git.

use std::path::PathBuf;

use clap::Args;
use site_render::finding::Fault;

use crate::codes;
use crate::exit::CommandError;
use crate::output::Console;
use crate::policy_build::{self, BuildError};
use crate::report::{ShownText, visible};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy build plugin/policies/worker-placement
  cmp policy build . -o ../../../site-profiles/policies/worker-placement.wasm
";

/// Build a Rust policy as a WASM component, with the installed Rust toolchain
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildArgs {
    /// Directory of the policy's Cargo package
    path: PathBuf,
    /// File to write the component to [default: NAME.wasm in the working directory]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Builds a policy and prints the size and digest of its component.
pub(super) fn run(args: &BuildArgs, console: &Console) -> Result<(), CommandError> {
    let built =
        policy_build::build(&args.path, args.output.as_deref()).map_err(to_command_error)?;
    let path = built.path.display().to_string();
    let line = format!("{}  {} bytes  sha256 {}\n", visible(&path), built.size, built.sha256);
    console.write(&ShownText::of(&line))
}

fn to_command_error(error: BuildError) -> CommandError {
    let fault = match error {
        BuildError::NoToolchain | BuildError::Run { .. } | BuildError::Io { .. } => {
            Fault::Environment
        }
        _ => Fault::Input,
    };
    let text = error.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let finding = codes::POLICY_BUILD.finding(first).blame(fault);
    if rest.is_empty() { finding.into() } else { finding.hint(rest).into() }
}
