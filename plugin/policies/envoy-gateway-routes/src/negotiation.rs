//! Whether PostgreSQL's clients begin as a TLS route needs it.
//!
//! Without `sslnegotiation=direct` (libpq 17) a client asks in PostgreSQL's own words first
//! whether the server speaks TLS, and waits for its answer. A passthrough listener waits for a
//! `ClientHello`, finds none and closes: `server closed the connection unexpectedly` at the
//! client, `no_filter_chain_match` at Envoy.

use policy_sdk::{BadRead, Document, Finding, Plan, Request, subject};
use worker_connections::Connection;

use crate::connections::{Dialled, Dialling, place};
use crate::matching::Listeners;
use crate::route::{Protocol, Route};
use crate::settings::Settings;

/// A setting of a site that keeps its clients from starting with TLS.
struct Obstacle {
    path: String,
    is: String,
    hint: &'static str,
}

/// An error for each TLS route at which a site's PostgreSQL clients do not start with TLS.
pub(crate) fn report(
    plan: &mut Plan,
    request: &Request,
    settings: &Settings,
    listeners: Listeners<'_>,
    dialling: &Dialling,
) -> Result<(), BadRead> {
    for route in listeners.routes.iter().filter(|route| route.protocol == Protocol::Tls) {
        let mut sites = Vec::new();
        let mut first = None;
        let served = dialling.iter().filter(|(dialled, _)| {
            dialled.connection == Connection::Database && listeners.lead_to(route, dialled)
        });
        for (dialled, site) in
            served.flat_map(|(dialled, sites)| sites.iter().map(move |site| (dialled, site)))
        {
            if let Some(obstacle) = obstacle(&request.fleet, &place(Some(site), settings, "mtls"))?
            {
                sites.push(site.clone());
                first.get_or_insert((dialled, obstacle));
            }
        }
        if let Some((dialled, obstacle)) = first {
            plan.report(finding(route, dialled, &sites, obstacle));
        }
    }
    Ok(())
}

/// Mutual TLS is on and `direct` unless a setting says otherwise (policy nautobot-worker).
fn obstacle(fleet: &Document, mtls: &str) -> Result<Option<Obstacle>, BadRead> {
    let at = |key: &str| [mtls, "/", key].concat();
    let enabled = at("enabled");
    if !fleet.bool_or(&enabled, true)? {
        return Ok(Some(Obstacle {
            path: enabled,
            is: "connections.mtls.enabled: false".to_owned(),
            hint: "enable connections.mtls with sslNegotiation: direct",
        }));
    }
    let path = at("sslNegotiation");
    let negotiation = fleet.optional_text(&path)?.filter(|negotiation| negotiation != "direct");
    Ok(negotiation.map(|negotiation| Obstacle {
        path,
        is: format!("connections.mtls.sslNegotiation: {negotiation}"),
        hint: "set connections.mtls.sslNegotiation: direct",
    }))
}

fn finding(route: &Route, dialled: &Dialled, sites: &[String], obstacle: Obstacle) -> Finding {
    let message = format!(
        "{} {}:{} (connections.database) with {}, but route {} to service {} ({}) is a TLS route: it closes a connection that does not start with a TLS ClientHello",
        subject(sites, ["dials", "dial"]),
        dialled.host,
        dialled.port,
        obstacle.is,
        route.name,
        route.service,
        route.origin
    );
    let tcp = match route.connection {
        Some(_) => "set services.database.protocol: TCP",
        None => "put services.database with protocol: TCP in place of that route",
    };
    Finding::error("gateway/negotiation", message)
        .at(obstacle.path)
        .hint(format!("{} (needs PostgreSQL 17 and libpq 17), or {tcp}", obstacle.hint))
}
