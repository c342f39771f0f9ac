//! How many connections the gateway opens to a service.

use policy_sdk::{BadRead, Document, Finding, Json, Plan, Request};
use worker_connections::{Connection, settings_of};

use crate::connections::Dialling;
use crate::matching::Listeners;
use crate::objects::{GROUP, custom};
use crate::route::{Gateway, Protocol, Route};
use crate::settings::{MAX_CONNECTIONS, Service, Settings};

/// Envoy's own limit for each backend, and so that of a gateway without a policy.
const ENVOYS: u64 = 1024;
/// The most that a `BackendTrafficPolicy` takes.
const MOST: u64 = u32::MAX as u64;

/// Pods of a worker whose settings do not say how many, and with autoscaling: `replicaCount` and
/// `autoscaling.maxReplicas` of the chart nautobot. What base values say instead is not known
/// here, for the values of this policy are those of the gateway.
const REPLICAS: u64 = 2;
const AUTOSCALED: u64 = 5;
/// Celery processes of a pod whose settings do not say how many. The chart has 0, which means
/// one for each CPU of the node; this is a guess at those, and the headroom covers twice as many.
const CPUS: u64 = 8;

/// Connections of each process of a pod: of the Celery processes and of their parent. Django
/// keeps one to PostgreSQL. To Redis there are the broker's, the results', the cache's and one
/// of control messages. So 42 sites of two pods with two Celery processes come to 1,008, which
/// agrees with what was measured: about as many reach Envoy's limit.
const TO_DATABASE: u64 = 1;
const TO_REDIS: u64 = 4;
/// A rollout starts new pods before the old ones are gone, and connections of a node that died
/// count until keepalive ends them. A limit that is too high costs file descriptors; one that is
/// too low cuts sites off.
const HEADROOM: u64 = 2;

/// The limit of a service's route.
#[derive(Debug)]
pub(crate) struct Limit<'a> {
    service: &'a Service,
    route: &'a Route,
    sites: usize,
    /// What the open sites may come to.
    needed: u64,
}

/// Returns the limit of each service that has a route.
pub(crate) fn of_services<'a>(
    request: &Request,
    settings: &'a Settings,
    listeners: Listeners<'a>,
    dialling: &Dialling,
) -> Result<Vec<Limit<'a>>, BadRead> {
    let mut limits = Vec::new();
    for service in &settings.services {
        let is_own = |route: &&Route| route.connection.as_ref() == Some(&service.connection);
        let Some(route) = listeners.routes.iter().find(is_own) else { continue };
        let served = dialling.iter().filter(|(dialled, _)| listeners.lead_to(route, dialled));
        let mut limit = Limit { service, route, sites: 0, needed: 0 };
        for site in served.flat_map(|(_, sites)| sites) {
            let worker = settings_of(Some(site), &settings.connections, &[]);
            let worker = request.fleet.at(&worker);
            let needed = connections(&worker, &service.connection)?;
            limit.sites += 1;
            limit.needed = limit.needed.saturating_add(needed).min(MOST);
        }
        limits.push(limit);
    }
    Ok(limits)
}

/// Returns how many connections a site's workers may come to:
/// pods x (Celery processes + their parent) x connections of each, and headroom.
fn connections(worker: &Document, connection: &str) -> Result<u64, BadRead> {
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
    /// Returns the setting, or what the sites need; never less than Envoy has without a policy,
    /// because a fleet that grows should not meet a limit that nobody asked for. It is rounded
    /// up to a power of two, so that a site more or less seldom changes the gateway.
    fn most(&self) -> u64 {
        let default = self.needed.max(ENVOYS).next_power_of_two().min(MOST);
        self.service.max_connections.unwrap_or(default)
    }

    /// Returns the `BackendTrafficPolicy`. It has to be in its route's namespace.
    fn object(&self, gateway: &Gateway) -> Json {
        let kind = self.route.protocol.route_kind();
        let name = &*self.route.name;
        let target =
            Json::map([("group", GROUP.into()), ("kind", kind.into()), ("name", name.into())]);
        let breaker = Json::map([("maxConnections", self.most().into())]);
        let spec = vec![
            ("targetRefs".to_owned(), Json::List(vec![target])),
            ("circuitBreaker".to_owned(), breaker),
        ];
        let namespace = self.route.namespace.as_ref().unwrap_or(&gateway.namespace);
        custom("BackendTrafficPolicy", &[name, "-backend-traffic"].concat(), namespace, spec)
    }
}

/// Reports each limit that is smaller than what the sites need, or that the chart would lose.
pub(crate) fn report(plan: &mut Plan, objects: bool, limits: &[Limit<'_>]) {
    for limit in limits {
        let finding = if objects { too_small(limit) } else { lost(limit) };
        if let Some((message, hint)) = finding {
            plan.report(
                Finding::warning("gateway/max-connections", message)
                    .at([&limit.service.path, MAX_CONNECTIONS].concat())
                    .hint(hint),
            );
        }
    }
}

fn too_small(limit: &Limit<'_>) -> Option<(String, String)> {
    let Limit { service, route, sites, needed } = limit;
    let most = service.max_connections.filter(|most| most < needed)?;
    let message = format!(
        "services.{}.maxConnections is {most}, but the workers of {sites} open sites may come to {needed} connections to route {}: the gateway closes what is above its limit",
        service.connection, route.name
    );
    Some((message, format!("set {needed} or more, or leave it out")))
}

/// The chart makes no `BackendTrafficPolicy`, so Envoy's own limit stays. A TCP route is lost
/// whole, which is reported elsewhere.
fn lost(limit: &Limit<'_>) -> Option<(String, String)> {
    let Limit { service, route, sites, needed } = limit;
    let is_other = service.max_connections.is_some_and(|most| most != ENVOYS);
    if route.protocol == Protocol::Tcp || (*needed <= ENVOYS && !is_other) {
        return None;
    }
    let message = format!(
        "the chart envoy-configs has no limit of connections, so route {} keeps Envoy's {ENVOYS}, and the workers of {sites} open sites may come to {needed}",
        route.name
    );
    Some((message, "set objects: true".to_owned()))
}

/// Adds the objects to the plan.
pub(crate) fn add(plan: &mut Plan, gateway: &Gateway, limits: &[Limit<'_>]) {
    for limit in limits {
        let reason = format!(
            "the workers of {} open sites may come to {} connections to service {}",
            limit.sites, limit.needed, limit.service.target
        );
        plan.manifest(&limit.object(gateway), reason);
    }
}
