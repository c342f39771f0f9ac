//! `cmp explain`: where a value comes from.

mod story;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use site_render::explain;
use site_render::lock::LOCK_FILE;
use site_render::request::Target;

use crate::ask::{self, InputArgs, Inputs, SiteArgs, Wanted};
use crate::exit::Stop;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp explain --site rax-dev-iad3                        every value that policies set
  cmp explain --site rax-dev-iad3 worker.replicas       each layer that had a say
  cmp explain site-profiles --site rax-dev-iad3 /worker -o json
  cmp explain --site rax-dev-iad3 worker.replicas --setting worker.replicas=3
";

/// Show where a value comes from: each layer that set it, the policy and its reason
///
/// PATH is dotted (worker.replicas) or a JSON Pointer (/worker/replicas); without it
/// the whole overlay is shown as a table.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "cmp explain [OPTIONS] --site NAME [FLEET] [PATH]")]
pub(crate) struct ExplainArgs {
    /// Folder of the fleet [default: the nearest one upwards that holds policies.lock]
    #[arg(value_name = "FLEET")]
    fleet: Option<String>,
    /// The value
    #[arg(value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    inputs: InputArgs,
    /// How to show it
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ShapeName,
}

/// How an explanation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShapeName {
    /// For people
    Text,
    /// One array
    Json,
}

/// Explains.
pub(crate) fn run(args: ExplainArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let (fleet, path) = words(args.fleet, args.path);
    let subject = args.site.one()?;
    let root = fleet_root::find(fleet.as_deref(), None)?;
    let wanted = Wanted { target: Target::Values, merged: false, record_reads: true };
    let inputs = Inputs::from(args.inputs);
    let fleet = ask::open(&root, &inputs, operator, None)?;
    let request = ask::request(subject, wanted, &inputs)?;
    let rendered = site_render::render(&fleet, &request)?;
    console.findings(&rendered.findings);
    let explained = explain::explain(&rendered, path.as_deref())?;
    match (args.output, &path) {
        (ShapeName::Json, _) => console.write(&report::to_json(&story::to_json(&explained))),
        (ShapeName::Text, None) => console.write(&story::table(&explained)),
        (ShapeName::Text, Some(_)) => console.write_styled(&story::text(&explained)),
    }
}

/// Which words are the fleet and the path: one alone is the fleet only where it is one.
fn words(first: Option<String>, second: Option<String>) -> (Option<PathBuf>, Option<String>) {
    match (first, second) {
        (Some(word), None) if !is_fleet(&word) => (None, Some(word)),
        (fleet, path) => (fleet.map(PathBuf::from), path),
    }
}

fn is_fleet(word: &str) -> bool {
    let folder = Path::new(word);
    // No value's path ends or begins so; what does is meant as a folder, if a wrong one.
    let looks_like = word.ends_with('/') || word.starts_with('.');
    looks_like || folder.join(LOCK_FILE).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_word_is_a_path_unless_it_is_a_fleet() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(LOCK_FILE), "").unwrap();
        let fleet = root.path().to_str().unwrap().to_owned();
        let split = |a: &str| words(Some(a.to_owned()), None);
        assert_eq!(split(&fleet), (Some(root.path().into()), None));
        assert_eq!(split("a.b"), (None, Some("a.b".into())));
        assert_eq!(split("/a/b"), (None, Some("/a/b".into())));
        assert_eq!(split(".."), (Some("..".into()), None));
        assert_eq!(words(None, None), (None, None));
    }
}
