//! Checks that each listener accepts its own route (`allowedRoutes` of the Gateway API).

use policy_sdk::Plan;

use crate::codes;
use crate::route::{Gateway, Route};

/// The chart's namespace of a TLS route that names none (`templates/tlsroute.yaml.tpl`).
const CHART_NAMESPACE: &str = "envoy-gateway";

/// Reports each listener that accepts only routes of its gateway's namespace, while its own route
/// is in another one: the route is never attached, and the listener closes every connection.
///
/// A selector depends on the labels of namespaces, which a render does not know.
pub(crate) fn report_disallowed(
    plan: &mut Plan,
    gateway: &Gateway,
    objects: bool,
    routes: &[Route],
) {
    for route in routes.iter().filter(|route| route.from.as_deref() == Some("Same")) {
        let default = if objects { &gateway.namespace } else { CHART_NAMESPACE };
        let namespace = route.namespace.as_deref().unwrap_or(default);
        if namespace == gateway.namespace {
            continue;
        }
        let kind = route.protocol.route_kind();
        let message = format!(
            "listener {} ({}) accepts only routes of its own namespace (from: Same): Gateway {} is in {}, but {kind} {} is in {namespace}",
            route.name, route.origin, gateway.name, gateway.namespace, route.name
        );
        plan.report(
            codes::GATEWAY_NOT_ALLOWED
                .finding(message)
                .at([&route.path, "/from"].concat())
                .hint("set from: All, or from: Selector with labels of the route's namespace"),
        );
    }
}
