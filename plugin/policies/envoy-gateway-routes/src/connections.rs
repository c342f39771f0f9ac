//! What the environment's workers dial, and whether a route serves it.
//!
//! The settings of the workers' policy say it: in scope global the profile holds those of the
//! environment, and each site of the fleet those it really gets.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Failure, Finding, Plan, Request, pointer};

use crate::route::{Route, first_label};
use crate::settings::{Service, Settings};

/// The component whose workers dial.
pub(crate) const COMPONENT: &str = "nautobot_worker";

/// Connections of a worker, and the port of each that says none (policy nautobot-worker).
const KINDS: [(&str, u64); 2] = [("database", 5432), ("redis", 6379)];

/// Somebody dials a name: which connection, host and port.
type Dialled = (&'static str, String, u64);

/// A route for each connection of the environment that leads to a service.
pub(crate) fn routes(request: &Request, settings: &Settings) -> Result<Vec<Route>, Failure> {
    settings.services.iter().map(|service| route(request, settings, service)).collect()
}

fn route(request: &Request, settings: &Settings, service: &Service) -> Result<Route, Failure> {
    let known = KINDS.into_iter().find(|(kind, _)| *kind == service.connection);
    let path = known.map(|(kind, port)| (kind, port, connection("", settings, kind)));
    let dialled = match &path {
        Some((kind, port, path)) => dialled(&request.profile, kind, *port, path)?,
        None => None,
    };
    let Some((_, hostname, port)) = dialled else {
        return Err(Failure::bad_settings(
            service.path.clone(),
            format!(
                "leads to a service, but the settings of {} have no connections.{} that workers could dial",
                settings.connections, service.connection
            ),
        ));
    };
    Ok(Route {
        name: service.name.clone().unwrap_or_else(|| first_label(&hostname)),
        hostname,
        port,
        namespace: service.namespace.clone(),
        service: service.target.clone(),
        service_port: service.port,
        origin: format!("settings {}", service.path),
        connection: Some(service.connection.clone()),
        ..Route::more(&request.settings, &service.path)?
    })
}

/// Where a connection is said: in the environment's profile, or in a site of the fleet.
fn connection(site: &str, settings: &Settings, kind: &str) -> String {
    let below = ["site", COMPONENT, "policies", &settings.connections, "connections", kind];
    let above = (!site.is_empty()).then_some(site);
    pointer(above.into_iter().chain(below))
}

fn dialled(
    document: &Document,
    kind: &'static str,
    port: u64,
    path: &str,
) -> Result<Option<Dialled>, BadRead> {
    let host = document.optional_text(&[path, "/host"].concat())?;
    let port = document.u64_or(&[path, "/port"].concat(), port)?;
    Ok(host.map(|host| (kind, host, port)))
}

/// Holds the routes against what each open site dials.
pub(crate) fn hold_against_sites(
    plan: &mut Plan,
    request: &Request,
    settings: &Settings,
    routes: &[Route],
) -> Result<(), Failure> {
    let mut all: BTreeMap<Dialled, Vec<String>> = BTreeMap::new();
    for site in request.fleet.keys("") {
        for (kind, port) in KINDS {
            let path = connection(&site, settings, kind);
            if let Some(dialled) = dialled(&request.fleet, kind, port, &path)? {
                all.entry(dialled).or_default().push(site.clone());
            }
        }
    }
    for (dialled, sites) in &all {
        let (_, host, port) = dialled;
        if !routes.iter().any(|route| route.hostname == *host && route.port == *port) {
            plan.report(not_served(dialled, sites, settings, routes));
        }
    }
    for route in routes {
        let served = |(_, host, port): &Dialled| route.hostname == *host && route.port == *port;
        if !all.keys().any(served) {
            plan.report(not_dialled(route));
        }
    }
    Ok(())
}

fn not_served(
    (kind, host, port): &Dialled,
    sites: &[String],
    settings: &Settings,
    routes: &[Route],
) -> Finding {
    let site = sites.first().map_or("", String::as_str);
    let others = match sites.len() {
        0 | 1 => String::new(),
        more => format!(" and {} others", more - 1),
    };
    let served = routes.iter().map(|route| format!("{}:{}", route.hostname, route.port));
    let served = match served.collect::<Vec<_>>() {
        none if none.is_empty() => "the gateway has no TLS route".to_owned(),
        some => format!("its routes serve {}", some.join(", ")),
    };
    let message = format!(
        "site {site}{others} dials {host}:{port} (connections.{kind}), and no route of the gateway serves it"
    );
    Finding::error("gateway/not-served", message)
        .at(connection(site, settings, kind) + "/host")
        .hint(format!("{served}; name the service behind it under services.{kind}"))
}

/// A route of the values may be for others than sites; one for a connection is not.
fn not_dialled(route: &Route) -> Finding {
    let message = format!(
        "no site dials {}:{}, which route {} serves ({})",
        route.hostname, route.port, route.name, route.origin
    );
    match route.connection {
        Some(_) => Finding::warning("gateway/not-dialled", message),
        None => Finding::note("gateway/not-dialled", message),
    }
}
