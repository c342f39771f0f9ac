//! What a cluster says of itself: JSON as its API server writes it and kubectl prints it.
//!
//! APIs are named as Helm names them: each group and version, and each kind in it. A version
//! of a group whose kinds are unknown is refused: a chart would leave out what it makes of
//! them, and nothing would say so.

use std::collections::BTreeSet;

use serde::Deserialize;
use site_render::cluster::{self, MOST_APIS};
use site_render::finding::Finding;

use crate::codes;
use crate::table::clip;

/// The most that is read of one cluster, in bytes: ten times what a large one says.
pub(crate) const BYTES: u64 = 16 << 20;

/// How much of a stranger's text a message shows, in characters.
const SHOWN: usize = 60;

/// What has been heard so far.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    version: Option<String>,
    /// Groups with their version: `v1`, `apps/v1`.
    groups: BTreeSet<String>,
    /// Those of them whose kinds are known.
    described: BTreeSet<String>,
    /// Groups and kinds, as Helm names them.
    apis: BTreeSet<String>,
}

/// What is known of a cluster when all has been heard.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) kube_version: String,
    pub(crate) apis: BTreeSet<String>,
}

/// Any of the documents: `/version`, `kubectl version`, `/api`, `/apis`, a list of resources.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object of the API server")]
struct Document {
    kind: Option<String>,
    git_version: Option<String>,
    client_version: Option<serde::de::IgnoredAny>,
    server_version: Option<Version>,
    group_version: Option<String>,
    resources: Option<Vec<Resource>>,
    groups: Option<Vec<Group>>,
    versions: Option<Vec<String>>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
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
    /// Hears documents, one after another; `from` is what a message calls them.
    pub(crate) fn hear(&mut self, from: &str, text: &[u8]) -> Result<(), Finding> {
        for document in serde_json::Deserializer::from_slice(text).into_iter::<Document>() {
            let document = document.map_err(|error| {
                let what =
                    if error.is_data() { "is not what a cluster says" } else { "is not JSON" };
                wrong(format!("{from} {what}: {error}"))
            })?;
            self.take(from, document)?;
        }
        Ok(())
    }

    fn take(&mut self, from: &str, document: Document) -> Result<(), Finding> {
        let Document { git_version, client_version, server_version, .. } = document;
        match document.kind.as_deref() {
            None if client_version.is_some() && server_version.is_none() => {
                return Err(wrong(format!("{from} has the version of kubectl and of no server")));
            }
            None => match server_version.map(|server| server.git_version).or(git_version) {
                Some(version) => self.version = Some(checked_version(&version)?),
                None => return Err(wrong(format!("{from} has JSON that is no version"))),
            },
            Some("APIVersions") => self.name(document.versions.unwrap_or_default())?,
            Some("APIGroupList") => {
                let groups = document.groups.unwrap_or_default();
                let versions = groups.into_iter().flat_map(|group| group.versions);
                self.name(versions.map(|version| version.group_version))?;
            }
            Some("APIResourceList") => {
                let group = document.group_version.unwrap_or_default();
                let resources = document.resources.unwrap_or_default();
                let kinds =
                    resources.into_iter().map(|resource| format!("{group}/{}", resource.kind));
                self.describe(&group, kinds)?;
            }
            Some("Status") => {
                let message = document.message.unwrap_or_default();
                return Err(wrong(format!(
                    "{from} has an error of the server: {}",
                    clip(&message, 200)
                )));
            }
            Some(kind) => {
                return Err(wrong(format!(
                    "{from} has a {}, which names no APIs",
                    clip(kind, SHOWN)
                )));
            }
        }
        Ok(())
    }

    fn name(&mut self, groups: impl IntoIterator<Item = String>) -> Result<(), Finding> {
        for group in groups {
            self.groups.insert(checked_group(group)?);
        }
        Ok(())
    }

    fn describe(
        &mut self,
        group: &str,
        kinds: impl Iterator<Item = String>,
    ) -> Result<(), Finding> {
        let group = checked_group(group.to_owned())?;
        for kind in kinds {
            if !cluster::is_api(&kind) {
                return Err(no_api(&kind));
            }
            self.apis.insert(kind);
        }
        self.apis.insert(group.clone());
        self.described.insert(group);
        Ok(())
    }

    /// The groups whose kinds have not been told yet.
    pub(crate) fn undescribed(&self) -> Vec<String> {
        self.groups.difference(&self.described).cloned().collect()
    }

    /// All of it, if it is all.
    pub(crate) fn seen(self) -> Result<Seen, Finding> {
        if let [first, rest @ ..] = &self.undescribed()[..] {
            let message = match rest.len() {
                0 => format!("the kinds of {first} are not among it"),
                more => format!("the kinds of {first} and of {more} more are not among it"),
            };
            let hint = format!("add what `kubectl get --raw {}` prints", path(first));
            return Err(wrong(message).hint(hint));
        }
        let Some(kube_version) = self.version else {
            return Err(wrong("the version of the cluster is not among it")
                .hint("add what `kubectl get --raw /version` prints"));
        };
        if self.apis.is_empty() {
            return Err(wrong("no API is among it, and every cluster has some")
                .hint("add what `kubectl get --raw /api/v1` prints, and the same of every group"));
        }
        if self.apis.len() > MOST_APIS {
            let message = format!("{} APIs are more than the {MOST_APIS} allowed", self.apis.len());
            return Err(wrong(message));
        }
        Ok(Seen { kube_version, apis: self.apis })
    }
}

/// Where a server describes a group: the oldest one is called `v1` and has a place of its own.
pub(crate) fn path(group: &str) -> String {
    let root = if group.contains('/') { "apis" } else { "api" };
    format!("/{root}/{group}")
}

fn checked_version(text: &str) -> Result<String, Finding> {
    cluster::kube_version(text)
        .map(str::to_owned)
        .ok_or_else(|| wrong(format!("`{}` is no version of Kubernetes", clip(text, SHOWN))))
}

/// A group with its version; a server may be anybody's, and this becomes part of a path.
fn checked_group(group: String) -> Result<String, Finding> {
    let is_group = cluster::is_api(&group)
        && group.split('/').count() <= 2
        && group.split('/').all(|part| !part.starts_with('.'));
    if is_group { Ok(group) } else { Err(no_api(&group)) }
}

fn no_api(text: &str) -> Finding {
    wrong(format!("`{}` is no API", clip(text, SHOWN)))
}

fn wrong(message: impl Into<String>) -> Finding {
    codes::CLUSTER_DISCOVERY.finding(message)
}

#[cfg(test)]
mod tests;
