//! Reports server certificates of the global cluster that lack a host name at which sites connect.
//!
//! `mtls-clients` compares those that it creates. This module compares Certificates of resource
//! files: only their names show which server presents them, so the finding is a warning.

use policy_sdk::{BadRead, Finding, Kind, Object, Plan, Request, Severity, subject};
use worker_connections::codes::MTLS_SERVER_NAME;
use worker_connections::{Connection, HostClients, Verification, covers_host, read_hosts};

/// Reports each Certificate of a server that lacks a host name which clients verify.
pub(crate) fn report_missing(
    plan: &mut Plan,
    request: &Request,
    policy: &str,
    objects: &[Object],
) -> Result<(), BadRead> {
    for connection in Connection::ALL {
        let hosts = read_hosts(request, policy, connection)?;
        let verified =
            hosts.iter().filter(|(_, clients)| clients.verification == Verification::HostName);
        let verified: Vec<_> = verified.collect();
        let certificates = objects
            .iter()
            .filter_map(|object| Certificate::read(object, connection))
            .collect::<Vec<_>>();
        let covered = |host: &str| {
            certificates.iter().any(|one| one.names.iter().any(|name| covers_host(name, host)))
        };
        for (host, clients) in verified.iter().filter(|(host, _)| !covered(host)) {
            if let Some(certificate) = certificates.first() {
                plan.report(certificate.missing_name(connection, host, clients));
            }
        }
    }
    Ok(())
}

/// A Certificate whose names show that it belongs to a server.
struct Certificate<'o> {
    object: &'o Object,
    names: Vec<String>,
}

impl<'o> Certificate<'o> {
    fn read(object: &'o Object, connection: Connection) -> Option<Self> {
        let body = &object.body;
        if !object.is("cert-manager.io", "Certificate") || body.is_true("/spec/isCA") {
            return None;
        }
        let listed = |path: &str| {
            let items = body.items(path).into_iter();
            items.filter_map(|item| item.scalar("")).collect::<Vec<String>>()
        };
        // Without usages cert-manager issues a certificate for servers and clients.
        let usages = listed("/spec/usages");
        if body.kind("/spec/usages") == Kind::Sequence
            && !usages.iter().any(|one| one == "server auth")
        {
            return None;
        }
        let names = [listed("/spec/dnsNames"), listed("/spec/ipAddresses")].concat();
        let secret = body.scalar("/spec/secretName");
        let is_own = |name: &String| names_server(name, connection);
        let belongs = is_own(&object.name) || secret.iter().chain(&names).any(is_own);
        // Clients ignore the common name of a server certificate (RFC 9525, section 2), so one
        // without other names and without usages may be a client's.
        let serves = !names.is_empty() || !usages.is_empty();
        (belongs && serves).then_some(Self { object, names })
    }

    fn missing_name(&self, connection: Connection, host: &str, clients: &HostClients) -> Finding {
        let message = format!(
            "{} {host} (connections.{}), but {} is for {}: clients verify the host name and will not connect",
            subject(&clients.sites, ["connects to", "connect to"]),
            connection.key(),
            self.object.label(),
            if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") }
        );
        let place = if self.names.is_empty() { "/spec" } else { "/spec/dnsNames" };
        MTLS_SERVER_NAME
            .finding(message)
            .severity(Severity::Warning)
            .at(self.object.path(place))
            .hint(format!(
                "add {host} to its dnsNames, if {} presents it",
                connection.software_name()
            ))
    }
}

/// Returns whether a whole word of a name is one of this server's usual names.
fn names_server(name: &str, connection: Connection) -> bool {
    let known: &[&str] = match connection {
        Connection::Database => &["db", "database", "pg", "postgres", "postgresql", "cnpg"],
        Connection::Redis => &["redis", "valkey"],
    };
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(str::to_ascii_lowercase).any(|word| known.contains(&&*word))
}
