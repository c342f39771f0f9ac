//! Checks of an installation, one aspect at a time.
//!
//! The checks change nothing: no socket is created, no file is written except an empty one that
//! is removed at once, and no link of a repo is followed. A check that cannot see its subject
//! reports that instead of guessing.

mod application;
mod environment;
mod folder;
mod generate_paths;
mod glob;
mod links;
mod permission;
mod repo;
mod archive_size;
mod sizes;
mod socket;
mod read_files;
mod walk;

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use environment::Environment;
pub(crate) use permission::User;
pub(crate) use repo::RepoQuery;
pub(crate) use socket::SocketLocation;

use crate::exit::CommandError;
use crate::operator::Operator;
use crate::report;
use crate::table::TextTable;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// It works.
    Ok,
    /// It works and could be better, or it could not be checked.
    Warn,
    /// It does not work.
    Fail,
}

/// One check with its result.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// The subject, as `area/name`.
    #[serde(rename = "check")]
    pub(crate) topic: &'static str,
    /// The result.
    pub(crate) verdict: Verdict,
    /// The observation.
    pub(crate) says: String,
    /// The recommended change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<String>,
    /// Measured numbers, for programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) figures: BTreeMap<&'static str, u64>,
}

impl Check {
    /// Returns a passed check.
    pub(crate) fn ok(topic: &'static str, says: impl Into<String>) -> Self {
        let (verdict, change) = (Verdict::Ok, None);
        Self { topic, verdict, says: says.into(), change, figures: BTreeMap::new() }
    }

    /// Returns a check with a warning and a recommended change.
    pub(crate) fn warn(
        topic: &'static str,
        says: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, change: Some(change.into()), ..Self::ok(topic, says) }
    }

    /// Returns a failed check and how to fix it.
    pub(crate) fn fail(
        topic: &'static str,
        says: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fail, change: Some(change.into()), ..Self::ok(topic, says) }
    }

    /// Adds a measured number.
    fn with_figure(mut self, name: &'static str, number: u64) -> Self {
        self.figures.insert(name, number);
        self
    }
}

/// Runs all checks.
pub(crate) fn run_checks(
    place: &SocketLocation,
    environment: &Environment,
    query: Option<&RepoQuery>,
    operator: impl FnOnce() -> Result<Operator, CommandError>,
) -> Vec<Check> {
    let mut checks = socket::check_socket(place);
    checks.extend(environment.checks());
    let operator = operator();
    checks.push(check_limits(operator.as_ref()));
    if let Some(query) = query {
        checks.extend(repo::check_repo(query, environment, operator.ok().as_ref()));
    }
    checks
}

/// Checks that the limits file can be read.
fn check_limits(operator: Result<&Operator, &CommandError>) -> Check {
    match operator {
        Ok(_) => Check::ok("limits/file", "the operator's limits are readable and valid"),
        Err(stop) => Check::fail(
            "limits/file",
            error_summary(stop),
            "fix the file that --limits or SITE_CMP_LIMITS names; until then no policy runs",
        ),
    }
}

/// Returns a command's error in one line that ends with its place.
fn error_summary(stop: &CommandError) -> String {
    let CommandError::Problems(problems) = stop else {
        return "it stopped without a message".to_owned();
    };
    let Some(finding) = problems.0.iter().find(|finding| finding.is_error()) else {
        return "it stopped without an error".to_owned();
    };
    let place = finding.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    format!("[{}] {}{place}", finding.code, finding.message)
}

/// Renders the checks as a table for people.
pub(crate) fn to_table(checks: &[Check]) -> String {
    let mut table = TextTable::new(&["", "CHECK", "SEEN"]);
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        let says = report::visible(&check.says).into_owned();
        table.row(vec![verdict.to_owned(), check.topic.to_owned(), says]);
        if let Some(change) = &check.change {
            let change = format!("  do: {}", report::visible(change));
            table.row(vec![String::new(), String::new(), change]);
        }
    }
    let of = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let summary = format!("{} failed, {} could be better\n", of(Verdict::Fail), of(Verdict::Warn));
    table.text() + &summary
}

/// Formats a number of bytes for people.
fn format_bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if count < 1000 {
        return report::plural(usize::try_from(count).unwrap_or_default(), "byte");
    }
    // Tenths, rounded down: precise enough to read.
    let (mut tenths, mut unit) = (count / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_the_change_below_what_was_seen() {
        let checks = [
            Check::ok("a/b", "fine"),
            Check::fail("a/c", "a name\nwith \u{1b}[31m in it", "take it out"),
        ];
        let text = to_table(&checks);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "ok    a/b    fine");
        assert_eq!(lines[2], r"FAIL  a/c    a name\nwith \u{1b}[31m in it");
        assert_eq!(lines[3].trim(), "do: take it out");
        assert_eq!(lines[4], "1 failed, 0 could be better");
    }

    #[test]
    fn bytes_are_told_in_three_digits_or_so() {
        for (count, told) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 KB"),
            (999_999, "999.9 KB"),
            (9_200_000, "9.2 MB"),
            (25 << 40, "27.4 TB"),
        ] {
            assert_eq!(format_bytes(count), told);
        }
    }
}
