//! Reads that fail: a value is missing or has another type than the policy needs.

use std::fmt;

/// The name of a document of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentName {
    /// The site's profile.
    Profile,
    /// Base or final values.
    Values,
    /// The policy's settings, as the profile or the environment sets them.
    Settings,
    /// Profiles of the environment's open sites.
    Fleet,
    /// Versions of the cluster and the chart.
    Cluster,
}

/// A value that is missing or invalid, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRead {
    /// The document.
    pub document: DocumentName,
    /// JSON Pointer into it.
    pub path: String,
    /// The mistake at the path.
    pub message: String,
}

impl fmt::Display for BadRead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.document {
            DocumentName::Profile => "profile",
            DocumentName::Values => "values",
            DocumentName::Settings => "settings",
            DocumentName::Fleet => "fleet",
            DocumentName::Cluster => "cluster",
        };
        write!(formatter, "{name} {}: {}", self.path, self.message)
    }
}

impl std::error::Error for BadRead {}
