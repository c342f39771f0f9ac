//! Limits the connections that the gateway opens to a service.

use policy_sdk::{BadRead, Document, Json, Plan, Request};
use worker_connections::{Connection, settings_of};

use crate::codes;
use crate::connections::EndpointSites;
use crate::matching::Listeners;
use crate::objects::{GROUP, envoy_object};
use crate::route::{Gateway, Protocol, Route};
use crate::settings::{MAX_CONNECTIONS, Service, Settings};

/// Envoy's own limit for each backend, which a gateway without a policy has.
const ENVOY_LIMIT: u64 = 1024;
/// The maximum of `maxConnections` in a `BackendTrafficPolicy`.
const LIMIT_MAX: u64 = u32::MAX as u64;

/// Pods of a worker without the setting `replicas`, and of one with autoscaling: `replicaCount` and
/// `autoscaling.maxReplicas` of the chart nautobot. This policy gets the values of the gateway, so
/// it cannot read other defaults of the workers' base values.
const REPLICAS: u64 = 2;
const AUTOSCALED: u64 = 5;
/// Celery processes of a pod without the setting `concurrency`. The chart has 0, which means one for
/// each CPU of the node; this is an assumption, and the headroom covers twice as many.
const CPUS: u64 = 8;

/// Connections of each process of a pod: of the Celery processes and of their parent. Django
/// keeps one to PostgreSQL. To Redis there are four: broker, results, cache and control messages.
/// So 42 sites of two pods with two Celery processes have 1,008, which agrees with the
/// measurement: about as many sites reach Envoy's limit.
const TO_DATABASE: u64 = 1;
const TO_REDIS: u64 = 4;
/// The factor for a rollout, which starts new pods before the old ones end, and for connections of
/// a failed node, which exist until keepalive ends them. A limit that is too high costs file
/// descriptors; one that is too low cuts sites off.
const HEADROOM: u64 = 2;

/// The limit of connections for the route of a service.
#[derive(Debug)]
pub(crate) struct Limit<'a> {
    service: &'a Service,
    route: &'a Route,
    /// The number of open sites that use the route.
    sites: usize,
    /// The number of connections that these sites may need.
    needed: u64,
}

/// Returns the limit of each service that has a route.
pub(crate) fn read_limits<'a>(
    request: &Request,
    settings: &'a Settings,
    listeners: Listeners<'a>,
    endpoints: &EndpointSites,
) -> Result<Vec<Limit<'a>>, BadRead> {
    let mut limits = Vec::new();
    for service in &settings.services {
        let is_own = |route: &&Route| route.connection.as_ref() == Some(&service.connection);
        let Some(route) = listeners.routes.iter().find(is_own) else { continue };
        let served =
            endpoints.iter().filter(|(endpoint, _)| listeners.reach_route(route, endpoint));
        let mut limit = Limit { service, route, sites: 0, needed: 0 };
        for site in served.flat_map(|(_, sites)| sites) {
            let worker = settings_of(Some(site), &settings.connections, &[]);
            let worker = request.fleet.at(&worker);
            let needed = needed_connections(&worker, &service.connection)?;
            limit.sites += 1;
            limit.needed = limit.needed.saturating_add(needed).min(LIMIT_MAX);
        }
        limits.push(limit);
    }
    Ok(limits)
}

/// Returns how many connections a site's workers may need:
/// pods x (Celery processes + their parent) x connections of each x headroom.
fn needed_connections(worker: &Document, connection: &str) -> Result<u64, BadRead> {
    let default = if worker.bool_or("/autoscaling", false)? { AUTOSCALED } else { REPLICAS };
    let pods = worker.u64_or("/replicas", default)?;
    let celery = match worker.u64_or("/concurrency", 0)? {
        0 => CPUS,
        processes => processes,
    };
    let each = if connection == Connection::Database.key() { TO_DATABASE } else { TO_REDIS };
    let factors = [celery.saturating_add(1), each, HEADROOM];
    Ok(factors.into_iter().fold(pods, u64::saturating_mul))
}

impl Limit<'_> {
    /// Returns the setting, or the number that the sites need.
    ///
    /// The default is at least Envoy's own limit, so that this policy never lowers it. It is
    /// rounded up to a power of two, so that adding or removing a site rarely changes the gateway.
    fn max_connections(&self) -> u64 {
        let default = self.needed.max(ENVOY_LIMIT).next_power_of_two().min(LIMIT_MAX);
        self.service.max_connections.unwrap_or(default)
    }

    /// Returns the `BackendTrafficPolicy`. Envoy Gateway requires it in the namespace of its route.
    fn to_object(&self, gateway: &Gateway) -> Json {
        let kind = self.route.protocol.route_kind();
        let name = &*self.route.name;
        let target =
            Json::map([("group", GROUP.into()), ("kind", kind.into()), ("name", name.into())]);
        let breaker = Json::map([("maxConnections", self.max_connections().into())]);
        let spec = vec![
            ("targetRefs".to_owned(), Json::List(vec![target])),
            ("circuitBreaker".to_owned(), breaker),
        ];
        let namespace = self.route.namespace.as_ref().unwrap_or(&gateway.namespace);
        envoy_object("BackendTrafficPolicy", &[name, "-backend-traffic"].concat(), namespace, spec)
    }
}

/// Reports each limit that is lower than the sites need, or that the chart would lose.
pub(crate) fn report_limits(plan: &mut Plan, objects: bool, limits: &[Limit<'_>]) {
    for limit in limits {
        let finding = if objects { low_limit(limit) } else { lost_limit(limit) };
        if let Some((message, hint)) = finding {
            plan.report(
                codes::GATEWAY_MAX_CONNECTIONS
                    .finding(message)
                    .at([&limit.service.path, MAX_CONNECTIONS].concat())
                    .hint(hint),
            );
        }
    }
}

/// Returns message and hint for a limit of the settings that is lower than the sites need.
fn low_limit(limit: &Limit<'_>) -> Option<(String, String)> {
    let Limit { service, route, sites, needed } = limit;
    let most = service.max_connections.filter(|most| most < needed)?;
    let message = format!(
        "services.{}.maxConnections is {most}, but the workers of {sites} open sites may need {needed} connections to route {}: the gateway closes every connection above its limit",
        service.connection, route.name
    );
    Some((message, format!("set {needed} or more, or remove the setting")))
}

/// Returns message and hint for a limit that the chart loses: it creates no
/// `BackendTrafficPolicy`, so Envoy's own limit remains. A TCP route is lost as a whole, which
/// [`crate::chart`] reports.
fn lost_limit(limit: &Limit<'_>) -> Option<(String, String)> {
    let Limit { service, route, sites, needed } = limit;
    let is_other = service.max_connections.is_some_and(|most| most != ENVOY_LIMIT);
    if route.protocol == Protocol::Tcp || (*needed <= ENVOY_LIMIT && !is_other) {
        return None;
    }
    let message = format!(
        "the chart envoy-configs has no limit of connections, so route {} keeps Envoy's {ENVOY_LIMIT}, and the workers of {sites} open sites may need {needed}",
        route.name
    );
    Some((message, "set objects: true".to_owned()))
}

/// Adds the objects to the plan.
pub(crate) fn add_limits(plan: &mut Plan, gateway: &Gateway, limits: &[Limit<'_>]) {
    for limit in limits {
        let reason = format!(
            "the workers of {} open sites may need {} connections to service {}",
            limit.sites, limit.needed, limit.service.target
        );
        plan.manifest(&limit.to_object(gateway), reason);
    }
}
