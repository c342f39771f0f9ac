//! What may be wrong with an installation, looked at one thing at a time.
//!
//! It looks and changes nothing: no socket is made, no file is written but an empty one
//! that goes at once, no link of a repo is followed. What it cannot see it says so,
//! instead of guessing well.

mod application;
mod environment;
mod folder;
mod generate_paths;
mod glob;
mod links;
mod permission;
mod repo;
mod shipment;
mod sizes;
mod socket;
mod used;
mod walk;

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use environment::Environment;
pub(crate) use permission::User;
pub(crate) use repo::Question;
pub(crate) use socket::Place;

use crate::exit::CommandError;
use crate::operator::Operator;
use crate::report;
use crate::table::Table;

/// What a look at one thing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and could be better; or it could not be seen.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// What was looked at, `area/what`.
    #[serde(rename = "check")]
    pub(crate) topic: &'static str,
    /// What it came to.
    pub(crate) verdict: Verdict,
    /// What was seen.
    pub(crate) says: String,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<String>,
    /// What was measured, for programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) figures: BTreeMap<&'static str, u64>,
}

impl Check {
    /// As it should be.
    pub(crate) fn ok(topic: &'static str, says: impl Into<String>) -> Self {
        let (verdict, change) = (Verdict::Ok, None);
        Self { topic, verdict, says: says.into(), change, figures: BTreeMap::new() }
    }

    /// It could be better.
    pub(crate) fn warn(
        topic: &'static str,
        says: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, change: Some(change.into()), ..Self::ok(topic, says) }
    }

    /// It does not work.
    pub(crate) fn fail(
        topic: &'static str,
        says: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fail, change: Some(change.into()), ..Self::ok(topic, says) }
    }

    /// The same, with something that was measured.
    fn figure(mut self, name: &'static str, number: u64) -> Self {
        self.figures.insert(name, number);
        self
    }
}

/// Looks at everything.
pub(crate) fn look(
    place: &Place,
    environment: &Environment,
    question: Option<&Question>,
    operator: impl FnOnce() -> Result<Operator, CommandError>,
) -> Vec<Check> {
    let mut checks = socket::checks(place);
    checks.extend(environment.checks());
    let operator = operator();
    checks.push(limits(operator.as_ref()));
    if let Some(question) = question {
        checks.extend(repo::checks(question, environment, operator.ok().as_ref()));
    }
    checks
}

fn limits(operator: Result<&Operator, &CommandError>) -> Check {
    match operator {
        Ok(_) => Check::ok("limits/file", "the operator's limits can be read"),
        Err(stop) => Check::fail(
            "limits/file",
            reason(stop),
            "mend the file that --limits or SITE_CMP_LIMITS names; without it no policy runs",
        ),
    }
}

/// Why a step of ours stopped, in one line that ends with the place.
fn reason(stop: &CommandError) -> String {
    let CommandError::Problems(problems) = stop else {
        return "it stopped without a word".to_owned();
    };
    let Some(finding) = problems.0.iter().find(|finding| finding.is_error()) else {
        return "it stopped without an error".to_owned();
    };
    let place = finding.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    format!("[{}] {}{place}", finding.code, finding.message)
}

/// The checks as a table for people.
pub(crate) fn text(checks: &[Check]) -> String {
    let mut table = Table::new(&["", "CHECK", "SEEN"]);
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

/// Bytes as a person reads them.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if count < 1000 {
        return report::plural(usize::try_from(count).unwrap_or_default(), "byte");
    }
    // Tenths, rounded down: a figure to read, not to reckon with.
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
        let text = text(&checks);
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
            assert_eq!(bytes(count), told);
        }
    }
}
