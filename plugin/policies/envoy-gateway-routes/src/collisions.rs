//! Listeners that the Gateway API would refuse to have side by side.

use policy_sdk::{Finding, Plan};

use crate::route::{Gateway, Route};

/// An error for each two listeners with one name, or with one port and hostname.
pub(crate) fn report(plan: &mut Plan, gateway: &Gateway, routes: &[Route]) {
    for (index, route) in routes.iter().enumerate() {
        for other in &routes[..index] {
            let same = if other.name == route.name {
                format!("the name {}", route.name)
            } else if (&other.hostname, other.port) == (&route.hostname, route.port) {
                format!("{}:{}", route.hostname, route.port)
            } else {
                continue;
            };
            plan.report(
                Finding::error(
                    "gateway/collision",
                    format!(
                        "two listeners of Gateway {} have {same}: {} and {}",
                        gateway.name, other.origin, route.origin
                    ),
                )
                .hint("give one of them another name, port or hostname"),
            );
        }
    }
}
