//! Findings: messages for the user beside the plan, built from the policy's [`Code`](crate::Code)s.

use crate::{Finding, Severity};

impl Finding {
    /// Returns a finding that stops the render.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// Returns a finding that is shown while the render goes on.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// Returns a finding that is shown on request.
    pub fn note(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message.into())
    }

    fn new(severity: Severity, code: &str, message: String) -> Self {
        Self { severity, code: code.to_owned(), message, path: None, hint: None }
    }

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
