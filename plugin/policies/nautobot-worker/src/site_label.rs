//! Reads the site label, which names the site's worker and its queue.

use policy_sdk::{Document, Failure};
use worker_connections::SITE_LABEL;

/// A site label that Kubernetes accepts in a name. The module `names` checks its length.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SiteLabel(String);

impl SiteLabel {
    /// Reads the label of this profile, or returns its problem.
    pub(crate) fn read(profile: &Document) -> Result<Self, Failure> {
        let Some(label) = profile.optional_text(SITE_LABEL)? else {
            return Err(Failure::bad_profile(
                SITE_LABEL,
                "is missing: without a site label the workers would listen on the global default queue",
            ));
        };
        match label_problem(&label) {
            None => Ok(Self(label)),
            Some(message) => Err(Failure::bad_profile(SITE_LABEL, message)),
        }
    }

    /// Returns the label as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the pointer to a value of the site's worker. A label needs no escaping.
    pub(crate) fn worker_path(&self, key: &str) -> String {
        ["/workers/", &self.0, "/", key].concat()
    }
}

/// Returns the problem of a label, if it has one.
fn label_problem(label: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    if label == "default" || label == "beat" {
        // templates/_helpers.tpl builds these two even if `workers` does not list them.
        return Some(format!("is \"{label}\", a name that the chart reserves for its own worker"));
    }
    let is_plain = bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        && bytes.first().copied().is_some_and(plain)
        && bytes.last().copied().is_some_and(plain);
    (!is_plain).then(|| {
        format!(
            "is \"{label}\"; a Kubernetes name has only lowercase letters, digits and -, and begins and ends with a letter or digit"
        )
    })
}

#[cfg(test)]
mod tests;
