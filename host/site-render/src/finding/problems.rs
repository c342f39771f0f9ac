//! The findings that stopped a render.

use super::{Fault, Finding};

/// The errors that stopped a render, with the warnings and notes reported before them.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.iter().find(|f| f.is_error()).map_or_else(String::new, ToString::to_string))]
pub struct Problems(pub Vec<Finding>);

impl From<Finding> for Problems {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

impl From<Box<Finding>> for Problems {
    fn from(finding: Box<Finding>) -> Self {
        Self(vec![*finding])
    }
}

impl Problems {
    /// Returns true if something is only not ready yet, so that the caller can wait and try again.
    pub fn is_pending(&self) -> bool {
        self.0.iter().any(|finding| finding.is_pending)
    }

    /// Returns the cause of the most severe error: a bug before the environment, the
    /// environment before the input.
    pub fn fault(&self) -> Fault {
        self.0.iter().filter(|f| f.is_error()).map(|f| f.fault).max().unwrap_or(Fault::Bug)
    }
}
