//! `cmp explain`: shows where a value comes from, or what a finding's code means.

mod code;
mod story;

use std::path::{Path, PathBuf};

use clap::Args;
use site_render::explain;
use site_render::lock::LOCK_FILE;
use site_render::request::Target;

use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::{InputArgs, SiteArgs};
use crate::output::Console;
use crate::output_format::ReportFormat;
use crate::report::{self, ShownText};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp explain site-profiles --site rax-prod-dfw1          every value that policies set
  cmp explain site-profiles --site rax-prod-dfw1 workers.rax-prod-dfw1.nodeSelector
  cmp explain site-profiles --site rax-prod-dfw1 /workers/rax-prod-dfw1/tolerations -o json
  cmp explain --code gate/not-boolean                   cause and fix of a finding
";

const USAGE: &str = "cmp explain [OPTIONS] <--site NAME|--profile FILE> [FLEET] [PATH]
       cmp explain --code CODE [-o FORMAT]";

/// Show where a value comes from: each layer that set it, the policy and its reason
///
/// PATH is dotted (workers.x.replicaCount) or a JSON Pointer (/workers/x/replicaCount). Without
/// PATH, every value that policies set is listed in a table.
///
/// A single argument is the PATH, unless it is the directory of a fleet.
///
/// With --code it shows the cause and the fix of a finding instead.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub(crate) struct ExplainArgs {
    /// Fleet directory [default: the working directory, or the nearest one above it that
    /// contains policies.lock]
    #[arg(value_name = "FLEET")]
    fleet: Option<String>,
    /// Path of the value in the chart's values
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// Code of a finding, such as gate/not-boolean
    #[arg(long, value_name = "CODE")]
    #[arg(conflicts_with_all = ["fleet", "path", "SiteArgs", "InputArgs"])]
    code: Option<String>,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    inputs: InputArgs,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ReportFormat,
}

/// Explains a code or the values of a site.
pub(crate) fn run(
    args: ExplainArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    match &args.code {
        Some(code) => explain_code(code, args.output, console),
        None => explain_values(args, operator, console),
    }
}

fn explain_code(code: &str, format: ReportFormat, console: &Console) -> Result<(), CommandError> {
    let entries = code::find_entries(code)?;
    console.write(&match format {
        ReportFormat::Json => report::to_json(&entries),
        ReportFormat::Text => ShownText::of(&code::render_entries(&entries)),
    })
}

fn explain_values(
    args: ExplainArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let (fleet, path) = split_words(args.fleet, args.path);
    let subject = args.site.required_subject()?;
    let root = fleet_root::find_fleet(fleet.as_deref(), None)?;
    let mut builder = args.inputs.into_builder(Target::Values);
    builder.record_reads = true;
    let fleet = builder.open_fleet(&root, operator, None)?;
    let rendered = site_render::render(&fleet, &builder.build(subject)?)?;
    console.print_findings(&rendered.findings);
    let explained = explain::explain(&rendered, path.as_deref())?;
    match (args.output, &path) {
        (ReportFormat::Json, _) => console.write(&report::to_json(&story::to_json(&explained))),
        (ReportFormat::Text, None) => {
            console.write(&ShownText::of(&story::render_table(&explained)))
        }
        (ReportFormat::Text, Some(_)) => {
            console.write_styled(&ShownText::of(&story::render_text(&explained)))
        }
    }
}

/// Splits the words of the command line into fleet and path. A single word is the fleet only if
/// it is the folder of one.
fn split_words(first: Option<String>, second: Option<String>) -> (Option<PathBuf>, Option<String>) {
    match (first, second) {
        (Some(word), None) if !is_fleet(&word) => (None, Some(word)),
        (fleet, path) => (fleet.map(PathBuf::from), path),
    }
}

fn is_fleet(word: &str) -> bool {
    let folder = Path::new(word);
    // No path of a value ends with `/` or starts with `.`, so such a word is a folder, even a
    // wrong one.
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
        let split = |a: &str| split_words(Some(a.to_owned()), None);
        assert_eq!(split(&fleet), (Some(root.path().into()), None));
        assert_eq!(split("a.b"), (None, Some("a.b".into())));
        assert_eq!(split("/a/b"), (None, Some("/a/b".into())));
        assert_eq!(split(".."), (Some("..".into()), None));
        assert_eq!(split_words(None, None), (None, None));
    }
}
