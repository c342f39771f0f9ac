//! Builds the objects that the chart `envoy-configs` would create: a Gateway with passthrough
//! listeners, a `TLSRoute` for each, and a `ClientTrafficPolicy` for each service and each route of
//! the values that has one. A service with protocol TCP gets a TCP listener and a `TCPRoute`.
//!
//! A listener has no certificate, because TLS ends at the service. A route names its listener:
//! otherwise a host on two ports would be attached to both.

use policy_sdk::{Json, Plan, Request};

use crate::codes;
use crate::route::{Gateway, Protocol, Route};
use crate::settings::Settings;
use crate::traffic::Traffic;

/// The group of the Gateway API.
pub(crate) const GROUP: &str = "gateway.networking.k8s.io";

/// Adds the objects to the plan.
pub(crate) fn add_objects(
    plan: &mut Plan,
    request: &Request,
    gateway: &Gateway,
    routes: &[Route],
    settings: &Settings,
) {
    if request.values.size("/routes/http") > 0 {
        plan.report(
            codes::GATEWAY_HTTP_ROUTES
                .finding("the values have HTTP routes, for which this policy creates no listeners")
                .at("/routes/http")
                .hint("set objects: false: the chart then creates the whole gateway"),
        );
    }
    plan.manifest(
        &gateway_object(request, gateway, routes),
        "sites reach services of the global cluster through this gateway; TLS ends at the services",
    );
    for route in routes {
        plan.manifest(
            &route_object(gateway, route, settings),
            format!("connections to {} reach service {}", route.hostname, route.service),
        );
        if let Some(traffic) = &route.traffic {
            plan.manifest(
                &client_traffic(gateway, route, traffic),
                format!(
                    "the route sets keepalive and timeouts of connections to {}",
                    route.hostname
                ),
            );
        }
    }
}

fn gateway_object(request: &Request, gateway: &Gateway, routes: &[Route]) -> Json {
    let listeners = Json::List(routes.iter().map(listener_entry).collect());
    let mut spec = vec![
        ("gatewayClassName".to_owned(), (&*gateway.class).into()),
        ("listeners".to_owned(), listeners),
    ];
    let annotations = [&gateway.path, "/serviceAnnotations"].concat();
    if request.values.size(&annotations) > 0 {
        let annotations = request.values.raw(&annotations).map_or(Json::Null, Json::Raw);
        spec.push(("infrastructure".to_owned(), Json::map([("annotations", annotations)])));
    }
    gateway_api_object("v1", "Gateway", &gateway.name, &gateway.namespace, Json::Map(spec))
}

fn listener_entry(route: &Route) -> Json {
    let from = route.from.as_deref().unwrap_or("All");
    let mut namespaces = vec![("from".to_owned(), from.into())];
    // The values have a flat map; the API requires a label selector.
    if let Some(labels) = route.selector.clone() {
        let selector = Json::map([("matchLabels", Json::Raw(labels))]);
        namespaces.push(("selector".to_owned(), selector));
    }
    let mut entries = vec![("name", (&*route.name).into()), ("port", route.port.into())];
    match route.protocol {
        Protocol::Tls => entries.extend([
            ("protocol", "TLS".into()),
            ("hostname", (&*route.hostname).into()),
            ("tls", Json::map([("mode", "Passthrough".into())])),
        ]),
        // The API refuses `hostname` and `tls` for protocol TCP (CEL rules of the Gateway's CRD).
        Protocol::Tcp => entries.push(("protocol", "TCP".into())),
    }
    entries.push(("allowedRoutes", Json::map([("namespaces", Json::Map(namespaces))])));
    Json::map(entries)
}

/// Returns a `TLSRoute` or a `TCPRoute`.
///
/// The versions that the Gateway API's CRDs serve (its folder `config/crd/`):
///
/// | Gateway API | channel | `TLSRoute` | `TCPRoute` |
/// |---|---|---|---|
/// | 1.4.1 (Envoy Gateway 1.7.2) | standard | - | - |
/// | | experimental | v1alpha2, v1alpha3 | v1alpha2 |
/// | 1.5.1 | standard | v1 | - |
/// | | experimental | v1alpha2, v1alpha3, v1 | v1alpha2 |
/// | 1.6.1 (Envoy Gateway 1.9.1) | standard | v1 | v1 |
/// | | experimental | v1alpha2, v1alpha3, v1 | v1alpha2, v1 |
///
/// No version exists for both kinds everywhere, so each kind has a setting of its own.
fn route_object(gateway: &Gateway, route: &Route, settings: &Settings) -> Json {
    let namespace = route.namespace.as_ref().unwrap_or(&gateway.namespace);
    let parent = Json::map([
        ("name", (&*gateway.name).into()),
        ("namespace", (&*gateway.namespace).into()),
        ("sectionName", (&*route.name).into()),
    ]);
    let backend = Json::map([
        ("name", (&*route.service).into()),
        ("namespace", (&**namespace).into()),
        ("port", route.service_port.into()),
    ]);
    let rule = Json::map([("backendRefs", Json::List(vec![backend]))]);
    let mut spec = vec![("parentRefs", Json::List(vec![parent]))];
    let version = match route.protocol {
        Protocol::Tls => {
            spec.push(("hostnames", vec![&*route.hostname].into()));
            &settings.tls_route_version
        }
        Protocol::Tcp => &settings.tcp_route_version,
    };
    let kind = route.protocol.route_kind();
    spec.push(("rules", Json::List(vec![rule])));
    gateway_api_object(version, kind, &route.name, namespace, Json::map(spec))
}

fn client_traffic(gateway: &Gateway, route: &Route, traffic: &Traffic) -> Json {
    let name = traffic.name.clone().unwrap_or_else(|| [&route.name, "-client-traffic"].concat());
    let namespace = traffic.namespace.as_ref().unwrap_or(&gateway.namespace);
    let target = Json::map([
        ("group", GROUP.into()),
        ("kind", "Gateway".into()),
        ("name", (&*gateway.name).into()),
        ("sectionName", (&*route.name).into()),
    ]);
    let mut spec = vec![("targetRefs".to_owned(), Json::List(vec![target]))];
    spec.extend(traffic.spec_entries());
    envoy_object("ClientTrafficPolicy", &name, namespace, spec)
}

/// Returns an object of Envoy Gateway's own API.
pub(crate) fn envoy_object(
    kind: &str,
    name: &str,
    namespace: &str,
    spec: Vec<(String, Json)>,
) -> Json {
    Json::map([
        ("apiVersion", "gateway.envoyproxy.io/v1alpha1".into()),
        ("kind", kind.into()),
        ("metadata", metadata(name, namespace)),
        ("spec", Json::Map(spec)),
    ])
}

fn gateway_api_object(version: &str, kind: &str, name: &str, namespace: &str, spec: Json) -> Json {
    Json::map([
        ("apiVersion", [GROUP, "/", version].concat().into()),
        ("kind", kind.into()),
        ("metadata", metadata(name, namespace)),
        ("spec", spec),
    ])
}

fn metadata(name: &str, namespace: &str) -> Json {
    Json::map([("name", name.into()), ("namespace", namespace.into())])
}
