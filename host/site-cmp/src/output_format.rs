//! The formats of the option `--output`.

use clap::ValueEnum;

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Text for people
    Text,
    /// One JSON document
    Json,
}

/// The formats of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table, with long texts cut
    Table,
    /// YAML, with full texts
    Yaml,
    /// One JSON array
    Json,
}

/// The formats of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// YAML
    Yaml,
    /// JSON; several documents are written one per line
    Json,
}
