//! Server certificates of the global cluster have the names that sites dial.
//!
//! `mtls-clients` compares those that it makes. This is for Certificates of resource files: which
//! server presents one is known from its names alone, so a finding here is a warning.

use policy_sdk::{BadRead, Finding, Kind, Object, Plan, Request, subject};
use worker_connections::{Check, Connection, Dialling, covers, hosts};

/// Reports each Certificate of a server that lacks a name which clients dial and verify.
pub(crate) fn report(
    plan: &mut Plan,
    request: &Request,
    policy: &str,
    objects: &[Object],
) -> Result<(), BadRead> {
    for connection in Connection::ALL {
        let hosts = hosts(request, policy, connection)?;
        let verified = hosts.iter().filter(|(_, dialling)| dialling.check == Check::Name);
        let verified: Vec<_> = verified.collect();
        let certificates = objects
            .iter()
            .filter_map(|object| Certificate::of(object, connection))
            .collect::<Vec<_>>();
        let covered = |host: &str| {
            certificates.iter().any(|one| one.names.iter().any(|name| covers(name, host)))
        };
        for (host, dialling) in verified.iter().filter(|(host, _)| !covered(host)) {
            if let Some(certificate) = certificates.first() {
                plan.report(certificate.lacks(connection, host, dialling));
            }
        }
    }
    Ok(())
}

/// A Certificate that by its names belongs to a server.
struct Certificate<'o> {
    object: &'o Object,
    names: Vec<String>,
}

impl<'o> Certificate<'o> {
    fn of(object: &'o Object, connection: Connection) -> Option<Self> {
        let body = &object.body;
        if !object.is("cert-manager.io", "Certificate") || body.is_true("/spec/isCA") {
            return None;
        }
        let listed = |path: &str| {
            let items = body.items(path).into_iter();
            items.filter_map(|item| item.scalar("")).collect::<Vec<String>>()
        };
        // Without usages cert-manager issues one that servers and clients can use.
        let usages = listed("/spec/usages");
        if body.kind("/spec/usages") == Kind::Sequence
            && !usages.iter().any(|one| one == "server auth")
        {
            return None;
        }
        let names = [listed("/spec/dnsNames"), listed("/spec/ipAddresses")].concat();
        let secret = body.scalar("/spec/secretName");
        let is_own = |name: &String| is_of(name, connection);
        let belongs = is_own(&object.name) || secret.iter().chain(&names).any(is_own);
        // A name in the common name alone makes no server certificate that clients take (RFC 9525,
        // section 2); without usages it may be a client's.
        let serves = !names.is_empty() || !usages.is_empty();
        (belongs && serves).then_some(Self { object, names })
    }

    fn lacks(&self, connection: Connection, host: &str, dialling: &Dialling) -> Finding {
        let message = format!(
            "{} {host} (connections.{}), and {} is for {}: clients verify the host name and will not connect",
            subject(&dialling.sites, ["dials", "dial"]),
            connection.key(),
            self.object.told(),
            if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") }
        );
        let place = if self.names.is_empty() { "/spec" } else { "/spec/dnsNames" };
        Finding::warning("mtls/server-name", message)
            .at(self.object.path(place))
            .hint(format!("add {host} to its dnsNames, if {} presents it", connection.server()))
    }
}

/// Returns whether a name says that it is of this server: by a whole word of it.
fn is_of(name: &str, connection: Connection) -> bool {
    let known: &[&str] = match connection {
        Connection::Database => &["db", "database", "pg", "postgres", "postgresql", "cnpg"],
        Connection::Redis => &["redis", "valkey"],
    };
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(str::to_ascii_lowercase).any(|word| known.contains(&&*word))
}
