//! The site label: the name of the site's worker and of its queue.

use policy_sdk::{Document, Failure};
use worker_connections::SITE_LABEL;

/// A site label that Kubernetes accepts in a name; whether it fits in, `names` decides.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SiteLabel(String);

impl SiteLabel {
    /// Reads the label of this profile, or returns what is wrong with it.
    pub(crate) fn read(profile: &Document) -> Result<Self, Failure> {
        let Some(label) = profile.optional_text(SITE_LABEL)? else {
            return Err(Failure::bad_profile(
                SITE_LABEL,
                "is missing: without a site label the workers would listen on the global default queue",
            ));
        };
        match complaint(&label) {
            None => Ok(Self(label)),
            Some(message) => Err(Failure::bad_profile(SITE_LABEL, message)),
        }
    }

    /// The label as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The pointer to a value of the site's worker. The label holds nothing to escape.
    pub(crate) fn worker(&self, key: &str) -> String {
        ["/workers/", &self.0, "/", key].concat()
    }
}

fn complaint(label: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    if label == "default" || label == "beat" {
        // templates/_helpers.tpl builds these two whatever `workers` says.
        return Some(format!("is \"{label}\", which the chart keeps for a worker of its own"));
    }
    let is_plain = bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        && bytes.first().copied().is_some_and(plain)
        && bytes.last().copied().is_some_and(plain);
    (!is_plain).then(|| {
        format!(
            "is \"{label}\"; Kubernetes names hold lower case letters, digits and -, and begin and end with a letter or digit"
        )
    })
}

#[cfg(test)]
mod tests;
