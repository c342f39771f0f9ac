//! Builds the certificates of PostgreSQL and Redis, with the host names at which sites connect.

use std::collections::{BTreeMap, BTreeSet};

use policy_sdk::{
    BadRead, Document, Failure, Finding, Json, Plan, Request, Severity, pointer, subject,
};
use worker_connections::codes::MTLS_SERVER_NAME;
use worker_connections::{
    Connection, HostClients, Verification, covers_host, parse_address, read_hosts,
};

use crate::certificate::{API, issuer_ref};
use crate::settings::{Issuer, Settings};

/// The settings of a server's certificate.
#[derive(Debug)]
pub(crate) struct Server {
    connection: Connection,
    /// The name of the Certificate and of its Secret.
    secret: String,
    namespace: Option<String>,
    /// Names and addresses that replace those at which sites connect, if there are any.
    names: Vec<String>,
    /// Additional names and addresses.
    more: Vec<String>,
    issuer: Option<Issuer>,
}

impl Server {
    /// Reads the servers of the settings. `issuer` is that of client certificates.
    pub(crate) fn read_all(settings: &Document, issuer: &Issuer) -> Result<Vec<Self>, BadRead> {
        let mut servers = Vec::new();
        for connection in Connection::ALL {
            let path = pointer(["servers", connection.key()]);
            let read = |part: &Document| Self::read(part, connection, issuer);
            servers.extend(settings.section(&path, read)?);
        }
        Ok(servers)
    }

    fn read(server: &Document, connection: Connection, clients: &Issuer) -> Result<Self, BadRead> {
        const NAMESPACE: &str = "/namespace";
        let namespace = server.optional_text(NAMESPACE)?;
        let issuer = server.section("/issuer", |part| Issuer::read(part, &clients.name))?;
        if let Some(namespace) = &namespace
            && issuer.is_none()
            && clients.kind == "Issuer"
        {
            let message = format!(
                "is {namespace}, but Issuer {} signs only in the component's namespace: set issuer to an Issuer of {namespace} or to a ClusterIssuer, or remove namespace",
                clients.name
            );
            return Err(server.bad(NAMESPACE, message));
        }
        let secret = ["nautobot-", connection.key(), "-server"].concat();
        Ok(Self {
            secret: server.text_or("/secretName", &secret)?,
            names: server.texts("/dnsNames")?,
            more: server.texts("/moreDnsNames")?,
            connection,
            namespace,
            issuer,
        })
    }

    fn setting_path(&self, key: &str) -> String {
        pointer(["servers", self.connection.key()]) + key
    }

    /// Reserves its Secret. Returns an error if another certificate has it.
    fn reserve_secret(&self, owners: &mut BTreeMap<String, String>) -> Result<(), Failure> {
        let secret = match &self.namespace {
            Some(namespace) => [namespace, "/", &*self.secret].concat(),
            None => self.secret.clone(),
        };
        match owners.insert(secret, format!("the server {}", self.connection.software_name())) {
            Some(other) => {
                let message = format!("is {}, which is the Secret of {other}", self.secret);
                Err(Failure::bad_settings(self.setting_path("/secretName"), message))
            }
            None => Ok(()),
        }
    }

    /// Builds the Certificate for these names. It sets no `rotationPolicy`: no client trusts a
    /// server's key itself, so a new one at each renewal (cert-manager's default) is safe.
    fn to_certificate(&self, names: BTreeSet<String>, settings: &Settings) -> Json {
        let (addresses, names): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| parse_address(name).is_some());
        let issuer = self.issuer.as_ref().unwrap_or(&settings.issuer);
        let mut spec = vec![("secretName", (&*self.secret).into())];
        let lists = [("dnsNames", names), ("ipAddresses", addresses)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        spec.extend(lists.map(|(key, list)| (key, list.into())));
        let key = Json::map([("algorithm", "ECDSA".into()), ("size", 256_u64.into())]);
        spec.extend([
            ("duration", settings.lifetime.duration.to_string().into()),
            ("renewBefore", settings.lifetime.renew_before.to_string().into()),
            ("usages", vec!["server auth"].into()),
            ("privateKey", key),
            ("issuerRef", issuer_ref(&issuer.name, &issuer.kind)),
        ]);
        let mut metadata = vec![("name", (&*self.secret).into())];
        metadata.extend(self.namespace.as_deref().map(|namespace| ("namespace", namespace.into())));
        Json::map([
            ("apiVersion", API.into()),
            ("kind", "Certificate".into()),
            ("metadata", Json::map(metadata)),
            ("spec", Json::map(spec)),
        ])
    }

    /// Returns a finding if the names of the certificate lack a host at which sites connect.
    ///
    /// It is an error if a client verifies the name, because that client will not connect: every
    /// client of Redis does, and of PostgreSQL those with `verify-full`. With `verify-ca` libpq
    /// ignores the name. Then it is a warning, because base values, which this policy cannot read,
    /// may set `verify-full`.
    fn missing_name(
        &self,
        names: &BTreeSet<String>,
        host: &str,
        clients: &HostClients,
    ) -> Option<Finding> {
        if names.iter().any(|name| covers_host(name, host)) {
            return None;
        }
        let key = self.connection.key();
        let message = format!(
            "{} {host} (connections.{key}), but the certificate of {} is for {} (setting servers.{key}.dnsNames)",
            subject(&clients.sites, ["connects to", "connect to"]),
            self.connection.software_name(),
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        );
        let (severity, consequence) = match clients.verification {
            Verification::Nothing => return None,
            Verification::Authority => {
                (Severity::Warning, ": clients with sslMode verify-full will not connect")
            }
            Verification::HostName => {
                (Severity::Error, ": clients verify the host name and will not connect")
            }
        };
        let finding = MTLS_SERVER_NAME.finding(message + consequence).severity(severity);
        let hint = format!(
            "add {host}, or remove dnsNames: the certificate then has every host at which sites connect"
        );
        Some(finding.at(self.setting_path("/dnsNames")).hint(hint))
    }
}

/// Adds the servers' certificates, and reports each host at which sites connect but which is not
/// in the certificate of its server.
pub(crate) fn add_servers(
    plan: &mut Plan,
    request: &Request,
    settings: &Settings,
    owners: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    for server in &settings.servers {
        server.reserve_secret(owners)?;
        let hosts = read_hosts(request, &settings.connections, server.connection)?;
        let mut names: BTreeSet<String> =
            server.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        if names.is_empty() {
            names.extend(hosts.keys().cloned());
        }
        if names.is_empty() {
            return Err(no_host(server, &settings.connections));
        }
        names.extend(server.more.iter().map(|name| name.to_ascii_lowercase()));
        plan.findings.extend(
            hosts.iter().filter_map(|(host, clients)| server.missing_name(&names, host, clients)),
        );
        plan.manifest(
            &server.to_certificate(names, settings),
            format!(
                "{} presents the host names at which sites connect",
                server.connection.software_name()
            ),
        );
    }
    Ok(())
}

fn no_host(server: &Server, policy: &str) -> Failure {
    let key = server.connection.key();
    let message = format!(
        "results in a certificate without a name: the settings of {policy} have no connections.{key}.host, and dnsNames is empty"
    );
    Failure::bad_settings(server.setting_path(""), message)
}
