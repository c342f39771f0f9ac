//! The codes of findings of this policy.

policy_sdk::catalog! {
    GATEWAY_COLLISION: Error, "gateway/collision",
        "Two listeners of the gateway have the same name, or the same port and hostname, or a TCP listener shares its port. The Gateway API accepts only one of them.",
        "Change the name, the port or the hostname of one of them. A TCP listener needs a port of its own.";
    GATEWAY_HTTP_ROUTES: Warning, "gateway/http-routes",
        "The values of envoy-configs have HTTP routes, but this policy creates the Gateway without their listeners.",
        "Set objects: false in the settings of envoy-gateway-routes, so that the chart creates the whole gateway.";
    GATEWAY_IDLE_TIMEOUT: Warning, "gateway/idle-timeout",
        "The chart envoy-configs creates the gateway and has no value for an idle timeout, so Envoy closes a silent connection after its own default of 1h.",
        "Set objects: true in the settings of envoy-gateway-routes, or set idleTimeout to 1h if no job is silent for longer.";
    GATEWAY_IP_HOST: Error, "gateway/ip-host",
        "Sites connect to an IP address through a TLS route. Clients send no server name (SNI) for an IP address, so the route never matches.",
        "Use a host name, from DNS or from hostAliases of the pods, or set protocol: TCP for the service.";
    GATEWAY_MAX_CONNECTIONS: Warning, "gateway/max-connections",
        "The gateway opens fewer connections to a service than the workers of all open sites may need. It closes every connection above its limit.",
        "Increase or remove maxConnections of the service. With objects: false the chart sets no limit, so Envoy's 1024 remains: set objects: true.";
    GATEWAY_NEGOTIATION: Error, "gateway/negotiation",
        "A site's PostgreSQL clients do not start a connection with TLS, so the TLS route of the gateway closes it: the route needs the server name of the TLS ClientHello.",
        "Set connections.mtls.sslNegotiation: direct, which needs PostgreSQL 17 and libpq 17, or set protocol: TCP for the database service.";
    GATEWAY_NOT_ALLOWED: Error, "gateway/not-allowed",
        "A listener accepts only routes of the gateway's own namespace, and its route is in another one. The route is never attached, so the listener closes every connection.",
        "Set from: All, or from: Selector with labels of the namespace of the route.";
    GATEWAY_NOT_DIALLED: Warning, "gateway/not-dialled",
        "No open site connects to the host of a route. The finding is only a note for routes from the values, which may serve other clients than sites.",
        "Correct the host in the settings of the workers, or remove the service from the settings of envoy-gateway-routes.";
    GATEWAY_NOT_SERVED: Error, "gateway/not-served",
        "A site connects to a host and port for which the gateway has no route, so its connections fail.",
        "Correct the host or port in the settings of the workers, or add the service to the settings of envoy-gateway-routes.";
    GATEWAY_PROTOCOL: Error, "gateway/protocol",
        "A service has protocol: TCP, but the chart envoy-configs has no TCP routes. The finding is only a note if this policy creates the objects, because they include the route.",
        "Set objects: true, or set protocol: TLS with connections.mtls.sslNegotiation: direct, which needs PostgreSQL 17 and libpq 17.";
    GATEWAY_TOO_MANY: Error, "gateway/too-many",
        "The gateway has more than 64 listeners, the maximum of the Gateway API, so the API server refuses the whole Gateway.",
        "Move some routes to a second gateway, or serve several hosts with one wildcard hostname.";
}
