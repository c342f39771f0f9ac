//! Which chart this is. The policy refuses one it does not know: the switches of an
//! unknown major would be guesses, and a wrong guess starts a second web server.

use policy_sdk::{Document, Failure};

/// A major version of the `nautobot` chart whose switches are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chart {
    /// 2.x, read and rendered as 2.5.6 and 2.5.9.
    Two,
    /// 3.x, read and rendered as 3.1.0 and 3.1.1.
    Three,
}

impl Chart {
    /// The chart of this cluster document, or why the policy cannot serve it.
    pub(crate) fn known(cluster: &Document) -> Result<Self, Failure> {
        let name = cluster.text_or("/chart/name", "nautobot")?;
        if name != "nautobot" {
            return Err(Failure::unsupported(format!(
                "nautobot-worker knows the chart nautobot, not {name}"
            )));
        }
        let version = cluster.text("/chart/version")?;
        let digits = version.strip_prefix('v').unwrap_or(&version);
        match digits.split('.').next() {
            Some("2") => Ok(Self::Two),
            Some("3") => Ok(Self::Three),
            _ => Err(Failure::unsupported(format!(
                "nautobot-worker knows the switches of the nautobot chart 2.x and 3.x, not of {version}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
