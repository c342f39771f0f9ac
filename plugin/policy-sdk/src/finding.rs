//! Findings: what a human should know beside the plan.

use crate::{Finding, Severity};

impl Finding {
    /// A finding that stops the render.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A finding that is shown while the render goes on.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// A finding shown on request.
    pub fn note(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message.into())
    }

    /// The same at a place: a JSON Pointer into the values or the profile.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(severity: Severity, code: &str, message: String) -> Self {
        Self { severity, code: code.to_owned(), message, path: None, hint: None }
    }
}
