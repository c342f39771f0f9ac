//! The collector of a render's warnings and notes.
//!
//! A stage returns its result as [`Reported`], whose fields are private. `Findings::collect`
//! takes the value out together with the findings, so no stage's findings can be forgotten.
//! [`Reported::without_findings`] discards them on purpose.

use std::collections::BTreeMap;

use crate::finding::Finding;

/// A part of a render that reports findings, in the order in which a report lists them.
///
/// The configuration depends on the policies' plans and is listed before them, with the
/// other inputs: a user fixes inputs first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reporter {
    Profile,
    Lock,
    Gate,
    Inputs,
    Config,
    Policies,
    Overlay,
    Validate,
    Resources,
    Checks,
}

/// The result of a stage, with the warnings and notes that it reports.
#[must_use = "pass it to `Findings::collect`"]
#[derive(Debug)]
pub(crate) struct Reported<T> {
    value: T,
    reporter: Reporter,
    findings: Vec<Finding>,
}

impl<T> Reported<T> {
    /// Returns a result with its findings.
    pub(crate) fn new(reporter: Reporter, value: T, findings: Vec<Finding>) -> Self {
        Self { value, reporter, findings }
    }

    /// Returns the result alone, for a caller that reports no findings.
    pub(crate) fn without_findings(self) -> T {
        self.value
    }

    /// Returns the result and its findings.
    #[cfg(test)]
    pub(crate) fn into_parts(self) -> (T, Vec<Finding>) {
        (self.value, self.findings)
    }

    /// Returns the result of a function on the value, with the same findings.
    pub(crate) fn map<U>(self, function: impl FnOnce(T) -> U) -> Reported<U> {
        Reported { value: function(self.value), reporter: self.reporter, findings: self.findings }
    }
}

/// The findings of all stages of one render.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Reporter, Vec<Finding>>);

impl Findings {
    /// Adds the findings of a stage and returns its value.
    pub(crate) fn collect<T>(&mut self, reported: Reported<T>) -> T {
        self.0.entry(reported.reporter).or_default().extend(reported.findings);
        reported.value
    }

    /// Returns all findings in the order of their reporters.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0.into_values().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, Reported, Reporter};
    use crate::codes;

    #[test]
    fn findings_are_listed_in_the_order_of_their_reporters() {
        let mut findings = Findings::default();
        let reported = |reporter, message: &str| {
            Reported::new(reporter, (), vec![codes::VALUES_ABSENT.finding(message)])
        };
        findings.collect(reported(Reporter::Policies, "third"));
        findings.collect(reported(Reporter::Config, "second"));
        findings.collect(reported(Reporter::Profile, "first"));
        findings.collect(reported(Reporter::Policies, "fourth"));
        let messages: Vec<String> =
            findings.into_vec().into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, ["first", "second", "third", "fourth"]);
    }
}
