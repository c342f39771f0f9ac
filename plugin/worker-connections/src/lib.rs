//! Reads the hosts at which workers connect to PostgreSQL and Redis, and the part of the server's
//! certificate that they verify.
//!
//! Several policies of scope global need them, for routes and for certificates. They are settings
//! of the workers' own policy, `nautobot-worker`: in a global request the profile has those of
//! the environment, and each site of the fleet has those that the site's own policy gets.

pub mod codes;

use std::collections::BTreeMap;
use std::net::IpAddr;

use policy_sdk::{BadRead, Document, Request, pointer};

/// The component that runs the workers.
pub const COMPONENT: &str = "nautobot_worker";

/// The workers' own policy, where settings name no other.
pub const WORKERS: &str = "nautobot-worker";

/// The label in a site's profile that names its worker and its queue.
pub const SITE_LABEL: &str = "/appLabels/understack.rackspace.com~1site";

/// The default of libpq's `sslmode` with mutual TLS.
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
    /// Both connections.
    pub const ALL: [Self; 2] = [Self::Database, Self::Redis];

    /// Returns its key below `connections`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Redis => "redis",
        }
    }

    /// Returns the port of a connection whose settings have none (schema of nautobot-worker).
    pub const fn default_port(self) -> u64 {
        match self {
            Self::Database => 5432,
            Self::Redis => 6379,
        }
    }

    /// Returns the name of the server software.
    pub fn software_name(self) -> &'static str {
        match self {
            Self::Database => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }
}

/// The part of a server's certificate that a client verifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing, as far as settings show.
    #[default]
    Nothing,
    /// The authority that issued it.
    Authority,
    /// The authority and the host name.
    HostName,
}

/// The sites that connect to a host.
#[derive(Debug, Default)]
pub struct HostClients {
    /// The sites; empty where only the environment's settings name the host.
    pub sites: Vec<String>,
    /// The strictest verification of these sites.
    pub verification: Verification,
}

/// Returns the pointer to a setting of a policy of the workers, in the environment's profile or
/// in a site of the fleet. An empty `path` points to all settings of the policy.
pub fn settings_of(site: Option<&str>, policy: &str, path: &[&str]) -> String {
    let below = ["site", COMPONENT, "policies", policy];
    pointer(site.into_iter().chain(below).chain(path.iter().copied()))
}

/// Returns the hosts of a connection with their clients, of the environment and of each open site.
/// They are the settings of `policy`, in lower case because host names ignore case.
///
/// # Errors
/// Returns an error if a setting has the wrong type.
pub fn read_hosts(
    request: &Request,
    policy: &str,
    connection: Connection,
) -> Result<BTreeMap<String, HostClients>, BadRead> {
    let mut hosts: BTreeMap<String, HostClients> = BTreeMap::new();
    let mut add_host = |settings: Document, site: Option<String>| {
        let host = settings.optional_text(&pointer([connection.key(), "host"]))?;
        if let Some(host) = host {
            let clients = hosts.entry(host.to_ascii_lowercase()).or_default();
            if let Some(site) = site {
                let verification = read_verification(&settings, connection)?;
                clients.verification = clients.verification.max(verification);
                clients.sites.push(site);
            }
        }
        Ok(())
    };
    let connections = ["connections"];
    add_host(request.profile.at(&settings_of(None, policy, &connections)), None)?;
    for site in request.fleet.keys("") {
        let path = settings_of(Some(&site), policy, &connections);
        add_host(request.fleet.at(&path), Some(site))?;
    }
    Ok(hosts)
}

/// Returns the part that clients verify.
///
/// By default mutual TLS is on and libpq verifies the authority (policy nautobot-worker). Clients
/// of Redis verify the host name too, without any setting.
fn read_verification(settings: &Document, connection: Connection) -> Result<Verification, BadRead> {
    if !settings.bool_or("/mtls/enabled", true)? {
        return Ok(Verification::Nothing);
    }
    let mode = settings.text_or("/mtls/sslMode", DEFAULT_SSL_MODE)?;
    Ok(match (connection, &*mode) {
        (Connection::Redis, _) | (Connection::Database, "verify-full") => Verification::HostName,
        (Connection::Database, "require") => Verification::Nothing,
        (Connection::Database, _) => Verification::Authority,
    })
}

/// Returns whether a certificate for a name is valid for a host: the same name or address, or a
/// wildcard in place of the host's first label (RFC 9525, section 6.3).
pub fn covers_host(name: &str, host: &str) -> bool {
    if let Some(address) = parse_address(host) {
        return parse_address(name) == Some(address);
    }
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let parent = host.split_once('.').map(|(_, parent)| parent);
    name.strip_prefix("*.").zip(parent).is_some_and(|(name, host)| name.eq_ignore_ascii_case(host))
}

/// Parses a host as an IP address.
pub fn parse_address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Returns whether clients send no server name (SNI) for a host, because they treat it as an IP
/// address (RFC 6066, section 3).
///
/// It follows libpq (`initialize_SSL` in `fe-secure-openssl.c`), whose rule is wider than
/// [`parse_address`]: it treats `10.1` as an address too, and no certificate can name that.
pub fn is_sent_without_name(host: &str) -> bool {
    let digit_or_dot = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    host.contains(':') || (!host.is_empty() && host.bytes().all(digit_or_dot))
}

#[cfg(test)]
mod tests;
