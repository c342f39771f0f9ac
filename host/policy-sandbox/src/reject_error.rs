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
    is_pending: bool,
}

/// An error as a message between processes: code, cause, text and hint.
type Parts = (String, u8, String, Option<String>);

/// The causes by their numbers in such a message.
const FAULTS: [Fault; 3] = [Fault::Input, Fault::Environment, Fault::Bug];

impl RejectError {
    /// Returns an error that the policy's author or owner can fix.
    pub(crate) fn input(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, fault: Fault::Input, message: message.into(), hint: None, is_pending: false }
    }

    /// Returns an error of the environment.
    pub(crate) fn environment(code: &'static Code, message: impl Into<String>) -> Self {
        Self { fault: Fault::Environment, ..Self::input(code, message) }
    }

    /// Returns an error that indicates a bug of this program.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self { fault: Fault::Bug, ..Self::input(&codes::POLICY_SANDBOX_BUG, message) }
    }

    /// Marks the error as pending: a later attempt may succeed without any change.
    pub(crate) fn pending(mut self) -> Self {
        self.is_pending = true;
        self
    }

    /// Returns the error as a message to another process.
    pub(crate) fn to_message(&self) -> Vec<u8> {
        let fault = FAULTS.iter().position(|fault| *fault == self.fault).unwrap_or_default();
        let fault = u8::try_from(fault).unwrap_or_default();
        let parts: Parts =
            (self.code.name.to_owned(), fault, self.message.clone(), self.hint.clone());
        serde_json::to_vec(&parts).unwrap_or_default()
    }

    /// Reads such a message.
    pub(crate) fn from_message(bytes: &[u8]) -> Option<Self> {
        let (name, fault, message, hint): Parts = serde_json::from_slice(bytes).ok()?;
        let known = codes::all().chain(site_render::codes::all());
        let code = known.into_iter().find(|code| code.name == name)?;
        let fault = *FAULTS.get(usize::from(fault))?;
        Some(Self { code, fault, message, hint, is_pending: false })
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
        finding.is_pending = self.is_pending;
        finding
    }
}
