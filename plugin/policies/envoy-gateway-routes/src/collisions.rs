//! Listeners that the Gateway API would refuse to have side by side.

use policy_sdk::{Finding, Plan};

use crate::route::{Gateway, Protocol, Route};

/// An error for each two listeners that share a name, a port and hostname, or a port where
/// one of them is TCP.
pub(crate) fn report(plan: &mut Plan, gateway: &Gateway, routes: &[Route]) {
    for (index, route) in routes.iter().enumerate() {
        for other in &routes[..index] {
            let Some((same, hint)) = shared(route, other) else { continue };
            plan.report(
                Finding::error(
                    "gateway/collision",
                    format!(
                        "two listeners of Gateway {} have {same}: {} and {}",
                        gateway.name, other.origin, route.origin
                    ),
                )
                .hint(hint),
            );
        }
    }
}

/// What two listeners share and may not, and what to do.
fn shared(route: &Route, other: &Route) -> Option<(String, &'static str)> {
    let hint = "give one of them another name, port or hostname";
    if other.name == route.name {
        return Some((format!("the name {}", route.name), hint));
    }
    if other.port != route.port {
        return None;
    }
    // TCP takes all that arrives at its port, so a listener beside it would never be asked.
    if [route, other].iter().any(|one| one.protocol == Protocol::Tcp) {
        let same = format!("port {}, which a TCP listener cannot share", route.port);
        let hint = "let sites dial one of them at another port, or use protocol TLS for both";
        return Some((same, hint));
    }
    (other.hostname == route.hostname).then(|| (format!("{}:{}", route.hostname, route.port), hint))
}
