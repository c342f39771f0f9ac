//! The address of a chart: which words of a fleet helm may get as one.
//!
//! helm takes a chart's name for a path if such a file exists, and `file://` for a repository. A
//! fleet may be hostile, so only names that no file can have get through, in one form each.

use std::path::{Path, PathBuf};

use site_render::charts::ChartJob;
use site_render::finding::Finding;

use crate::codes;

/// The valid form of a repository, for messages.
pub(super) const FORM: &str = "the address of a chart repository or registry, such as \
     https://charts.example.org or oci://registry.example.org/charts, without credentials, `..`, \
     `%`, `?` and `#`";

/// The longest name, version or repository, in bytes.
const MAX_BYTES: usize = 1000;

/// The address of a chart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A folder or archive that the user named.
    Local(PathBuf),
    /// A chart of a repository with an index.
    Repository {
        /// The repository in its normal form.
        url: String,
        /// The chart's name.
        name: String,
    },
    /// A chart of an OCI registry, by its reference in normal form.
    Registry(String),
}

impl Address {
    /// Returns the address of a job's chart.
    ///
    /// # Errors
    /// Its name, version or repository could mean something else to helm.
    pub(super) fn of(job: &ChartJob) -> Result<Self, Finding> {
        if let Some(location) = &job.location {
            let path = std::path::absolute(Path::new(location)).map_err(|error| {
                codes::INPUTS_CHART.finding(format!("the chart {location}: {error}"))
            })?;
            return Ok(Self::Local(path));
        }
        if !is_version(&job.version) {
            let form = "a version or a range of versions, such as 3.1.1 or ~3.1";
            return Err(invalid("version", form));
        }
        let repository = normalize(&job.repository).ok_or_else(|| invalid("repository", FORM))?;
        let mut parts = job.name.split('/');
        let is_registry = repository.starts_with("oci://");
        if job.name.len() > MAX_BYTES
            || !parts.all(is_name)
            || (job.name.contains('/') && !is_registry)
        {
            let form = "letters, digits, `-`, `_` and `.`, beginning with a letter or digit; only \
                        in an OCI registry it may have several such parts, separated by `/`";
            return Err(invalid("name", form));
        }
        if is_registry {
            return Ok(Self::Registry(format!("{repository}/{}", job.name)));
        }
        Ok(Self::Repository { url: repository, name: job.name.clone() })
    }

    /// Returns the text that a list of allowed addresses is compared with; none for a local chart.
    pub(super) fn remote(&self) -> Option<&str> {
        match self {
            Self::Local(_) => None,
            Self::Repository { url, .. } => Some(url),
            Self::Registry(reference) => Some(reference),
        }
    }
}

/// Returns the error of a value that is not shown: it may contain credentials.
fn invalid(key: &str, form: &str) -> Finding {
    let message = format!("helm cannot be run: chart.{key} of the environment must be {form}");
    codes::EMIT_CHART_ADDRESS.finding(message)
}

/// Returns true if an address is one of a list in normal form, or continues one after a slash.
pub(super) fn is_allowed(address: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|prefix| {
        address
            .strip_prefix(prefix.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Returns the normal form of a repository: its scheme and host in lower case, without a slash at
/// the end. A registry may be written without its scheme, as Argo CD does. Returns none for
/// anything else.
pub(super) fn normalize(repository: &str) -> Option<String> {
    if repository.len() > MAX_BYTES {
        return None;
    }
    let (scheme, rest) = repository.split_once("://").unwrap_or(("oci", repository));
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "https" | "http" | "oci") {
        return None;
    }
    let rest = rest.trim_end_matches('/');
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if !is_authority(authority) || !(path.is_empty() || path.split('/').all(is_path_part)) {
        return None;
    }
    let authority = authority.to_ascii_lowercase();
    let slash = if path.is_empty() { "" } else { "/" };
    Some(format!("{scheme}://{authority}{slash}{path}"))
}

/// Returns true for a host, with or without a port. An IPv6 address is in brackets.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(is_label),
    };
    is_host && port.is_none_or(is_digits)
}

/// Returns true for a label of a host's name.
fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    label.bytes().all(is_inner) && !label.is_empty() && !label.starts_with('-')
}

/// Returns true for a part of a URL's path that names no other part, however it is decoded.
fn is_path_part(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte);
    part.bytes().all(is_plain) && !part.is_empty() && part != "." && part != ".."
}

/// Returns true for a part of a chart's name.
fn is_name(part: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    part.bytes().all(is_inner) && part.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Returns true for a version or a constraint of versions, as `helm --version` takes it.
fn is_version(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b".+-~^<>=!|&,* ".contains(&byte);
    !text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(is_known)
}

#[cfg(test)]
mod tests;
