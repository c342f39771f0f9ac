//! The error of a rejected artifact or call, without a policy's name.
//!
//! A [`RejectError`] is cached with the artifact. Each caller adds the policy's name, because two
//! names may refer to the same bytes.

use site_render::finding::{Code, Fault, Finding};

use crate::codes;
use crate::text::escape_controls;

/// An error of the sandbox, without a policy's name.
#[derive(Clone, Debug)]
pub(crate) struct RejectError {
    code: &'static Code,
    fault: Fault,
    message: String,
    hint: Option<String>,
}

impl RejectError {
    /// Returns an error that the policy's author or owner can fix.
    pub(crate) fn input(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, fault: Fault::Input, message: message.into(), hint: None }
    }

    /// Returns an error of the environment.
    pub(crate) fn environment(code: &'static Code, message: impl Into<String>) -> Self {
        Self { fault: Fault::Environment, ..Self::input(code, message) }
    }

    /// Returns an error that indicates a bug of this program.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self { fault: Fault::Bug, ..Self::input(&codes::POLICY_SANDBOX_BUG, message) }
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a hint that names the limit's key in the limits file.
    pub(crate) fn limit(self, key: &str) -> Self {
        self.hint(format!(
            "if the policy needs more, the operator can raise {key} in the limits file"
        ))
    }

    /// Returns true if a retry would fail the same way, so that the error may be cached.
    pub(crate) fn is_cacheable(&self) -> bool {
        self.fault == Fault::Input
    }

    /// Returns the finding, with the policy's name in its message.
    pub(crate) fn for_policy(&self, policy: &str) -> Finding {
        self.to_finding(format!("policy {}: {}", escape_controls(policy), self.message))
    }

    /// Returns the finding without a policy's name.
    pub(crate) fn without_policy(&self) -> Finding {
        self.to_finding(self.message.clone())
    }

    fn to_finding(&self, message: String) -> Finding {
        let mut finding = self.code.finding(message).blame(self.fault);
        finding.hint.clone_from(&self.hint);
        finding
    }
}
