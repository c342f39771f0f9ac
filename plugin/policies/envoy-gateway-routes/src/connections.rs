//! Reads the endpoints to which workers connect, and builds the routes for them.
//!
//! They are settings of the workers' policy: in scope global the profile has those of the
//! environment, and each site of the fleet has those that the site's own policy gets.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Failure, Request};
use worker_connections::{Connection, is_sent_without_name, settings_of};

use crate::route::{Route, first_label};
use crate::settings::{Service, Settings};
use crate::traffic::Traffic;

/// A host and port to which workers connect, and the connection that it is for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) connection: Connection,
    pub(crate) host: String,
    pub(crate) port: u64,
}

/// The open sites that connect to each endpoint.
pub(crate) type EndpointSites = BTreeMap<Endpoint, Vec<String>>;

/// Returns a route for each service of the settings.
pub(crate) fn build_routes(request: &Request, settings: &Settings) -> Result<Vec<Route>, Failure> {
    settings.services.iter().map(|service| build_route(request, settings, service)).collect()
}

fn build_route(
    request: &Request,
    settings: &Settings,
    service: &Service,
) -> Result<Route, Failure> {
    let known = Connection::ALL.into_iter().find(|known| known.key() == service.connection);
    let endpoint = match known {
        Some(connection) => read_endpoint(&request.profile, None, settings, connection)?,
        None => None,
    };
    let Some(Endpoint { connection, host, port }) = endpoint else {
        return Err(Failure::bad_settings(
            service.path.clone(),
            format!(
                "needs a host at which workers connect, but the settings of {} have no connections.{}.host",
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
        traffic: Some(Traffic::from_service(&request.settings, &service.path)?),
        ..Route::read_shared(&request.settings, &service.path)?
    })
}

/// Returns the default name of a listener: the first label of the host, or the connection's name for
/// an IP address, whose first part is not a name.
fn default_name(connection: &str, host: &str) -> String {
    if is_sent_without_name(host) { connection.to_owned() } else { first_label(host) }
}

/// Returns the pointer to a connection in the settings of the workers' policy.
pub(crate) fn connection_path(site: Option<&str>, settings: &Settings, key: &str) -> String {
    settings_of(site, &settings.connections, &["connections", key])
}

/// Returns the endpoints of all open sites.
pub(crate) fn read_endpoints(
    request: &Request,
    settings: &Settings,
) -> Result<EndpointSites, BadRead> {
    let mut all = EndpointSites::new();
    for site in request.fleet.keys("") {
        for connection in Connection::ALL {
            if let Some(endpoint) =
                read_endpoint(&request.fleet, Some(&site), settings, connection)?
            {
                all.entry(endpoint).or_default().push(site.clone());
            }
        }
    }
    Ok(all)
}

/// Reads the endpoint of a connection. Settings without a host have none.
fn read_endpoint(
    document: &Document,
    site: Option<&str>,
    settings: &Settings,
    connection: Connection,
) -> Result<Option<Endpoint>, BadRead> {
    let connection_settings = document.at(&connection_path(site, settings, connection.key()));
    let host = connection_settings.optional_text("/host")?;
    let port = connection_settings.u64_or("/port", connection.default_port())?;
    Ok(host.map(|host| Endpoint { connection, host, port }))
}
