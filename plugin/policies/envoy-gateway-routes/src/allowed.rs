//! Whether listeners take the routes that are made for them (`allowedRoutes` of the Gateway API).

use policy_sdk::{Finding, Plan};

use crate::route::{Gateway, Route};

/// Where the chart puts a TLS route that names no namespace (`templates/tlsroute.yaml.tpl`).
const CHARTS_NAMESPACE: &str = "envoy-gateway";

/// Reports an error for each listener that takes routes of its gateway's namespace alone, where
/// its own route is in another one: the route is never attached, and the listener closes every
/// connection.
///
/// Which namespaces a selector takes depends on their labels, which nobody knows here.
pub(crate) fn report(plan: &mut Plan, gateway: &Gateway, objects: bool, routes: &[Route]) {
    for route in routes.iter().filter(|route| route.from.as_deref() == Some("Same")) {
        let default = if objects { &gateway.namespace } else { CHARTS_NAMESPACE };
        let namespace = route.namespace.as_deref().unwrap_or(default);
        if namespace == gateway.namespace {
            continue;
        }
        let kind = route.protocol.route_kind();
        let message = format!(
            "listener {} ({}) takes routes of its own namespace alone (from: Same): Gateway {} is in {}, but {kind} {} is in {namespace}",
            route.name, route.origin, gateway.name, gateway.namespace, route.name
        );
        plan.report(
            Finding::error("gateway/not-allowed", message)
                .at([&route.path, "/from"].concat())
                .hint("set from: All, or from: Selector with labels of the route's namespace"),
        );
    }
}
