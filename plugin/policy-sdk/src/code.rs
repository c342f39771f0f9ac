//! Codes: the kinds of findings that a policy reports, each described once.

use crate::{Finding, Severity};

/// An entry of a policy's catalogue of findings, declared by [`catalog!`](crate::catalog).
#[derive(Debug)]
pub struct Code {
    /// The stable name, `area/name`.
    pub name: &'static str,
    /// The severity, unless the code that reports the finding overrides it.
    pub severity: Severity,
    /// The cause, in one sentence.
    pub cause: &'static str,
    /// How to fix it, in one or two sentences.
    pub fix: &'static str,
}

impl Code {
    /// Returns a finding of this kind with a message.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        Finding {
            severity: self.severity,
            code: self.name.to_owned(),
            message: message.into(),
            path: None,
            hint: None,
        }
    }
}

/// Declares the catalogue of a policy: a static [`Code`] for each entry, and `ALL` of them.
///
/// Write it in a module `codes` of the policy's crate. An entry is
/// `NAME: Severity, "area/name", "cause", "fix";`. Cause and fix are for users: they appear in
/// the reference of codes and in `cmp explain --code`, not in the component, which links only
/// the names and severities that it reports.
///
/// ```
/// mod codes {
///     policy_sdk::catalog! {
///         ZERO_REPLICAS: Warning, "worker/zero-replicas",
///             "The settings switch the site's worker on and give it no pod.",
///             "Set replicas to 1 or more, or disable the worker.";
///     }
/// }
///
/// let finding = codes::ZERO_REPLICAS.finding("replicas is 0").at("/replicas");
/// assert_eq!(finding.code, "worker/zero-replicas");
/// assert_eq!(codes::ALL.len(), 1);
/// ```
#[macro_export]
macro_rules! catalog {
    ($($name:ident: $severity:ident, $code:literal, $cause:literal, $fix:literal;)*) => {
        $(
            #[doc = $cause]
            pub static $name: $crate::Code = $crate::Code {
                name: $code,
                severity: $crate::Severity::$severity,
                cause: $cause,
                fix: $fix,
            };
        )*

        /// All codes of this policy.
        pub static ALL: &[&$crate::Code] = &[$(&$name),*];
    };
}
