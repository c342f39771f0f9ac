//! Requests: the input of a policy.

use crate::{Document, Object, Scope};

/// The input of one evaluation: a site or an environment, and the documents that the policy may
/// read.
#[derive(Debug)]
pub struct Request {
    /// The scope: one site, or the global cluster of an environment.
    pub scope: Scope,
    /// The site's name; empty in scope global.
    pub site: String,
    /// The environment's name.
    pub environment: String,
    /// The site's profile.
    pub profile: Document,
    /// The base values; for a check the final values.
    pub values: Document,
    /// The policy's settings, validated against its schema.
    pub settings: Document,
    /// Profiles of the environment's open sites under `/<site>`; empty in scope site.
    pub fleet: Document,
    /// `kubeVersion`, `apiVersions`, `chart` with `name` and `version`, and `unread`: the
    /// values files that Helm will read and the host could not read. In scope site also `release`
    /// with `name` and `namespace`, from which a chart computes the names of its objects, and,
    /// where the component has a configuration file, `config` with `parameter`, the Helm value
    /// that the file becomes. For a check also `objects`: see [`Request::objects`].
    pub cluster: Document,
}

impl Request {
    /// Returns the objects that the render emits, in their order: those beside the chart, and those
    /// of the chart where the host renders it. Only a check gets them; a transform runs before
    /// they exist.
    pub fn objects(&self) -> Vec<Object> {
        self.cluster.items("/objects").into_iter().map(Object::read).collect()
    }
}
