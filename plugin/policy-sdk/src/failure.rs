//! Failures: why there is no plan, at the value that has to change.

use crate::{BadRead, BadValue, DocumentName, Failure};

impl Failure {
    /// One value of the settings that cannot be used.
    pub fn bad_settings(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadSettings(one(path, message))
    }

    /// One value of the profile that cannot be used.
    pub fn bad_profile(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadProfile(one(path, message))
    }

    /// One base value that cannot be used.
    pub fn bad_values(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadValues(one(path, message))
    }

    /// A chart, scope or cluster that the policy does not know.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(message.into())
    }
}

impl From<BadRead> for Failure {
    /// Names the document that was read. The fleet and the cluster are not the
    /// operator's text, so a bad value there is something the policy cannot serve.
    fn from(bad: BadRead) -> Self {
        match bad.document {
            DocumentName::Profile => Self::bad_profile(bad.path, bad.message),
            DocumentName::Values => Self::bad_values(bad.path, bad.message),
            DocumentName::Settings => Self::bad_settings(bad.path, bad.message),
            DocumentName::Fleet | DocumentName::Cluster => Self::Unsupported(bad.to_string()),
        }
    }
}

fn one(path: impl Into<String>, message: impl Into<String>) -> Vec<BadValue> {
    vec![BadValue { path: path.into(), message: message.into() }]
}
