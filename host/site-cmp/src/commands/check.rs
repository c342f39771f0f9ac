//! `cmp check`: reports all problems of a fleet.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use site_render::finding::{Finding, Problems};
use site_render::fleet_check::check_fleet;
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

const EXAMPLES: &str = "\
EXAMPLES:
  cmp check site-profiles             check a fleet
  cmp check site-profiles -o json     print the findings as JSON
  cmp check --chart ./web-1.2.3.tgz   validate values against the chart's schema too
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
    let checked = opened.map(|fleet| {
        let findings = check_fleet(&fleet, chart.as_ref());
        // If sites cannot be listed, a finding says why.
        let sites = fleet.sites(None).map_or(0, |sites| sites.len());
        (findings, sites)
    });
    let (findings, sites) = match checked {
        Ok(checked) => checked,
        Err(CommandError::Problems(problems)) => (problems.0, 0),
        Err(error) => return Err(error),
    };
    match args.output {
        ReportFormat::Json => {
            let lines: Vec<_> = findings.iter().map(FindingLine::from).collect();
            console.write(&report::to_json(&lines))?;
        }
        ReportFormat::Text => {
            let shown = sort_by_file(&findings, console);
            let sites = report::plural(sites, "site");
            let summary = format!("{sites}, {}\n", report::count_by_severity(&findings));
            console.print_message(&format!("{}{summary}", report::render_styled(&shown)));
        }
    }
    if findings.iter().any(Finding::is_error) {
        return Err(CommandError::Reported(Problems(findings).fault()));
    }
    Ok(())
}

/// Sorts findings by file, in each file by the order of the check; those without a location come
/// first.
fn sort_by_file<'a>(findings: &'a [Finding], console: &Console) -> Vec<&'a Finding> {
    let mut shown: Vec<&Finding> =
        findings.iter().filter(|finding| console.shows_severity(finding.severity)).collect();
    shown.sort_by_key(|finding| finding.place.as_ref().map(|place| &place.file.name));
    shown
}
