//! What the values of the chart `envoy-configs` cannot say.

use policy_sdk::{Finding, Plan};

use crate::route::{Protocol, Route};
use crate::settings::{PROTOCOL, Settings};
use crate::traffic::IDLE_TIMEOUT_PATH;

/// When Envoy closes a silent connection that no policy speaks for.
const ENVOYS_IDLE_TIMEOUT: &str = "1h";

/// Reports what the chart would not make of the services' settings.
pub(crate) fn report(plan: &mut Plan, settings: &Settings, routes: &[Route]) {
    report_tcp(plan, settings, routes);
    if !settings.objects {
        report_idle_timeouts(plan, routes);
    }
}

/// Reports each idle timeout that is lost because the chart makes the gateway: its values and
/// its template of a `ClientTrafficPolicy` know keepalive alone. A TCP route is lost whole.
fn report_idle_timeouts(plan: &mut Plan, routes: &[Route]) {
    for route in routes.iter().filter(|route| route.protocol == Protocol::Tls) {
        let timeout = route.traffic.as_ref().and_then(|traffic| traffic.idle_timeout.as_deref());
        let Some(timeout) = timeout.filter(|timeout| *timeout != ENVOYS_IDLE_TIMEOUT) else {
            continue;
        };
        let message = format!(
            "the chart envoy-configs has no idle timeout, so route {} ({}) does not get {timeout}: Envoy closes a connection that is silent for {ENVOYS_IDLE_TIMEOUT}, keepalive or not",
            route.name, route.origin
        );
        plan.report(
            Finding::warning("gateway/idle-timeout", message)
                .at([&route.path, IDLE_TIMEOUT_PATH].concat())
                .hint(format!(
                    "set objects: true, or idleTimeout: {ENVOYS_IDLE_TIMEOUT} where no job is silent for longer"
                )),
        );
    }
}

/// Reports each TCP route, for the chart has none.
///
/// Its values have `routes.http` and `routes.tls`, and its templates make listeners of protocol
/// HTTPS and TLS alone (understack at 2c8c08d3, `components/envoy-configs`). Where the chart
/// makes the gateway, a TCP route would therefore be missing: an error. Where the objects are
/// ours nothing is missing from them. Which target is rendered is not known here, and an
/// error would stop the objects too, so a reader of the values is told by a note.
fn report_tcp(plan: &mut Plan, settings: &Settings, routes: &[Route]) {
    for service in &settings.services {
        let is_tcp = |route: &&Route| {
            route.protocol == Protocol::Tcp
                && route.connection.as_deref() == Some(&*service.connection)
        };
        let Some(route) = routes.iter().find(is_tcp) else { continue };
        let lacks = format!(
            "the chart envoy-configs has no TCP routes, so its values do not have route {} to service {} (services.{}.protocol: TCP)",
            route.name, route.service, service.connection
        );
        let finding = if settings.objects {
            Finding::note("gateway/protocol", lacks)
                .hint("the objects have it: render the gateway with --as manifests")
        } else {
            Finding::error("gateway/protocol", lacks + ", and objects: false leaves the gateway to it")
                .hint("set objects: true, or protocol: TLS with connections.mtls.sslNegotiation: direct (needs PostgreSQL 17 and libpq 17)")
        };
        plan.report(finding.at([&service.path, PROTOCOL].concat()));
    }
}
