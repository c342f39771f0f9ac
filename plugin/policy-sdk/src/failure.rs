//! Failures: why a policy returns no plan, and which value has to change.

use crate::{BadRead, BadValue, DocumentName, Failure};

impl Failure {
    /// Returns a failure that names one invalid value of the settings.
    pub fn bad_settings(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadSettings(vec![bad_value(path, message)])
    }

    /// Returns a failure that names one invalid value of the profile.
    pub fn bad_profile(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadProfile(vec![bad_value(path, message)])
    }

    /// Returns a failure that names one invalid base value.
    pub fn bad_values(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadValues(vec![bad_value(path, message)])
    }

    /// Returns a failure for a chart, scope or cluster that the policy does not support.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(message.into())
    }
}

impl From<BadRead> for Failure {
    /// Converts a bad read into a failure of its document.
    ///
    /// The host writes the documents `fleet` and `cluster`, so no user can fix a value there: the
    /// policy does not support it.
    fn from(bad: BadRead) -> Self {
        match bad.document {
            DocumentName::Profile => Self::bad_profile(bad.path, bad.message),
            DocumentName::Values => Self::bad_values(bad.path, bad.message),
            DocumentName::Settings => Self::bad_settings(bad.path, bad.message),
            DocumentName::Fleet | DocumentName::Cluster => Self::Unsupported(bad.to_string()),
        }
    }
}

fn bad_value(path: impl Into<String>, message: impl Into<String>) -> BadValue {
    BadValue { path: path.into(), message: message.into() }
}
