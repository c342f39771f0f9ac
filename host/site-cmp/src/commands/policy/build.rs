//! `cmp policy build`: a Rust policy as the component that a fleet keeps in Git.

use std::path::PathBuf;

use clap::Args;
use site_render::finding::Fault;

use crate::codes;
use crate::exit::Stop;
use crate::output::Console;
use crate::policy_build::{self, BuildError};
use crate::report::visible;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy build plugin/policies/worker-placement
  cmp policy build . -o ../../../site-profiles/policies/worker-placement.wasm
";

/// Build a Rust policy with the toolchain that is here, and make it a component
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildArgs {
    /// Folder of the policy's package
    path: PathBuf,
    /// Where to write the component [default: NAME.wasm in the working folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Builds.
pub(super) fn run(args: &BuildArgs, console: &Console) -> Result<(), Stop> {
    let built = policy_build::build(&args.path, args.output.as_deref()).map_err(told)?;
    let path = built.path.display().to_string();
    console.write(&format!("{}  {} bytes  sha256 {}\n", visible(&path), built.size, built.sha256))
}

fn told(error: BuildError) -> Stop {
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
