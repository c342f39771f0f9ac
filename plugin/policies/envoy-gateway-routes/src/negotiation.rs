//! Reports PostgreSQL clients that do not start a connection with TLS, as a TLS route requires.
//!
//! Without `sslnegotiation=direct` (libpq 17) a client first sends an `SSLRequest` of PostgreSQL's
//! own protocol and waits for the answer. A passthrough listener waits for a `ClientHello`, gets
//! none and closes: `server closed the connection unexpectedly` at the client,
//! `no_filter_chain_match` at Envoy.

use policy_sdk::{BadRead, Document, Finding, Plan, Request, subject};
use worker_connections::Connection;

use crate::codes;
use crate::connections::{Endpoint, EndpointSites, connection_path};
use crate::matching::Listeners;
use crate::route::{Protocol, Route};
use crate::settings::Settings;

/// A setting of a site that keeps its clients from starting with TLS.
struct Obstacle {
    path: String,
    /// The setting with its value.
    setting: String,
    hint: &'static str,
}

/// Reports each TLS route at which PostgreSQL clients of a site do not start with TLS.
pub(crate) fn report_obstacles(
    plan: &mut Plan,
    request: &Request,
    settings: &Settings,
    listeners: Listeners<'_>,
    endpoints: &EndpointSites,
) -> Result<(), BadRead> {
    for route in listeners.routes.iter().filter(|route| route.protocol == Protocol::Tls) {
        let mut sites = Vec::new();
        let mut first = None;
        let served = endpoints.iter().filter(|(endpoint, _)| {
            endpoint.connection == Connection::Database && listeners.reach_route(route, endpoint)
        });
        for (endpoint, site) in
            served.flat_map(|(endpoint, sites)| sites.iter().map(move |site| (endpoint, site)))
        {
            let mtls = connection_path(Some(site), settings, "mtls");
            if let Some(obstacle) = find_obstacle(&request.fleet, &mtls)? {
                sites.push(site.clone());
                first.get_or_insert((endpoint, obstacle));
            }
        }
        // One finding a route: its place is the first site's setting, its message has all sites.
        if let Some((endpoint, obstacle)) = first {
            plan.report(negotiation_finding(route, endpoint, &sites, obstacle));
        }
    }
    Ok(())
}

/// Returns the setting that keeps clients from starting with TLS. By default mutual TLS is enabled
/// and the negotiation is `direct` (policy nautobot-worker).
fn find_obstacle(fleet: &Document, mtls: &str) -> Result<Option<Obstacle>, BadRead> {
    let at = |key: &str| [mtls, "/", key].concat();
    let enabled = at("enabled");
    if !fleet.bool_or(&enabled, true)? {
        return Ok(Some(Obstacle {
            path: enabled,
            setting: "connections.mtls.enabled: false".to_owned(),
            hint: "enable connections.mtls with sslNegotiation: direct",
        }));
    }
    let path = at("sslNegotiation");
    let negotiation = fleet.optional_text(&path)?.filter(|negotiation| negotiation != "direct");
    Ok(negotiation.map(|negotiation| Obstacle {
        path,
        setting: format!("connections.mtls.sslNegotiation: {negotiation}"),
        hint: "set connections.mtls.sslNegotiation: direct",
    }))
}

fn negotiation_finding(
    route: &Route,
    endpoint: &Endpoint,
    sites: &[String],
    obstacle: Obstacle,
) -> Finding {
    let message = format!(
        "{} {}:{} (connections.database) with {}, but route {} to service {} ({}) is a TLS route: it closes a connection that does not start with a TLS ClientHello",
        subject(sites, ["connects to", "connect to"]),
        endpoint.host,
        endpoint.port,
        obstacle.setting,
        route.name,
        route.service,
        route.origin
    );
    let tcp = match route.connection {
        Some(_) => "set services.database.protocol: TCP",
        None => "replace that route with services.database and protocol: TCP",
    };
    codes::GATEWAY_NEGOTIATION
        .finding(message)
        .at(obstacle.path)
        .hint(format!("{} (needs PostgreSQL 17 and libpq 17), or {tcp}", obstacle.hint))
}
