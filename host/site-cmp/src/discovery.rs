//! Parses the discovery documents of a cluster: JSON from its API server, as kubectl prints it.
//!
//! APIs are named as in Helm: each group version, and each kind in it. A group version with
//! unknown kinds is an error: a chart would silently omit objects that depend on them.

use std::collections::BTreeSet;

use serde::Deserialize;
use site_render::cluster::{self, MOST_APIS};
use site_render::finding::Finding;

use crate::codes;
use crate::table::clip;

/// The most bytes that are read of one cluster, ten times the discovery of a large one.
pub(crate) const BYTES: u64 = 16 << 20;

/// The most characters of the server's text in a message.
const SHOWN: usize = 60;

/// The documents read so far.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    version: Option<String>,
    /// Group versions: `v1`, `apps/v1`.
    groups: BTreeSet<String>,
    /// The group versions with known kinds.
    described: BTreeSet<String>,
    /// Group versions and kinds, as Helm names them.
    apis: BTreeSet<String>,
}

/// The version and the APIs of a cluster.
#[derive(Debug)]
pub(crate) struct ClusterApis {
    pub(crate) kube_version: String,
    pub(crate) apis: BTreeSet<String>,
}

/// Any of the discovery documents: `/version`, `kubectl version`, `/api`, `/apis`, a list of
/// resources.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object of the API server")]
struct ApiDocument {
    kind: Option<String>,
    git_version: Option<String>,
    client_version: Option<serde::de::IgnoredAny>,
    server_version: Option<ServerVersion>,
    group_version: Option<String>,
    resources: Option<Vec<Resource>>,
    groups: Option<Vec<Group>>,
    versions: Option<Vec<String>>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerVersion {
    git_version: String,
}

#[derive(Deserialize)]
struct Resource {
    kind: String,
}

#[derive(Deserialize)]
struct Group {
    versions: Vec<GroupVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupVersion {
    group_version: String,
}

impl Discovery {
    /// Reads documents one after another; `from` names their source in messages.
    pub(crate) fn read_documents(&mut self, from: &str, text: &[u8]) -> Result<(), Finding> {
        for document in serde_json::Deserializer::from_slice(text).into_iter::<ApiDocument>() {
            let document = document.map_err(|error| {
                let what = if error.is_data() {
                    "is not a discovery document"
                } else {
                    "is not valid JSON"
                };
                discovery_error(format!("{from} {what}: {error}"))
            })?;
            self.add_document(from, document)?;
        }
        Ok(())
    }

    /// Adds one document of any kind.
    fn add_document(&mut self, from: &str, document: ApiDocument) -> Result<(), Finding> {
        let ApiDocument { git_version, client_version, server_version, .. } = document;
        match document.kind.as_deref() {
            None if client_version.is_some() && server_version.is_none() => {
                return Err(discovery_error(format!(
                    "{from} has the version of kubectl but not of a server"
                )));
            }
            None => match server_version.map(|server| server.git_version).or(git_version) {
                Some(version) => self.version = Some(checked_version(&version)?),
                None => {
                    return Err(discovery_error(format!(
                        "{from} has JSON without a kind or a version"
                    )));
                }
            },
            Some("APIVersions") => self.add_groups(document.versions.unwrap_or_default())?,
            Some("APIGroupList") => {
                let groups = document.groups.unwrap_or_default();
                let versions = groups.into_iter().flat_map(|group| group.versions);
                self.add_groups(versions.map(|version| version.group_version))?;
            }
            Some("APIResourceList") => {
                let group = document.group_version.unwrap_or_default();
                let resources = document.resources.unwrap_or_default();
                let kinds =
                    resources.into_iter().map(|resource| format!("{group}/{}", resource.kind));
                self.add_resources(&group, kinds)?;
            }
            Some("Status") => {
                let message = document.message.unwrap_or_default();
                return Err(discovery_error(format!(
                    "{from} has an error from the server: {}",
                    clip(&message, 200)
                )));
            }
            Some(kind) => {
                return Err(discovery_error(format!(
                    "{from} has an object of kind {}, which lists no APIs",
                    clip(kind, SHOWN)
                )));
            }
        }
        Ok(())
    }

    /// Adds group versions whose kinds are read later.
    fn add_groups(&mut self, groups: impl IntoIterator<Item = String>) -> Result<(), Finding> {
        for group in groups {
            self.groups.insert(checked_group(group)?);
        }
        Ok(())
    }

    /// Adds a group version with its kinds.
    fn add_resources(
        &mut self,
        group: &str,
        kinds: impl Iterator<Item = String>,
    ) -> Result<(), Finding> {
        let group = checked_group(group.to_owned())?;
        for kind in kinds {
            if !cluster::is_api(&kind) {
                return Err(invalid_api(&kind));
            }
            self.apis.insert(kind);
        }
        self.apis.insert(group.clone());
        self.described.insert(group);
        Ok(())
    }

    /// Returns the group versions whose kinds are not known yet.
    pub(crate) fn missing_groups(&self) -> Vec<String> {
        self.groups.difference(&self.described).cloned().collect()
    }

    /// Returns the result, or an error if a document is missing.
    pub(crate) fn into_apis(self) -> Result<ClusterApis, Finding> {
        if let [first, rest @ ..] = &self.missing_groups()[..] {
            let message = match rest.len() {
                0 => format!("the kinds of {first} are missing"),
                more => format!("the kinds of {first} and of {more} more are missing"),
            };
            let hint = format!("add what `kubectl get --raw {}` prints", discovery_path(first));
            return Err(discovery_error(message).hint(hint));
        }
        let Some(kube_version) = self.version else {
            return Err(discovery_error("the version of the cluster is missing")
                .hint("add what `kubectl get --raw /version` prints"));
        };
        if self.apis.is_empty() {
            return Err(discovery_error("no API is listed, but every cluster has some")
                .hint("add what `kubectl get --raw /api/v1` prints, and the same of every group"));
        }
        if self.apis.len() > MOST_APIS {
            let message = format!("{} APIs exceed the limit of {MOST_APIS}", self.apis.len());
            return Err(discovery_error(message));
        }
        Ok(ClusterApis { kube_version, apis: self.apis })
    }
}

/// Returns the path at which a server describes a group version; the core group `v1` has its
/// own root.
pub(crate) fn discovery_path(group: &str) -> String {
    let root = if group.contains('/') { "apis" } else { "api" };
    format!("/{root}/{group}")
}

/// Validates the version of a cluster and returns it as Helm writes it.
fn checked_version(text: &str) -> Result<String, Finding> {
    cluster::kube_version(text).map(str::to_owned).ok_or_else(|| {
        discovery_error(format!("`{}` is not a valid Kubernetes version", clip(text, SHOWN)))
    })
}

/// Validates a group version. The server is not trusted, and the text becomes part of a path.
fn checked_group(group: String) -> Result<String, Finding> {
    let is_group = cluster::is_api(&group)
        && group.split('/').count() <= 2
        && group.split('/').all(|part| !part.starts_with('.'));
    if is_group { Ok(group) } else { Err(invalid_api(&group)) }
}

fn invalid_api(text: &str) -> Finding {
    discovery_error(format!("`{}` is not a valid API name", clip(text, SHOWN)))
}

fn discovery_error(message: impl Into<String>) -> Finding {
    codes::CLUSTER_DISCOVERY.finding(message)
}

#[cfg(test)]
mod tests;
