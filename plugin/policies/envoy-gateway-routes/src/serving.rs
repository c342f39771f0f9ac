//! Whether what sites dial and what routes serve is the same.

use policy_sdk::{Finding, Plan, subject};
use worker_connections::is_sent_without_name;

use crate::connections::{Dialled, Dialling, place};
use crate::matching::Listeners;
use crate::route::{Protocol, Route};
use crate::settings::Settings;

/// Compares the routes with what each open site dials, both ways.
pub(crate) fn report(
    plan: &mut Plan,
    settings: &Settings,
    listeners: Listeners<'_>,
    sites: &Dialling,
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
                route.address()
            );
            let at = place(None, settings, connection) + "/host";
            plan.report(ip_host(message, connection, at));
        }
    }
    for (dialled, sites) in sites {
        if !listeners.serve(dialled) {
            plan.report(not_served(dialled, sites, settings, listeners.routes));
        }
    }
    for route in listeners.routes {
        if !sites.keys().any(|dialled| listeners.lead_to(route, dialled)) {
            plan.report(not_dialled(route));
        }
    }
}

fn not_served(
    dialled: &Dialled,
    sites: &[String],
    settings: &Settings,
    routes: &[Route],
) -> Finding {
    let Dialled { host, port, .. } = dialled;
    let connection = dialled.connection.key();
    let site = sites.first().map(String::as_str);
    let at = place(site, settings, connection) + "/host";
    let dials =
        format!("{} {host}:{port} (connections.{connection})", subject(sites, ["dials", "dial"]));
    if is_sent_without_name(host) {
        let message = format!(
            "{dials}, which is an IP address: clients send no server name (SNI) for it, so no TLS route can serve it"
        );
        return ip_host(message, connection, at);
    }
    let served = match routes.iter().map(Route::address).collect::<Vec<_>>() {
        none if none.is_empty() => "the gateway has no route".to_owned(),
        some => format!("its routes serve {}", some.join(", ")),
    };
    let message = format!("{dials}, and no route of the gateway serves it");
    Finding::error("gateway/not-served", message)
        .at(at)
        .hint(format!("{served}; name the service behind it under services.{connection}"))
}

fn ip_host(message: String, connection: &str, at: String) -> Finding {
    Finding::error("gateway/ip-host", message).at(at).hint(format!(
        "dial a name, from DNS or from hostAliases of the pods, or set services.{connection}.protocol: TCP"
    ))
}

/// A route of the values may be for others than sites; one for a connection is not.
fn not_dialled(route: &Route) -> Finding {
    let message = format!(
        "no site dials {}, which route {} serves ({})",
        route.address(),
        route.name,
        route.origin
    );
    match route.connection {
        Some(_) => Finding::warning("gateway/not-dialled", message),
        None => Finding::note("gateway/not-dialled", message),
    }
}
