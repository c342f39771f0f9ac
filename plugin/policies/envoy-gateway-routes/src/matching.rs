//! Which listener takes what a site dials, by the rules of the Gateway API.

use crate::connections::Dialled;
use crate::https::Https;
use crate::route::{Protocol, Route};

/// How closely a listener fits a host: the longer the part that it names, the closer.
type Closeness = usize;

const EXACT: Closeness = Closeness::MAX;

/// All listeners of the gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listeners<'a> {
    pub(crate) routes: &'a [Route],
    pub(crate) https: &'a [Https],
}

impl Listeners<'_> {
    /// Whether what a site dials comes out at this route's service.
    ///
    /// The closest listener takes a connection, so a wildcard gets what no exact host and no
    /// longer wildcard on its port takes, an HTTPS one included. Two that fit equally collide,
    /// which is reported elsewhere; both count here.
    pub(crate) fn lead_to(self, route: &Route, dialled: &Dialled) -> bool {
        let Some(own) = closeness(route, dialled) else { return false };
        let https = self.https.iter().filter(|https| https.port == dialled.port);
        let others = self
            .routes
            .iter()
            .filter_map(|route| closeness(route, dialled))
            .chain(https.filter_map(|https| fit(&https.hostname, &dialled.host)));
        others.max().is_none_or(|closest| own >= closest)
    }

    /// Whether any route serves what a site dials.
    pub(crate) fn serve(self, dialled: &Dialled) -> bool {
        self.routes.iter().any(|route| self.lead_to(route, dialled))
    }
}

/// Returns how closely a route fits what a site dials.
///
/// A TCP listener knows no names, so it fits every host on its port; but only for the
/// connection that the route is for: another one would reach the wrong service.
fn closeness(route: &Route, dialled: &Dialled) -> Option<Closeness> {
    if route.port != dialled.port {
        return None;
    }
    match route.protocol {
        Protocol::Tls => fit(&route.hostname, &dialled.host),
        Protocol::Tcp => {
            (route.connection.as_deref() == Some(dialled.connection.key())).then_some(EXACT)
        }
    }
}

/// Returns how closely a hostname fits a host. A wildcard stands for one or more whole labels:
/// `*.b.c` takes `a.b.c` and `x.a.b.c`, but not `b.c`.
fn fit(hostname: &str, host: &str) -> Option<Closeness> {
    if hostname == host {
        return Some(EXACT);
    }
    let suffix = hostname.strip_prefix('*').filter(|suffix| suffix.starts_with('.'))?;
    let labels = host.strip_suffix(suffix)?;
    (!labels.is_empty()).then_some(suffix.len())
}
