//! An object of Kubernetes as a check sees it: what every object has, and the rest to ask.

use crate::{Document, Kind};

/// Where the spec of a pod may be, by how deep it is wrapped: in a `CronJob`, in a workload,
/// in a pod itself.
const PODS: [&str; 3] = ["/spec/jobTemplate/spec/template/spec", "/spec/template/spec", "/spec"];

/// One object that is emitted. What it does not say is empty.
#[derive(Clone, Debug)]
pub struct Object {
    /// Group and version, or a version alone.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// All of it.
    pub body: Document,
}

impl Object {
    /// The object that this part of a document is.
    pub(crate) fn of(body: Document) -> Self {
        let text = |path: &str| body.scalar(path).unwrap_or_default();
        Self {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
            body,
        }
    }

    /// The group of its API; empty for the core's.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether it is of this group and kind, in any version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group() == group
    }

    /// Kind and name, as a human says them.
    pub fn told(&self) -> String {
        [&*self.kind, " ", &*self.name].concat()
    }

    /// The spec of the pods that it makes, or that it is, where it has containers.
    pub fn pod(&self) -> Option<Document> {
        PODS.into_iter()
            .map(|path| self.body.at(path))
            .find(|spec| spec.kind("/containers") == Kind::Sequence)
    }

    /// A pointer into the whole list's document, for a finding.
    pub fn path(&self, path: &str) -> String {
        self.body.path(path)
    }
}

#[cfg(test)]
mod tests;
