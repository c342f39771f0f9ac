//! Compares the endpoints to which sites connect with the routes of the gateway.

use policy_sdk::{Finding, Plan, Severity, subject};
use worker_connections::is_sent_without_name;

use crate::codes;
use crate::connections::{Endpoint, EndpointSites, connection_path};
use crate::matching::Listeners;
use crate::route::{Protocol, Route};
use crate::settings::Settings;

/// Reports endpoints without a route, and routes without a site.
pub(crate) fn report_unserved(
    plan: &mut Plan,
    settings: &Settings,
    listeners: Listeners<'_>,
    endpoints: &EndpointSites,
) {
    for route in listeners.routes {
        if let Some(connection) = &route.connection
            && route.protocol == Protocol::Tls
            && is_sent_without_name(&route.hostname)
        {
            let message = format!(
                "route {} ({}) is a TLS route for {}, which is an IP address: clients send no server name (SNI) for it, so the route never matches",
                route.name,
                route.origin,
                route.listen_address()
            );
            let at = connection_path(None, settings, connection) + "/host";
            plan.report(ip_host(message, connection, at));
        }
    }
    for (endpoint, sites) in endpoints {
        if !listeners.serve_endpoint(endpoint) {
            plan.report(not_served(endpoint, sites, settings, listeners.routes));
        }
    }
    for route in listeners.routes {
        if !endpoints.keys().any(|endpoint| listeners.reach_route(route, endpoint)) {
            plan.report(not_dialled(route));
        }
    }
}

fn not_served(
    endpoint: &Endpoint,
    sites: &[String],
    settings: &Settings,
    routes: &[Route],
) -> Finding {
    let Endpoint { host, port, .. } = endpoint;
    let connection = endpoint.connection.key();
    let site = sites.first().map(String::as_str);
    let at = connection_path(site, settings, connection) + "/host";
    let connects = format!(
        "{} {host}:{port} (connections.{connection})",
        subject(sites, ["connects to", "connect to"])
    );
    if is_sent_without_name(host) {
        let message = format!(
            "{connects}, which is an IP address: clients send no server name (SNI) for it, so no TLS route can serve it"
        );
        return ip_host(message, connection, at);
    }
    let served = match routes.iter().map(Route::listen_address).collect::<Vec<_>>() {
        addresses if addresses.is_empty() => "the gateway has no route".to_owned(),
        addresses => format!("its routes serve {}", addresses.join(", ")),
    };
    let message = format!("{connects}, but no route of the gateway serves it");
    codes::GATEWAY_NOT_SERVED.finding(message).at(at).hint(format!(
        "correct the host or port, or add the service under services.{connection} ({served})"
    ))
}

fn ip_host(message: String, connection: &str, at: String) -> Finding {
    codes::GATEWAY_IP_HOST.finding(message).at(at).hint(format!(
        "use a host name, from DNS or from hostAliases of the pods, or set services.{connection}.protocol: TCP"
    ))
}

/// Returns the finding for a route to which no site connects. It is a note for a route of the values,
/// which may be for others than sites.
fn not_dialled(route: &Route) -> Finding {
    let message = format!(
        "no site connects to {}, which route {} serves ({})",
        route.listen_address(),
        route.name,
        route.origin
    );
    let finding = codes::GATEWAY_NOT_DIALLED.finding(message);
    if route.connection.is_some() { finding } else { finding.severity(Severity::Note) }
}
