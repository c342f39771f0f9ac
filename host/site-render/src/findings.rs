//! The collector of a render's warnings and notes.
//!
//! A stage returns its result as [`Reported`], whose fields are private. `Findings::collect`
//! takes the value out together with the findings, so no stage's findings can be forgotten.
//! [`Reported::without_findings`] discards them on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::disclosure::{RepeatedBy, known_secrets};
use crate::finding::{Finding, Problems, Stage};
use crate::progress::{Progress, Unwatched};
use crate::value::Node;

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
    Merge,
    Validate,
    Resources,
    Emit,
    Checks,
}

impl Reporter {
    /// Returns the stage that begins when this one has reported.
    fn next_stage(self) -> Stage {
        match self {
            Self::Profile | Self::Lock => Stage::Gate,
            // Layers of a configuration are inputs too; policies choose them.
            Self::Gate | Self::Policies => Stage::Inputs,
            // The check policies run after everything is emitted.
            Self::Inputs | Self::Emit => Stage::Policies,
            Self::Config => Stage::Overlay,
            Self::Overlay => Stage::Merge,
            Self::Merge => Stage::Validate,
            Self::Validate => Stage::Resources,
            Self::Resources | Self::Checks => Stage::Emit,
        }
    }
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
#[derive(Debug)]
pub(crate) struct Findings {
    by_reporter: BTreeMap<Reporter, Vec<Finding>>,
    /// The documents that policies have read, and may repeat in names, paths and values of a plan.
    read: Vec<Node>,
    progress: Arc<dyn Progress>,
}

impl Default for Findings {
    fn default() -> Self {
        Self { by_reporter: BTreeMap::new(), read: Vec::new(), progress: Arc::new(Unwatched) }
    }
}

impl Findings {
    /// Returns an empty collector that reports the stages of a render as they begin.
    pub(crate) fn watched_by(progress: &Arc<dyn Progress>) -> Self {
        progress.begin_stage(Stage::Profile);
        Self { progress: progress.clone(), by_reporter: BTreeMap::new(), read: Vec::new() }
    }

    /// Adds the findings of a stage and returns its value. The next stage begins.
    pub(crate) fn collect<T>(&mut self, mut reported: Reported<T>) -> T {
        self.progress.begin_stage(reported.reporter.next_stage());
        hide_in_findings(&mut reported.findings, &self.read);
        self.by_reporter.entry(reported.reporter).or_default().extend(reported.findings);
        reported.value
    }

    /// Does the same with the result of a stage that may fail.
    pub(crate) fn collect_result<T, E: Into<Problems>>(
        &mut self,
        result: Result<Reported<T>, E>,
    ) -> Result<T, Problems> {
        result.map(|reported| self.collect(reported)).map_err(|error| {
            let mut problems = error.into();
            hide_in_findings(&mut problems.0, &self.read);
            problems
        })
    }

    /// Hides the secrets of documents in all findings and errors that follow.
    pub(crate) fn hide_secrets_of<'n>(&mut self, documents: impl Iterator<Item = &'n Node>) {
        self.read = documents.cloned().collect();
    }

    /// Returns all findings in the order of their reporters.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        std::mem::take(&mut self.by_reporter).into_values().flatten().collect()
    }
}

/// Hides secrets of documents in findings that may repeat what a policy has made of them.
fn hide_in_findings(findings: &mut [Finding], documents: &[Node]) {
    if findings.is_empty() || documents.is_empty() {
        return;
    }
    let repeated = RepeatedBy::texts(findings.iter().flat_map(Finding::texts));
    let secrets = known_secrets(documents, &repeated);
    for finding in findings {
        finding.hide_secrets(&secrets);
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        self.progress.end_render();
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
