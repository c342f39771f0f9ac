//! `cmp check`: reports all problems of a fleet.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use site_render::ValuesFileState;
use site_render::finding::{Finding, Problems};
use site_render::fleet_check::{FleetReport, SiteValuesFile, check_fleet};
use site_render::request::Target;

use crate::chart;
use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::FleetArg;
use crate::output::Console;
use crate::output_format::ReportFormat;
use crate::report::{self, FindingLine};
use crate::request_builder::RequestBuilder;
use crate::table::{TextTable, clip};

/// The longest cell of a table, in characters.
const LONGEST_CELL: usize = 200;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp check site-profiles             check a fleet
  cmp check site-profiles -o json     print the findings as JSON
  cmp check --chart ./web-1.2.3.tgz   validate values against the chart's schema too
  cmp check --value-files             list the values files of each site
";

/// Check every profile, environment and policy of a fleet, and its lock
///
/// Renders every site and reports all problems, not only the first. Exits with 1 if one of them
/// is an error.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Chart directory or .tgz; its default values are merged in and its schema is enforced
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
    /// Accept a chart of another name or version than the environment names
    #[arg(long, requires = "chart")]
    other_chart: bool,
    /// List the values files that Argo CD will read for each site, and whether they were seen here
    #[arg(long)]
    value_files: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ReportFormat,
}

/// Checks a fleet and prints its findings.
pub(crate) fn run(
    args: CheckArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let chart = match &args.chart {
        Some(path) => Some(Arc::new(chart::read(path, args.other_chart)?)),
        None => None,
    };
    let opened = RequestBuilder::new(Target::Application).open_fleet(&root, operator, None);
    let report = match opened.map(|fleet| check_fleet(&fleet, chart.as_ref())) {
        Ok(report) => report,
        Err(CommandError::Problems(Problems(findings))) => {
            FleetReport { findings, sites: 0, value_files: Vec::new() }
        }
        Err(error) => return Err(error),
    };
    let FleetReport { findings, sites, value_files } = report;
    match args.output {
        ReportFormat::Json if args.value_files => {
            let value_files = value_files.iter().map(ValuesFileLine::from).collect();
            let findings = finding_lines(&findings);
            console.write(&report::to_json(&WithValuesFiles { findings, value_files }))?;
        }
        ReportFormat::Json => {
            console.write(&report::to_json(&finding_lines(&findings)))?;
        }
        ReportFormat::Text => {
            let mut text = report::render_styled(&sort_by_file(&findings, console));
            let unseen = if args.value_files {
                text.push_str(&value_files_table(&value_files));
                String::new()
            } else {
                unseen_files(&value_files)
            };
            let sites = report::plural(sites, "site");
            let counts = report::count_by_severity(&findings);
            console.print_message(&format!("{text}{sites}, {counts}{unseen}\n"));
        }
    }
    if findings.iter().any(Finding::is_error) {
        return Err(CommandError::Reported(Problems(findings).fault()));
    }
    Ok(())
}

/// Findings with the values files of each site.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WithValuesFiles<'r> {
    findings: Vec<FindingLine<'r>>,
    value_files: Vec<ValuesFileLine<'r>>,
}

/// A values file of a site.
#[derive(Serialize)]
struct ValuesFileLine<'r> {
    site: &'r str,
    component: &'r str,
    reference: &'r str,
    state: &'static str,
}

impl<'r> From<&'r SiteValuesFile> for ValuesFileLine<'r> {
    fn from(one: &'r SiteValuesFile) -> Self {
        let state = match one.file.state {
            ValuesFileState::Read => "read",
            ValuesFileState::Missing => "missing",
            ValuesFileState::Unseen => "unseen",
        };
        let reference = &one.file.reference;
        Self { site: &one.site, component: &one.component, reference, state }
    }
}

fn finding_lines(findings: &[Finding]) -> Vec<FindingLine<'_>> {
    findings.iter().map(FindingLine::from).collect()
}

/// Returns how many values files were not seen, for the last line; nothing if there are none.
fn unseen_files(files: &[SiteValuesFile]) -> String {
    match files.iter().filter(|one| one.file.state == ValuesFileState::Unseen).count() {
        0 => String::new(),
        1 => "; 1 values file was not seen here: see --value-files".to_owned(),
        count => format!("; {count} values files were not seen here: see --value-files"),
    }
}

/// Returns a table of the values files.
fn value_files_table(files: &[SiteValuesFile]) -> String {
    let mut table = TextTable::new(&["SITE", "COMPONENT", "STATE", "VALUES FILE"]);
    for line in files.iter().map(ValuesFileLine::from) {
        let cells = [line.site, line.component, line.state, line.reference];
        table.row(cells.map(|cell| clip(cell, LONGEST_CELL)).to_vec());
    }
    table.text()
}

/// Sorts findings by file, in each file by the order of the check; those without a location come
/// first.
fn sort_by_file<'a>(findings: &'a [Finding], console: &Console) -> Vec<&'a Finding> {
    let mut shown: Vec<&Finding> =
        findings.iter().filter(|finding| console.shows_severity(finding.severity)).collect();
    shown.sort_by_key(|finding| finding.place.as_ref().map(|place| &place.file.name));
    shown
}
