//! Findings: messages for the user beside the plan, built from the policy's [`Code`](crate::Code)s.

use crate::{Finding, Severity};

impl Finding {
    /// Returns the finding with another severity than its catalogue entry has.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Returns the finding with its place: a JSON Pointer. The host looks it up in the
    /// values, the profile, the fleet and the settings, in this order, and shows file and line.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Returns the finding with a hint: what the user can do, as an imperative.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
