//! The names at which workers dial PostgreSQL and Redis, and who verifies them.
//!
//! The settings of the workers' policy say it: in scope global the profile holds those of the
//! environment, and each site of the fleet those it really gets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use policy_sdk::{BadRead, Document, Request, pointer};

/// A connection of a worker to the global cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    Database,
    Redis,
}

impl Connection {
    pub(crate) const ALL: [Self; 2] = [Self::Database, Self::Redis];

    /// Returns its key among the settings, the workers' and ours.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Redis => "redis",
        }
    }

    /// Returns the product behind it.
    pub(crate) fn server(self) -> &'static str {
        match self {
            Self::Database => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }
}

/// What a client holds the server's certificate to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// Nothing, as far as settings say.
    #[default]
    Nothing,
    /// The authority that issued it.
    Authority,
    /// The dialled name too.
    Name,
}

/// Who dials a host.
#[derive(Debug, Default)]
pub(crate) struct Dialling {
    /// None where only the environment's settings name the host.
    pub(crate) sites: Vec<String>,
    /// The strictest check of all of them.
    pub(crate) check: Check,
}

/// Returns the hosts of a connection, in lower case as names compare, of the environment and of
/// each open site. `policy` is the one whose settings say them.
pub(crate) fn hosts(
    request: &Request,
    policy: &str,
    connection: Connection,
) -> Result<BTreeMap<String, Dialling>, BadRead> {
    let below = pointer(["site", "nautobot_worker", "policies", policy, "connections"]);
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
    read(request.profile.at(&below), None)?;
    for site in request.fleet.keys("") {
        let path = pointer([&*site]) + &below;
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
    let mode = settings.text_or("/mtls/sslMode", "verify-ca")?;
    Ok(match (connection, &*mode) {
        (Connection::Redis, _) | (Connection::Database, "verify-full") => Check::Name,
        (Connection::Database, "require") => Check::Nothing,
        (Connection::Database, _) => Check::Authority,
    })
}

/// Returns whether a certificate for a name is good for a host: the same name or address, or a
/// wildcard in place of the host's first label (RFC 9525, section 6.3).
pub(crate) fn covers(name: &str, host: &str) -> bool {
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
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}
