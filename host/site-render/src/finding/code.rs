//! Codes: the kinds of findings that there are, each described once.

use super::{Finding, Severity, Stage};

/// One kind of finding, as the catalogue of its crate describes it.
///
/// `docs/errors.md` and `cmp explain --code` are made of these.
#[derive(Debug)]
pub struct Code {
    /// The stable name, `area/name`.
    pub name: &'static str,
    /// How severe it is, unless the place that reports it says otherwise.
    pub severity: Severity,
    /// The stage that reports it, unless the place that reports it says otherwise.
    pub stage: Stage,
    /// The cause, in one sentence.
    pub cause: &'static str,
    /// How to fix it, in one sentence or two.
    pub fix: &'static str,
}

impl Code {
    /// Returns a finding of this kind with its message.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::new(self.severity, self.stage, self.name, message.into())
    }
}

/// Defines the catalogue of a module: a static [`Code`] for each entry, and `ALL` of them.
///
/// An entry is `NAME: Severity, Stage, "area/name", "cause", "fix";`.
#[macro_export]
macro_rules! catalog {
    ($($name:ident: $severity:ident, $stage:ident, $code:literal, $cause:literal, $fix:literal;)*) => {
        $(
            #[doc = $cause]
            pub static $name: $crate::finding::Code = $crate::finding::Code {
                name: $code,
                severity: $crate::finding::Severity::$severity,
                stage: $crate::finding::Stage::$stage,
                cause: $cause,
                fix: $fix,
            };
        )*

        pub(super) static ALL: &[&$crate::finding::Code] = &[$(&$name),*];
    };
}
