//! Why something was refused, before it is known whose policy it was.
//!
//! A [`Refusal`] is remembered with the artifact; the policy's name is put in front of
//! it for each caller, because two names may stand for the same bytes.

use site_render::finding::{Code, Fault, Finding};

use crate::codes;
use crate::text::plain;

/// An error of the sandbox without a policy's name.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    code: &'static Code,
    fault: Fault,
    message: String,
    hint: Option<String>,
}

impl Refusal {
    /// Something that the policy's author or owner can mend.
    pub(crate) fn input(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, fault: Fault::Input, message: message.into(), hint: None }
    }

    /// Something that is wrong with the machine.
    pub(crate) fn environment(code: &'static Code, message: impl Into<String>) -> Self {
        Self { fault: Fault::Environment, ..Self::input(code, message) }
    }

    /// Something that should not be possible.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self { fault: Fault::Bug, ..Self::input(&codes::POLICY_SANDBOX_BUG, message) }
    }

    /// The same, with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with the limit's name in the operator's file as the hint.
    pub(crate) fn limit(self, key: &str) -> Self {
        self.hint(format!(
            "if the policy needs more, the operator can raise {key} in the limits file"
        ))
    }

    /// True if asking again gives the same answer.
    pub(crate) fn is_lasting(&self) -> bool {
        self.fault == Fault::Input
    }

    /// The finding for the policy of that name.
    pub(crate) fn of(&self, policy: &str) -> Finding {
        self.finding(format!("policy {}: {}", plain(policy), self.message))
    }

    /// The finding where no policy is concerned.
    pub(crate) fn bare(&self) -> Finding {
        self.finding(self.message.clone())
    }

    fn finding(&self, message: String) -> Finding {
        let mut finding = self.code.finding(message).blame(self.fault);
        finding.hint.clone_from(&self.hint);
        finding
    }
}
