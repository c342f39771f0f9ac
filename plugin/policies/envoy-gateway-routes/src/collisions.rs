//! Reports listeners that collide by the rules of the Gateway API.

use policy_sdk::Plan;

use crate::codes;
use crate::https::HttpsListener;
use crate::matching::Listeners;
use crate::route::{Gateway, Protocol, Route};

/// A listener, created by this policy or by the chart.
struct Listener<'a> {
    name: &'a str,
    hostname: &'a str,
    port: u64,
    is_tcp: bool,
    is_https: bool,
    origin: &'a str,
}

impl<'a> From<&'a HttpsListener> for Listener<'a> {
    fn from(https: &'a HttpsListener) -> Self {
        let HttpsListener { name, hostname, port, origin } = https;
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

/// The maximum number of listeners of a Gateway (`maxItems` of `spec.listeners`, Gateway API 1.6).
const LISTENERS_MAX: usize = 64;

/// Reports each two listeners that share a name, a port and hostname, or a port where one of them
/// is TCP.
pub(crate) fn report_collisions(plan: &mut Plan, gateway: &Gateway, listeners: Listeners<'_>) {
    let https = listeners.https.iter().map(Listener::from);
    let all: Vec<_> = https.chain(listeners.routes.iter().map(Listener::from)).collect();
    if all.len() > LISTENERS_MAX {
        let message = format!(
            "Gateway {} has {} listeners, but the Gateway API allows {LISTENERS_MAX}: the API server refuses the whole Gateway",
            gateway.name,
            all.len()
        );
        let hint = "move some routes to a second gateway, or serve several hosts with one wildcard";
        plan.report(codes::GATEWAY_TOO_MANY.finding(message).at("/routes").hint(hint));
        return;
    }
    for (index, one) in all.iter().enumerate() {
        for other in &all[..index] {
            let Some((same, hint)) = find_collision(one, other) else { continue };
            plan.report(
                codes::GATEWAY_COLLISION
                    .finding(format!(
                        "two listeners of Gateway {} have {same}: {} and {}",
                        gateway.name, other.origin, one.origin
                    ))
                    .hint(hint),
            );
        }
    }
}

/// Returns the property that two listeners must not share, and a hint.
fn find_collision(one: &Listener<'_>, other: &Listener<'_>) -> Option<(String, &'static str)> {
    // The chart creates both, and neither is for sites.
    if one.is_https && other.is_https {
        return None;
    }
    let hint = "change the name, port or hostname of one of them";
    if other.name == one.name {
        return Some((format!("the name {}", one.name), hint));
    }
    if other.port != one.port {
        return None;
    }
    // A TCP listener accepts every connection to its port, so another one there would get none.
    if one.is_tcp || other.is_tcp {
        let same = format!("port {}, which a TCP listener cannot share", one.port);
        let hint = "use another port for one of them, or protocol TLS for both";
        return Some((same, hint));
    }
    // Envoy distinguishes HTTPS and TLS listeners of a port only by the server name.
    (other.hostname == one.hostname).then(|| (format!("{}:{}", one.hostname, one.port), hint))
}
