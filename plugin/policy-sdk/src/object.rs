//! Kubernetes objects as a check policy reads them.

use crate::{Document, Kind};

/// Pointers to the spec of a pod: in a `CronJob`, in a workload such as a Deployment, in a pod.
/// The deepest comes first, because a workload has a `/spec` too.
const PODS: [&str; 3] = ["/spec/jobTemplate/spec/template/spec", "/spec/template/spec", "/spec"];

/// A Kubernetes object that the render emits. A field that the object lacks is empty.
#[derive(Clone, Debug)]
pub struct Object {
    /// The API's group and version, or the version alone for the core API.
    pub api_version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The whole object.
    pub body: Document,
}

impl Object {
    /// Reads the object that this part of a document holds.
    pub(crate) fn read(body: Document) -> Self {
        let text = |path: &str| body.scalar(path).unwrap_or_default();
        Self {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
            body,
        }
    }

    /// Returns the group of its API; empty for the core API.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Returns whether it has this group and kind, in any version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group() == group
    }

    /// Returns kind and name for messages, such as `Deployment worker`.
    pub fn label(&self) -> String {
        [&*self.kind, " ", &*self.name].concat()
    }

    /// Returns the spec of the pods that it creates, or its own if it is a pod; nothing if it has
    /// no containers.
    pub fn pod_spec(&self) -> Option<Document> {
        PODS.into_iter()
            .map(|path| self.body.at(path))
            .find(|spec| spec.kind("/containers") == Kind::Sequence)
    }

    /// Returns the pointer into the document of all objects, for a finding's place.
    pub fn path(&self, path: &str) -> String {
        self.body.path(path)
    }
}

#[cfg(test)]
mod tests;
