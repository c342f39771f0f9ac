//! Codes: the kinds of findings that a policy reports, each described once.

use crate::{Finding, Severity};

/// One kind of finding, as the catalogue of its policy describes it.
#[derive(Debug)]
pub struct Code {
    /// The stable name, `area/name`.
    pub name: &'static str,
    /// How severe it is, unless the place that reports it says otherwise.
    pub severity: Severity,
    /// The cause, in one sentence.
    pub cause: &'static str,
    /// How to fix it, in one sentence or two.
    pub fix: &'static str,
}

impl Code {
    /// Returns a finding of this kind with its message.
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

/// Defines the catalogue of a policy: a static [`Code`] for each entry, and `ALL` of them.
///
/// An entry is `NAME: Severity, "area/name", "cause", "fix";`.
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
