//! How sites reach PostgreSQL and Redis on the global cluster: passthrough listeners of its
//! gateway and the routes behind them.
//!
//! Names and ports are not said a second time: they are those that the environment's workers
//! are told to dial. The plan says them in two forms, as values of the chart `envoy-configs`
//! and as the objects that the chart would make. Two listeners that collide are refused, and
//! so is one that does not take its own route, and a name that a site dials and no route serves. A listener picks its service by the
//! server name in TLS, so a site whose clients do not start with TLS, or dial an IP address,
//! is refused too; protocol TCP is for those.
//!
//! What ends a connection that is in use has a default that lets it live: keepalive, an idle
//! timeout and the number of connections.

mod allowed;
mod chart;
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

/// Leads sites through the gateway.
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
        let mut routes = route::of_values(&request.values, &gateway)?;
        routes.extend(connections::routes(request, &settings)?);

        let https = https::of_values(&request.values, &gateway)?;
        let listeners = Listeners { routes: &routes, https: &https };

        let mut plan = Plan::new();
        collisions::report(&mut plan, &gateway, listeners);
        allowed::report(&mut plan, &gateway, settings.objects, &routes);
        chart::report(&mut plan, &settings, &routes);
        let dialling = connections::of_sites(request, &settings)?;
        serving::report(&mut plan, &settings, listeners, &dialling);
        negotiation::report(&mut plan, request, &settings, listeners, &dialling)?;
        let limits = limits::of_services(request, &settings, listeners, &dialling)?;
        limits::report(&mut plan, settings.objects, &limits);
        let tls = routes.iter().filter(|route| route.protocol == Protocol::Tls);
        plan.set(
            "/routes/tls",
            Json::List(tls.map(Route::value).collect()),
            "sites reach PostgreSQL and Redis on the global cluster by the names that they dial",
        );
        if settings.objects {
            objects::add(&mut plan, request, &gateway, &routes, &settings);
            limits::add(&mut plan, &gateway, &limits);
        }
        Ok(plan)
    }
}

export_policy!(EnvoyGatewayRoutes);

#[cfg(test)]
mod tests;
