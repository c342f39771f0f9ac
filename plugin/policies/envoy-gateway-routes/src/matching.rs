//! Selects the listener for a connection of a site, by the rules of the Gateway API.

use crate::connections::Endpoint;
use crate::https::HttpsListener;
use crate::route::{Protocol, Route};

/// A measure of how closely a listener matches a host: the length of the part that it names.
type Closeness = usize;

const EXACT: Closeness = Closeness::MAX;

/// All listeners of the gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listeners<'a> {
    pub(crate) routes: &'a [Route],
    pub(crate) https: &'a [HttpsListener],
}

impl Listeners<'_> {
    /// Returns whether a connection to an endpoint reaches this route's service.
    ///
    /// The closest listener gets a connection. So a wildcard gets only those that match no exact
    /// host and no longer wildcard of the same port, HTTPS listeners included. Two listeners that
    /// match equally collide, which [`crate::collisions`] reports; here both match.
    pub(crate) fn reach_route(self, route: &Route, endpoint: &Endpoint) -> bool {
        let Some(own) = route_closeness(route, endpoint) else { return false };
        let https = self.https.iter().filter(|https| https.port == endpoint.port);
        let others =
            self.routes.iter().filter_map(|route| route_closeness(route, endpoint)).chain(
                https.filter_map(|https| hostname_closeness(&https.hostname, &endpoint.host)),
            );
        others.max().is_none_or(|closest| own >= closest)
    }

    /// Returns whether any route serves an endpoint.
    pub(crate) fn serve_endpoint(self, endpoint: &Endpoint) -> bool {
        self.routes.iter().any(|route| self.reach_route(route, endpoint))
    }
}

/// Returns how closely a route matches an endpoint.
///
/// A TCP listener ignores names, so it matches every host on its port; but only for the
/// connection that the route is for, because another one would reach the wrong service.
fn route_closeness(route: &Route, endpoint: &Endpoint) -> Option<Closeness> {
    if route.port != endpoint.port {
        return None;
    }
    match route.protocol {
        Protocol::Tls => hostname_closeness(&route.hostname, &endpoint.host),
        Protocol::Tcp => {
            (route.connection.as_deref() == Some(endpoint.connection.key())).then_some(EXACT)
        }
    }
}

/// Returns how closely a hostname matches a host. A wildcard matches one or more whole labels:
/// `*.b.c` matches `a.b.c` and `x.a.b.c`, but not `b.c`.
fn hostname_closeness(hostname: &str, host: &str) -> Option<Closeness> {
    if hostname == host {
        return Some(EXACT);
    }
    let suffix = hostname.strip_prefix('*').filter(|suffix| suffix.starts_with('.'))?;
    let labels = host.strip_suffix(suffix)?;
    (!labels.is_empty()).then_some(suffix.len())
}
