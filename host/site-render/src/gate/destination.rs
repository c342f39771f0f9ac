//! The cluster that a site's Application is deployed to.

use std::fmt::{self, Display, Formatter};

use crate::codes;
use crate::fields::Fields;
use crate::finding::Finding;

/// Argo CD's own cluster, by name and by URL (`KubernetesInternalAPIServerAddr` of Argo CD 3.5.7).
const OWN_CLUSTER: (&str, &str) = ("in-cluster", "https://kubernetes.default.svc");

/// The cluster of a site: one of the two keys of `spec.destination`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// The URL of its API server.
    Server(String),
    /// Its name in Argo CD.
    Name(String),
}

impl Destination {
    /// Returns the cluster that a text names: a URL, or else a name.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.to_owned();
        if is_url(&text) { Self::Server(text) } else { Self::Name(text) }
    }

    /// Returns the URL or the name.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Server(text) | Self::Name(text) => text,
        }
    }

    /// Returns the cluster in one form for all its spellings, so that two sites on one cluster can be
    /// found. Only Argo CD knows which other name belongs to which URL.
    pub(crate) fn normalized(&self) -> Self {
        match self {
            Self::Name(name) if name == OWN_CLUSTER.0 => Self::Server(OWN_CLUSTER.1.to_owned()),
            Self::Name(name) => Self::Name(name.clone()),
            Self::Server(url) => {
                let url = url.trim_end_matches('/').to_ascii_lowercase();
                Self::Server(url.strip_suffix(":443").unwrap_or(&url).to_owned())
            }
        }
    }
}

impl Display for Destination {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(url) => f.write_str(url),
            Self::Name(name) => write!(f, "cluster `{name}`"),
        }
    }
}

/// Reads `cluster_server` or `cluster_name` of a profile. No cluster is assumed: workers on Argo CD's
/// own cluster are a choice like any other.
pub(super) fn read_destination(top: &Fields<'_>) -> Result<Destination, Box<Finding>> {
    let text = |key| top.text(key).map(|text| text.filter(|text| !text.is_empty()));
    match (text("cluster_server")?, text("cluster_name")?) {
        (Some(url), None) if is_url(url) => Ok(Destination::Server(url.to_owned())),
        (Some(url), None) => {
            let message = format!("`cluster_server` must be a URL, found `{url}`");
            let hint = "write `https://` before a host, or use `cluster_name` for the name that \
                        `argocd cluster list` prints";
            let finding = codes::SITE_DESTINATION.finding(message);
            Err(Box::new(finding.at(top.place("cluster_server")).hint(hint)))
        }
        (None, Some(name)) => Ok(Destination::Name(name.to_owned())),
        (Some(_), Some(_)) => {
            let message = "`cluster_server` and `cluster_name` are both set, and Argo CD accepts \
                           only one of them";
            let hint = "remove one; `cluster_server: null` removes that of the environment's \
                        `defaults`";
            let finding = codes::SITE_DESTINATION.finding(message);
            Err(Box::new(finding.at(top.place("cluster_name")).hint(hint)))
        }
        (None, None) => {
            let message = "the site does not name its cluster: `cluster_server` is required";
            let hint = "set it to the URL that `argocd cluster list` prints, or `cluster_name` to \
                        the name";
            let finding = codes::SITE_DESTINATION.finding(message);
            Err(Box::new(finding.at(top.node().origin.place()).hint(hint)))
        }
    }
}

/// Returns whether a text is the URL of an API server: `https://` or `http://` with a host.
fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && !text.contains(char::is_whitespace)
    })
}
