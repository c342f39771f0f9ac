//! Findings, stages and severities as text.

use std::fmt;

use super::{Finding, Severity, Stage};

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}: {} [{}]", self.stage, self.message, self.code)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sources => "sources",
            Self::Profile => "profile",
            Self::Gate => "gate",
            Self::Inputs => "inputs",
            Self::Policies => "policies",
            Self::Overlay => "overlay",
            Self::Merge => "merge",
            Self::Resources => "resources",
            Self::Validate => "validate",
            Self::Emit => "emit",
            Self::Render => "render",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}
