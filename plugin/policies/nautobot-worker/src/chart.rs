//! Identifies the chart. The policy refuses an unknown one: the switches of an unknown major
//! version would be guesses, and a wrong guess starts a second web server.

use policy_sdk::{Document, Failure};

/// A major version of the `nautobot` chart whose switches are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chart {
    /// 2.x, verified with 2.5.6 and 2.5.9.
    Two,
    /// 3.x, verified with 3.1.0 and 3.1.1.
    Three,
}

impl Chart {
    /// Returns the chart of this cluster document, or an error if the policy does not support it.
    pub(crate) fn from_cluster(cluster: &Document) -> Result<Self, Failure> {
        let name = cluster.text_or("/chart/name", "nautobot")?;
        if name != "nautobot" {
            return Err(Failure::unsupported(format!(
                "nautobot-worker supports the chart nautobot, not {name}"
            )));
        }
        let version = cluster.text("/chart/version")?;
        let digits = version.strip_prefix('v').unwrap_or(&version);
        match digits.split('.').next() {
            Some("2") => Ok(Self::Two),
            Some("3") => Ok(Self::Three),
            _ => Err(Failure::unsupported(format!(
                "nautobot-worker supports the nautobot chart 2.x and 3.x, not {version}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
