//! The settings, read once: what a fleet knows of its kinds and authorities beyond the rest.

use policy_sdk::{BadRead, Document, Object};
use worker_connections::WORKERS;

/// JSON Schema of the settings; its defaults are those of this file, by test.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// What is known beside what is known anyway.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Names under which an authority's key is kept.
    pub(crate) authorities: Vec<String>,
    /// More kinds that are of the whole cluster.
    pub(crate) cluster_scoped: Vec<String>,
    /// The policy whose settings name the hosts that workers dial.
    pub(crate) connections: String,
    /// Kinds of the whole cluster that a site may have.
    pub(crate) allow: Vec<String>,
}

impl Settings {
    /// The settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            authorities: settings.texts_or("/authorities", &["mtls-ca"])?,
            connections: settings.text_or("/connections", WORKERS)?,
            cluster_scoped: settings.texts("/clusterScoped")?,
            allow: settings.texts("/allow")?,
        })
    }
}

/// Whether a list names an object's kind, as `Kind` or as `Kind.group`.
pub(crate) fn names(list: &[String], object: &Object) -> bool {
    list.iter().any(|name| {
        let (kind, group) = name.split_once('.').unwrap_or((name, object.group()));
        object.is(group, kind)
    })
}
