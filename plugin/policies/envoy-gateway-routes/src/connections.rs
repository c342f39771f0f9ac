//! What the environment's workers dial, and the routes that follow from it.
//!
//! The settings of the workers' policy say it: in scope global the profile holds those of the
//! environment, and each site of the fleet those it really gets.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Failure, Request};
use worker_connections::{Connection, is_sent_without_name, settings_of};

use crate::route::{Route, first_label};
use crate::settings::{Service, Settings};
use crate::traffic::Traffic;

/// An address that somebody dials, and for which connection.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dialled {
    pub(crate) connection: Connection,
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
    let known = Connection::ALL.into_iter().find(|known| known.key() == service.connection);
    let dialled = match known {
        Some(connection) => dialled(&request.profile, None, settings, connection)?,
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
        name: service.name.clone().unwrap_or_else(|| default_name(connection.key(), &host)),
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
    if is_sent_without_name(host) { connection.to_owned() } else { first_label(host) }
}

/// Returns where one of the connections is among the settings of the workers' policy.
pub(crate) fn place(site: Option<&str>, settings: &Settings, key: &str) -> String {
    settings_of(site, &settings.connections, &["connections", key])
}

/// What every open site dials.
pub(crate) fn of_sites(request: &Request, settings: &Settings) -> Result<Dialling, BadRead> {
    let mut all = Dialling::new();
    for site in request.fleet.keys("") {
        for connection in Connection::ALL {
            if let Some(dialled) = dialled(&request.fleet, Some(&site), settings, connection)? {
                all.entry(dialled).or_default().push(site.clone());
            }
        }
    }
    Ok(all)
}

fn dialled(
    document: &Document,
    site: Option<&str>,
    settings: &Settings,
    connection: Connection,
) -> Result<Option<Dialled>, BadRead> {
    let connection_settings = document.at(&place(site, settings, connection.key()));
    let host = connection_settings.optional_text("/host")?;
    let port = connection_settings.u64_or("/port", connection.default_port())?;
    Ok(host.map(|host| Dialled { connection, host, port }))
}
