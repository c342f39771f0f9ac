//! Reports settings for which the chart `envoy-configs` has no values.

use policy_sdk::{Plan, Severity};

use crate::codes;
use crate::route::{Protocol, Route};
use crate::settings::{PROTOCOL, Settings};
use crate::traffic::IDLE_TIMEOUT_PATH;

/// Envoy's own idle timeout for a connection without a policy.
const ENVOY_IDLE_TIMEOUT: &str = "1h";

/// Reports settings of services that the chart would lose.
pub(crate) fn report_lost_settings(plan: &mut Plan, settings: &Settings, routes: &[Route]) {
    report_tcp(plan, settings, routes);
    if !settings.objects {
        report_idle_timeouts(plan, routes);
    }
}

/// Reports each idle timeout that is lost because the chart creates the gateway: its values and its
/// template of a `ClientTrafficPolicy` have only keepalive. A TCP route is lost as a whole, which
/// [`report_tcp`] reports.
fn report_idle_timeouts(plan: &mut Plan, routes: &[Route]) {
    for route in routes.iter().filter(|route| route.protocol == Protocol::Tls) {
        let timeout = route.traffic.as_ref().and_then(|traffic| traffic.idle_timeout.as_deref());
        let Some(timeout) = timeout.filter(|timeout| *timeout != ENVOY_IDLE_TIMEOUT) else {
            continue;
        };
        let message = format!(
            "the chart envoy-configs has no idle timeout, so route {} ({}) does not get {timeout}: Envoy closes a connection that is silent for {ENVOY_IDLE_TIMEOUT}, even with keepalive",
            route.name, route.origin
        );
        plan.report(
            codes::GATEWAY_IDLE_TIMEOUT
                .finding(message)
                .at([&route.path, IDLE_TIMEOUT_PATH].concat())
                .hint(format!(
                    "set objects: true, or idleTimeout: {ENVOY_IDLE_TIMEOUT} where no job is silent for longer"
                )),
        );
    }
}

/// Reports each TCP route, because the chart has no TCP routes.
///
/// Its values have `routes.http` and `routes.tls`, and its templates create only listeners of
/// protocol HTTPS and TLS (understack at 2c8c08d3, `components/envoy-configs`). Where the chart
/// creates the gateway, a TCP route would be missing, so it is an error. Where this policy creates
/// the objects, they include the route, and only the values lack it. A policy does not know which
/// target is rendered, and an error would stop the objects too, so that is a note.
fn report_tcp(plan: &mut Plan, settings: &Settings, routes: &[Route]) {
    for service in &settings.services {
        let is_tcp = |route: &&Route| {
            route.protocol == Protocol::Tcp
                && route.connection.as_deref() == Some(&*service.connection)
        };
        let Some(route) = routes.iter().find(is_tcp) else { continue };
        let lacks = format!(
            "the chart envoy-configs has no TCP routes, so its values lack route {} to service {} (services.{}.protocol: TCP)",
            route.name, route.service, service.connection
        );
        let finding = if settings.objects {
            codes::GATEWAY_PROTOCOL
                .finding(lacks)
                .severity(Severity::Note)
                .hint("render the gateway with --as manifests: the objects have the route")
        } else {
            codes::GATEWAY_PROTOCOL
                .finding(lacks + ", and objects: false leaves the gateway to the chart")
                .hint("set objects: true, or protocol: TLS with connections.mtls.sslNegotiation: direct (needs PostgreSQL 17 and libpq 17)")
        };
        plan.report(finding.at([&service.path, PROTOCOL].concat()));
    }
}
