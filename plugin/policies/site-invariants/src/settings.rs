//! The settings: kinds and authorities that this policy does not know by itself.

use policy_sdk::{BadRead, Document, Object};
use worker_connections::WORKERS;

/// The JSON Schema of the settings. A test compares its defaults with those of this file.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// The settings of site-invariants.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Names of Secrets and remote keys that hold an authority's key.
    pub(crate) authorities: Vec<String>,
    /// Additional kinds without a namespace.
    pub(crate) cluster_scoped: Vec<String>,
    /// The policy whose settings name the hosts at which workers connect.
    pub(crate) connections: String,
    /// Kinds without a namespace that a site may have.
    pub(crate) allow: Vec<String>,
}

impl Settings {
    /// Reads the settings from this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            authorities: settings.texts_or("/authorities", &["mtls-ca"])?,
            connections: settings.text_or("/connections", WORKERS)?,
            cluster_scoped: settings.texts("/clusterScoped")?,
            allow: settings.texts("/allow")?,
        })
    }
}

/// Returns whether a list has the kind of an object, as `Kind` or as `Kind.group`.
pub(crate) fn lists_kind(list: &[String], object: &Object) -> bool {
    list.iter().any(|name| {
        let (kind, group) = name.split_once('.').unwrap_or((name, object.group()));
        object.is(group, kind)
    })
}
