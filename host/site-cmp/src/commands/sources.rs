//! `cmp sources`: lists the copies of other repositories, with the digests of their files.

use clap::Args;
use serde::Serialize;
use site_render::copies::{self, SourceCopy};
use site_render::request::Target;

use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::FleetArg;
use crate::output::Console;
use crate::output_format::ListFormat;
use crate::report::{self, ShownText, visible};
use crate::request_builder::RequestBuilder;
use crate::table::TextTable;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp sources site-profiles            a table
  cmp sources site-profiles -o json    for other programs

The digest is the SHA-256 of a line for each file, sorted by path, as sha256sum prints it:
  find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
";

/// List the copies of other repositories in a fleet, with the digests of their files
///
/// An environment records the digest of a copy as `sources.NAME.sha256`; `cmp check` refuses a copy
/// that differs from it. STATE is `recorded`, `changed`, or `not recorded`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SourcesArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: ListFormat,
}

/// One copy.
#[derive(Serialize)]
struct CopyLine<'a> {
    environment: &'a str,
    source: &'a str,
    path: &'a str,
    url: Option<&'a str>,
    #[serde(rename = "ref")]
    revision: Option<&'a str>,
    sha256: &'a str,
    state: &'static str,
}

/// Prints the copies.
pub(crate) fn run(
    args: &SourcesArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let fleet = RequestBuilder::new(Target::Application).open_fleet(&root, operator, None)?;
    let copies = copies::copies(&fleet)?;
    let lines: Vec<_> = copies.iter().map(CopyLine::from).collect();
    console.write(&match args.output {
        ListFormat::Table => ShownText::of(&render_table(&lines)),
        ListFormat::Yaml => report::to_yaml(&lines),
        ListFormat::Json => report::to_json(&lines),
    })
}

impl<'a> From<&'a SourceCopy> for CopyLine<'a> {
    fn from(copy: &'a SourceCopy) -> Self {
        Self {
            environment: &copy.environment,
            source: &copy.name,
            path: &copy.folder.path,
            url: copy.folder.url.as_deref(),
            revision: copy.folder.revision.as_deref(),
            sha256: &copy.digest,
            state: match copy.is_unchanged() {
                Some(true) => "recorded",
                Some(false) => "changed",
                None => "not recorded",
            },
        }
    }
}

fn render_table(lines: &[CopyLine<'_>]) -> String {
    let mut table = TextTable::new(&["ENVIRONMENT", "SOURCE", "PATH", "REF", "SHA256", "STATE"]);
    for line in lines {
        let words =
            [line.environment, line.source, line.path, line.revision.unwrap_or("any"), line.sha256];
        let cells = words.map(|word| visible(word).into_owned()).into_iter();
        table.row(cells.chain([line.state.to_owned()]).collect());
    }
    table.text()
}
