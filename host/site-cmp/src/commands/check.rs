//! `cmp check`: all that is wrong with a fleet, at once.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use site_render::finding::{Finding, Problems};
use site_render::fleet_check::check_fleet;

use crate::ask::{self, FleetArg, Inputs};
use crate::chart;
use crate::exit::Stop;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::report::{self, FindingLine};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp check                                     the fleet around the working folder
  cmp check site-profiles -o json               for programs
  cmp check --chart ./web-1.2.3.tgz        values against the chart's schema too
";

/// Check every profile, environment and policy of a fleet, and its lock
///
/// Reports all problems and not only the first; exits with 1 if one is an error.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// The chart, a folder or an archive: its defaults and schema count then
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
    /// How to report
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: ReportName,
}

/// How problems are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportName {
    /// For people
    Text,
    /// One array
    Json,
}

/// Checks.
pub(crate) fn run(args: CheckArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let root = fleet_root::find(args.fleet.fleet.as_deref(), None)?;
    let chart = match &args.chart {
        Some(path) => Some(Arc::new(chart::read(path)?)),
        None => None,
    };
    let checked = ask::open(&root, &Inputs::default(), operator, None).map(|fleet| {
        let findings = check_fleet(&fleet, chart.as_ref());
        // Where sites cannot be counted, a finding says why.
        let sites = fleet.sites(None).map_or(0, |sites| sites.len());
        (findings, sites)
    });
    let (findings, sites) = match checked {
        Ok(checked) => checked,
        Err(Stop::Problems(problems)) => (problems.0, 0),
        Err(stop) => return Err(stop),
    };
    match args.output {
        ReportName::Json => {
            let lines: Vec<_> = findings.iter().map(FindingLine::from).collect();
            console.write(&report::to_json(&lines))?;
        }
        ReportName::Text => {
            let shown = grouped(&findings, console);
            let sites = report::plural(sites, "site");
            let summary = format!("{sites}, {}\n", report::count(&findings));
            console.tell(&format!("{}{summary}", report::text(&shown)));
        }
    }
    if findings.iter().any(Finding::is_error) {
        return Err(Stop::Reported(Problems(findings).fault()));
    }
    Ok(())
}

/// Findings file by file, in each the order of the check; those without a place first.
fn grouped<'a>(findings: &'a [Finding], console: &Console) -> Vec<&'a Finding> {
    let mut shown: Vec<&Finding> =
        findings.iter().filter(|finding| console.shows(finding.severity)).collect();
    shown.sort_by_key(|finding| finding.place.as_ref().map(|place| &place.file.name));
    shown
}
