//! The site label: the name of the site's worker and of its queue.

use policy_sdk::{Document, Failure};

const LABEL: &str = "/appLabels/understack.rackspace.com~1site";

/// `nautobot-worker-celery-<site>-headless` is a Service name: 63 characters at most.
const LONGEST_WITH_METRICS: usize = 31;
/// `nautobot-celery-<site>` is a label value: 63 characters at most.
const LONGEST: usize = 47;

/// A site label that makes names which Kubernetes accepts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SiteLabel(String);

impl SiteLabel {
    /// The label of this profile, or what is wrong with it.
    pub(crate) fn read(profile: &Document, metrics: bool) -> Result<Self, Failure> {
        let Some(label) = profile.optional_text(LABEL)? else {
            return Err(Failure::bad_profile(
                LABEL,
                "is missing: without a site label the workers would listen on the global default queue",
            ));
        };
        let longest = if metrics { LONGEST_WITH_METRICS } else { LONGEST };
        match complaint(&label, longest, metrics) {
            None => Ok(Self(label)),
            Some(message) => Err(Failure::bad_profile(LABEL, message)),
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

fn complaint(label: &str, longest: usize, metrics: bool) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    if label == "default" || label == "beat" {
        // templates/_helpers.tpl builds these two whatever `workers` says.
        return Some(format!("is \"{label}\", which the chart keeps for a worker of its own"));
    }
    if !bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        || !bytes.first().copied().is_some_and(plain)
        || !bytes.last().copied().is_some_and(plain)
    {
        return Some(format!(
            "is \"{label}\"; Kubernetes names hold lower case letters, digits and -, and begin and end with a letter or digit"
        ));
    }
    (bytes.len() > longest).then(|| {
        let which = if metrics { "with metrics on" } else { "with metrics off" };
        format!(
            "has {} characters; {which} the chart's names leave room for {longest}",
            bytes.len()
        )
    })
}

#[cfg(test)]
mod tests;
