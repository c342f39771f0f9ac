//! The names at which workers dial PostgreSQL and Redis, and what they verify there.
//!
//! Several policies of scope global need them: for routes, for certificates. They are among the
//! settings of the workers' own policy, `nautobot-worker`: the profile of a global request holds
//! those of the environment, and each site of the fleet those that the site really gets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use policy_sdk::{BadRead, Document, Request, pointer};

/// The component whose workers dial.
pub const COMPONENT: &str = "nautobot_worker";

/// The workers' own policy, where settings name no other.
pub const WORKERS: &str = "nautobot-worker";

/// The label in a site's profile that names its worker and its queue.
pub const SITE_LABEL: &str = "/appLabels/understack.rackspace.com~1site";

/// libpq's `sslmode` with mutual TLS and without a setting.
pub const DEFAULT_SSL_MODE: &str = "verify-ca";

/// A connection of a worker to the global cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Connection {
    /// To PostgreSQL.
    Database,
    /// To Redis, which is cache and broker.
    Redis,
}

impl Connection {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Database, Self::Redis];

    /// Returns its key below `connections`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Redis => "redis",
        }
    }

    /// Returns the port of one whose settings say none (schema of nautobot-worker).
    pub const fn default_port(self) -> u64 {
        match self {
            Self::Database => 5432,
            Self::Redis => 6379,
        }
    }

    /// Returns the product behind it.
    pub fn server(self) -> &'static str {
        match self {
            Self::Database => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }
}

/// The part of a server's certificate that a client verifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Nothing, as far as settings say.
    #[default]
    Nothing,
    /// The authority that issued it.
    Authority,
    /// The dialled name too.
    Name,
}

/// The sites that dial a host.
#[derive(Debug, Default)]
pub struct Dialling {
    /// Empty where only the environment's settings name the host.
    pub sites: Vec<String>,
    /// The strictest check of all of them.
    pub check: Check,
}

/// Returns the pointer to a setting of a policy of the workers: in the environment's profile, or
/// in a site of the fleet. An empty `path` is all of its settings.
pub fn settings_of(site: Option<&str>, policy: &str, path: &[&str]) -> String {
    let below = ["site", COMPONENT, "policies", policy];
    pointer(site.into_iter().chain(below).chain(path.iter().copied()))
}

/// Returns the hosts of a connection, in lower case as names compare, of the environment and of
/// each open site. `policy` is the one whose settings name them.
///
/// # Errors
/// A setting of the wrong type.
pub fn hosts(
    request: &Request,
    policy: &str,
    connection: Connection,
) -> Result<BTreeMap<String, Dialling>, BadRead> {
    let mut hosts: BTreeMap<String, Dialling> = BTreeMap::new();
    let mut read = |settings: Document, site: Option<String>| {
        let host = settings.optional_text(&pointer([connection.key(), "host"]))?;
        if let Some(host) = host {
            let dialling = hosts.entry(host.to_ascii_lowercase()).or_default();
            if let Some(site) = site {
                dialling.check = dialling.check.max(check(&settings, connection)?);
                dialling.sites.push(site);
            }
        }
        Ok(())
    };
    let connections = ["connections"];
    read(request.profile.at(&settings_of(None, policy, &connections)), None)?;
    for site in request.fleet.keys("") {
        let path = settings_of(Some(&site), policy, &connections);
        read(request.fleet.at(&path), Some(site))?;
    }
    Ok(hosts)
}

/// Mutual TLS is on and libpq verifies the authority unless a setting says otherwise (policy
/// nautobot-worker). Clients of Redis verify the name too, without any setting.
fn check(settings: &Document, connection: Connection) -> Result<Check, BadRead> {
    if !settings.bool_or("/mtls/enabled", true)? {
        return Ok(Check::Nothing);
    }
    let mode = settings.text_or("/mtls/sslMode", DEFAULT_SSL_MODE)?;
    Ok(match (connection, &*mode) {
        (Connection::Redis, _) | (Connection::Database, "verify-full") => Check::Name,
        (Connection::Database, "require") => Check::Nothing,
        (Connection::Database, _) => Check::Authority,
    })
}

/// Returns whether a certificate for a name is good for a host: the same name or address, or a
/// wildcard in place of the host's first label (RFC 9525, section 6.3).
pub fn covers(name: &str, host: &str) -> bool {
    if let Some(address) = address(host) {
        return self::address(name) == Some(address);
    }
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let parent = host.split_once('.').map(|(_, parent)| parent);
    name.strip_prefix("*.").zip(parent).is_some_and(|(name, host)| name.eq_ignore_ascii_case(host))
}

/// Returns the IP address that a host is, if it is one.
pub fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Returns whether clients send no server name (SNI) for a host, because they take it for an IP
/// address (RFC 6066, section 3).
///
/// By the rule of libpq (`initialize_SSL` in `fe-secure-openssl.c`), which is wider than
/// [`address`]: `10.1` is one too, and no certificate can name it.
pub fn is_sent_without_name(host: &str) -> bool {
    let digit_or_dot = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    host.contains(':') || (!host.is_empty() && host.bytes().all(digit_or_dot))
}

#[cfg(test)]
mod tests;
