//! What the environment's workers dial, and the routes that follow from it.
//!
//! The settings of the workers' policy say it: in scope global the profile holds those of the
//! environment, and each site of the fleet those it really gets.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Failure, Request, pointer};

use crate::route::{Route, first_label};
use crate::settings::{Service, Settings};
use crate::traffic::Traffic;

/// The component whose workers dial.
pub(crate) const COMPONENT: &str = "nautobot_worker";
/// The connection to PostgreSQL.
pub(crate) const DATABASE: &str = "database";

/// Connections of a worker, and the port of each that says none (policy nautobot-worker).
const KINDS: [(&str, u64); 2] = [(DATABASE, 5432), ("redis", 6379)];

/// An address that somebody dials, and for which connection.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dialled {
    pub(crate) connection: &'static str,
    pub(crate) host: String,
    pub(crate) port: u64,
}

/// Which open sites dial each address.
pub(crate) type Dialling = BTreeMap<Dialled, Vec<String>>;

/// A route for each connection of the environment that leads to a service.
pub(crate) fn routes(request: &Request, settings: &Settings) -> Result<Vec<Route>, Failure> {
    settings.services.iter().map(|service| route(request, settings, service)).collect()
}

fn route(request: &Request, settings: &Settings, service: &Service) -> Result<Route, Failure> {
    let known = KINDS.into_iter().find(|(kind, _)| *kind == service.connection);
    let dialled = match known {
        Some((kind, port)) => dialled(&request.profile, "", settings, kind, port)?,
        None => None,
    };
    let Some(Dialled { connection, host, port }) = dialled else {
        return Err(Failure::bad_settings(
            service.path.clone(),
            format!(
                "leads to a service, but the settings of {} have no connections.{} that workers could dial",
                settings.connections, service.connection
            ),
        ));
    };
    Ok(Route {
        name: service.name.clone().unwrap_or_else(|| default_name(connection, &host)),
        protocol: service.protocol,
        hostname: host,
        port,
        namespace: service.namespace.clone(),
        service: service.target.clone(),
        service_port: service.port,
        origin: format!("settings {}", service.path),
        connection: Some(service.connection.clone()),
        traffic: Some(Traffic::of_service(&request.settings, &service.path)?),
        ..Route::more(&request.settings, &service.path)?
    })
}

/// The first label of an address says nothing, and that of an IPv6 address is not even a name.
fn default_name(connection: &str, host: &str) -> String {
    if is_address(host) { connection.to_owned() } else { first_label(host) }
}

/// Returns where the settings of a worker are: in the environment's profile, or in a site of the
/// fleet.
pub(crate) fn worker(site: &str, settings: &Settings) -> String {
    let below = ["site", COMPONENT, "policies", &settings.connections];
    let above = (!site.is_empty()).then_some(site);
    pointer(above.into_iter().chain(below))
}

/// Returns where one of the connections is among those settings.
pub(crate) fn place(site: &str, settings: &Settings, key: &str) -> String {
    worker(site, settings) + &pointer(["connections", key])
}

/// What every open site dials.
pub(crate) fn of_sites(request: &Request, settings: &Settings) -> Result<Dialling, BadRead> {
    let mut all = Dialling::new();
    for site in request.fleet.keys("") {
        for (kind, port) in KINDS {
            if let Some(dialled) = dialled(&request.fleet, &site, settings, kind, port)? {
                all.entry(dialled).or_default().push(site.clone());
            }
        }
    }
    Ok(all)
}

fn dialled(
    document: &Document,
    site: &str,
    settings: &Settings,
    connection: &'static str,
    port: u64,
) -> Result<Option<Dialled>, BadRead> {
    let connection_settings = document.at(&place(site, settings, connection));
    let host = connection_settings.optional_text("/host")?;
    let port = connection_settings.u64_or("/port", port)?;
    Ok(host.map(|host| Dialled { connection, host, port }))
}

/// Whether clients send no server name (SNI) for a host, because it is an IP address
/// (RFC 6066, section 3).
///
/// By the rule of libpq (`initialize_SSL` in `fe-secure-openssl.c`), which is wider than what
/// an address parses as: `10.1` is one too.
pub(crate) fn is_address(host: &str) -> bool {
    let digit_or_dot = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    host.contains(':') || (!host.is_empty() && host.bytes().all(digit_or_dot))
}
