//! Listeners that the Gateway API would refuse to have side by side.

use policy_sdk::{Finding, Plan};

use crate::https::Https;
use crate::matching::Listeners;
use crate::route::{Gateway, Protocol, Route};

/// A listener, whoever makes it.
struct Listener<'a> {
    name: &'a str,
    hostname: &'a str,
    port: u64,
    is_tcp: bool,
    is_https: bool,
    origin: &'a str,
}

impl<'a> From<&'a Https> for Listener<'a> {
    fn from(https: &'a Https) -> Self {
        let Https { name, hostname, port, origin } = https;
        Self { name, hostname, port: *port, is_tcp: false, is_https: true, origin }
    }
}

impl<'a> From<&'a Route> for Listener<'a> {
    fn from(route: &'a Route) -> Self {
        let Route { name, hostname, port, origin, .. } = route;
        let is_tcp = route.protocol == Protocol::Tcp;
        Self { name, hostname, port: *port, is_tcp, is_https: false, origin }
    }
}

/// The most listeners of a Gateway (`maxItems` of `spec.listeners`, Gateway API 1.6).
const MOST_LISTENERS: usize = 64;

/// Reports an error for each two listeners that share a name, a port and hostname, or a port
/// where one of them is TCP.
pub(crate) fn report(plan: &mut Plan, gateway: &Gateway, listeners: Listeners<'_>) {
    let https = listeners.https.iter().map(Listener::from);
    let all: Vec<_> = https.chain(listeners.routes.iter().map(Listener::from)).collect();
    if all.len() > MOST_LISTENERS {
        let message = format!(
            "Gateway {} has {} listeners, and the Gateway API takes {MOST_LISTENERS}: the API server refuses all of it",
            gateway.name,
            all.len()
        );
        let hint = "put some routes on a second gateway, or serve several hosts by one wildcard";
        plan.report(Finding::error("gateway/too-many", message).at("/routes").hint(hint));
        return;
    }
    for (index, one) in all.iter().enumerate() {
        for other in &all[..index] {
            let Some((same, hint)) = shared(one, other) else { continue };
            plan.report(
                Finding::error(
                    "gateway/collision",
                    format!(
                        "two listeners of Gateway {} have {same}: {} and {}",
                        gateway.name, other.origin, one.origin
                    ),
                )
                .hint(hint),
            );
        }
    }
}

/// Returns what two listeners share and may not, and what to do.
fn shared(one: &Listener<'_>, other: &Listener<'_>) -> Option<(String, &'static str)> {
    // Both are the chart's, and neither is for sites.
    if one.is_https && other.is_https {
        return None;
    }
    let hint = "give one of them another name, port or hostname";
    if other.name == one.name {
        return Some((format!("the name {}", one.name), hint));
    }
    if other.port != one.port {
        return None;
    }
    // TCP takes all that arrives at its port, so a listener beside it would never be asked.
    if one.is_tcp || other.is_tcp {
        let same = format!("port {}, which a TCP listener cannot share", one.port);
        let hint = "let sites dial one of them at another port, or use protocol TLS for both";
        return Some((same, hint));
    }
    // HTTPS and TLS are told apart by the server name alone.
    (other.hostname == one.hostname).then(|| (format!("{}:{}", one.hostname, one.port), hint))
}
