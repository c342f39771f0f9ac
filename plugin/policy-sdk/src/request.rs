//! What a policy is asked.

use crate::{Document, Object, Scope};

/// One question to a policy: for whom, and the documents it may read.
#[derive(Debug)]
pub struct Request {
    /// For whom.
    pub scope: Scope,
    /// The site's name; empty in scope global.
    pub site: String,
    /// The environment's name.
    pub environment: String,
    /// The site's profile.
    pub profile: Document,
    /// Base values; for a check the final ones.
    pub values: Document,
    /// The policy's settings, checked against its schema.
    pub settings: Document,
    /// Profiles of the environment's open sites under `/<site>`; empty in scope site.
    pub fleet: Document,
    /// `kubeVersion`, `apiVersions`, `chart` with `name` and `version`, and `unread`: the
    /// values files that Helm will read and the host could not. In scope site also `release`
    /// with `name` and `namespace`, which a chart computes the names of its objects from, and,
    /// where the component has a configuration file, `config` with `parameter`, the Helm value
    /// that the file becomes. For a check also `objects`: see [`Request::objects`].
    pub cluster: Document,
}

impl Request {
    /// The objects that are emitted, in their order, for a check: those beside the chart, and
    /// where the chart is rendered those that it makes. A transform gets none: they are not
    /// there yet.
    pub fn objects(&self) -> Vec<Object> {
        self.cluster.items("/objects").into_iter().map(Object::of).collect()
    }
}
