//! Routes connections of sites to PostgreSQL and Redis on the global cluster: passthrough listeners
//! of its gateway, and the routes behind them.
//!
//! Host names and ports are those of the workers' settings. The plan has the routes in two forms:
//! as values of the chart `envoy-configs`, and as the objects that the chart would create.
//!
//! The policy reports listeners that collide, a listener that does not accept its own route, and a
//! host without a route. A TLS listener selects the service by the server name in TLS, so the
//! policy also reports sites whose clients do not start with TLS or connect to an IP address;
//! protocol TCP is for those.
//!
//! Keepalive, the idle timeout and the number of connections have defaults that do not end a
//! connection in use.

mod allowed;
mod chart;
pub mod codes;
mod collisions;
mod connections;
mod https;
mod limits;
mod matching;
mod negotiation;
mod objects;
mod route;
mod serving;
mod settings;
mod traffic;

use policy_sdk::{Description, Failure, Json, Plan, Policy, Request, Scope, export_policy};
use worker_connections::COMPONENT;

use crate::matching::Listeners;
use crate::route::{Gateway, Protocol, Route};
use crate::settings::Settings;

/// The transform that creates the gateway's listeners and routes.
pub struct EnvoyGatewayRoutes;

impl Policy for EnvoyGatewayRoutes {
    fn describe() -> Description {
        let version = env!("CARGO_PKG_VERSION");
        Description::transform("envoy-gateway-routes", version, COMPONENT)
            .settings(settings::SCHEMA)
            .scopes(&[Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        let gateway = Gateway::read(&request.values, &settings.gateway)?;
        let mut routes = route::read_routes(&request.values, &gateway)?;
        routes.extend(connections::build_routes(request, &settings)?);

        let https = https::read_https_listeners(&request.values, &gateway)?;
        let listeners = Listeners { routes: &routes, https: &https };

        let mut plan = Plan::new();
        collisions::report_collisions(&mut plan, &gateway, listeners);
        allowed::report_disallowed(&mut plan, &gateway, settings.objects, &routes);
        chart::report_lost_settings(&mut plan, &settings, &routes);
        let endpoints = connections::read_endpoints(request, &settings)?;
        serving::report_unserved(&mut plan, &settings, listeners, &endpoints);
        negotiation::report_obstacles(&mut plan, request, &settings, listeners, &endpoints)?;
        let limits = limits::read_limits(request, &settings, listeners, &endpoints)?;
        limits::report_limits(&mut plan, settings.objects, &limits);
        let tls = routes.iter().filter(|route| route.protocol == Protocol::Tls);
        plan.set(
            "/routes/tls",
            Json::List(tls.map(Route::to_value).collect()),
            "sites reach PostgreSQL and Redis on the global cluster by the host names of their settings",
        );
        if settings.objects {
            objects::add_objects(&mut plan, request, &gateway, &routes, &settings);
            limits::add_limits(&mut plan, &gateway, &limits);
        }
        Ok(plan)
    }
}

export_policy!(EnvoyGatewayRoutes);

#[cfg(test)]
mod tests;
