//! The certificates of PostgreSQL and Redis, with the names that sites dial.

use std::collections::{BTreeMap, BTreeSet};

use policy_sdk::{BadRead, Document, Failure, Finding, Json, Plan, Request, pointer, subject};
use worker_connections::{Check, Connection, Dialling, address, covers, hosts};

use crate::certificate::{API, reference};
use crate::settings::{Issuer, Settings};

/// A server certificate, as its settings say.
#[derive(Debug)]
pub(crate) struct Server {
    connection: Connection,
    /// The Certificate's and the Secret's name.
    secret: String,
    namespace: Option<String>,
    /// Names and addresses in place of those that sites dial; without any, those.
    names: Vec<String>,
    /// Names and addresses besides.
    more: Vec<String>,
    issuer: Option<Issuer>,
}

impl Server {
    /// Reads the servers that are set. `issuer` is the clients'.
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
                "is {namespace}, where Issuer {} signs nothing: it is of the component's namespace. Name an Issuer of {namespace} or a ClusterIssuer under issuer, or leave the namespace out",
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

    fn path(&self, key: &str) -> String {
        pointer(["servers", self.connection.key()]) + key
    }

    /// Reserves its Secret, which no other certificate may have.
    fn own(&self, owners: &mut BTreeMap<String, String>) -> Result<(), Failure> {
        let secret = match &self.namespace {
            Some(namespace) => [namespace, "/", &*self.secret].concat(),
            None => self.secret.clone(),
        };
        match owners.insert(secret, format!("the server {}", self.connection.server())) {
            Some(other) => {
                let message = format!("is {}, which is the Secret of {other}", self.secret);
                Err(Failure::bad_settings(self.path("/secretName"), message))
            }
            None => Ok(()),
        }
    }

    /// Makes the Certificate for these names. It says no `rotationPolicy`: nobody trusts a
    /// server's key itself, so a new one at each renewal (cert-manager's default) is safe.
    fn certificate(&self, names: BTreeSet<String>, settings: &Settings) -> Json {
        let (addresses, names): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| address(name).is_some());
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
            ("issuerRef", reference(&issuer.name, &issuer.kind)),
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

    /// Returns a finding where the names that are set lack one that is dialled.
    ///
    /// An error where some client verifies the name: it will not connect. That is every client
    /// of Redis, and of PostgreSQL those with `verify-full`. With `verify-ca` libpq does not
    /// look at the name; then it is a warning, for the day that somebody sets `verify-full`
    /// (base values can, and are not seen here).
    fn lacks(&self, names: &BTreeSet<String>, host: &str, dialling: &Dialling) -> Option<Finding> {
        if names.iter().any(|name| covers(name, host)) {
            return None;
        }
        let key = self.connection.key();
        let message = format!(
            "{} {host} (connections.{key}), and the certificate of {} is for {} (setting servers.{key}.dnsNames)",
            subject(&dialling.sites, ["dials", "dial"]),
            self.connection.server(),
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        );
        let finding = match dialling.check {
            Check::Nothing => return None,
            Check::Authority => {
                let message = message + ": refused as soon as sslMode is verify-full";
                Finding::warning("mtls/server-name", message)
            }
            Check::Name => {
                let message = message + ": clients verify the host name and will not connect";
                Finding::error("mtls/server-name", message)
            }
        };
        let hint = format!(
            "add {host}, or leave dnsNames out: the certificate then has every name that sites dial"
        );
        Some(finding.at(self.path("/dnsNames")).hint(hint))
    }
}

/// Adds the servers' certificates, and reports dialled names that they lack.
pub(crate) fn add(
    plan: &mut Plan,
    request: &Request,
    settings: &Settings,
    owners: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    for server in &settings.servers {
        server.own(owners)?;
        let hosts = hosts(request, &settings.connections, server.connection)?;
        let mut names: BTreeSet<String> =
            server.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        if names.is_empty() {
            names.extend(hosts.keys().cloned());
        }
        if names.is_empty() {
            return Err(nothing_dialled(server, &settings.connections));
        }
        names.extend(server.more.iter().map(|name| name.to_ascii_lowercase()));
        plan.findings
            .extend(hosts.iter().filter_map(|(host, who)| server.lacks(&names, host, who)));
        plan.manifest(
            &server.certificate(names, settings),
            format!("{} shows sites the names that they dial", server.connection.server()),
        );
    }
    Ok(())
}

fn nothing_dialled(server: &Server, policy: &str) -> Failure {
    let key = server.connection.key();
    let message = format!(
        "makes a certificate without a name: the settings of {policy} have no connections.{key}.host, and dnsNames says none"
    );
    Failure::bad_settings(server.path(""), message)
}
