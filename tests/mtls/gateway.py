"""Envoy as Envoy Gateway 1.9.1 configures it for a Gateway with TLS passthrough and TCP listeners.

It reads emitted Gateway API objects and attaches routes as the controller does: by section,
by allowed namespace and by hostname. The shape of a listener is that of Envoy Gateway's own
golden files (internal/xds/translator/testdata/out/xds-ir); a test compares the two.
"""

import json
import re
import sys

FILTERS = "type.googleapis.com/envoy.extensions.filters"
ADMIN_PORT = 9901
ROUTES = ("TLSRoute", "TCPRoute")
# What Envoy Gateway gives every listener and cluster that no policy changes.
BUFFER = 32768
CONNECT = "10s"
# Socket options of Linux by level and name, with the field of a ClientTrafficPolicy.
KEEPALIVE = (1, 9)
KEEPALIVE_FIELDS = {"probes": (6, 6), "idleTime": (6, 4), "interval": (6, 5)}
SECONDS = {"h": 3600, "m": 60, "s": 1}


def socket(host, port):
    return {"socketAddress": {"address": host, "portValue": port}}


def matches(pattern, host):
    """A hostname of the Gateway API: exact, or a wildcard for one or more first labels."""
    return host == pattern or pattern.startswith("*.") and host.endswith(pattern[1:])


def attached(objects, gateway, section):
    """The routes that the controller attaches to a listener, each with its server names."""
    own = gateway["metadata"]
    kind = f"{section['protocol']}Route"
    source = section.get("allowedRoutes", {}).get("namespaces", {}).get("from", "Same")
    for route in objects:
        if route["kind"] != kind:
            continue
        namespace = route["metadata"]["namespace"]
        named = any(
            (parent["name"], parent.get("namespace", namespace)) == (own["name"], own["namespace"])
            and parent.get("sectionName", section["name"]) == section["name"]
            for parent in route["spec"]["parentRefs"]
        )
        if not named or source == "Same" and namespace != own["namespace"] or source == "Selector":
            continue
        limit = section.get("hostname")
        names = [name for name in route["spec"].get("hostnames", []) if limit is None or matches(limit, name)]
        if names or kind == "TCPRoute":
            yield route, names


def backend(route):
    (rule,) = route["spec"]["rules"]
    (reference,) = rule["backendRefs"]
    namespace = reference.get("namespace", route["metadata"]["namespace"])
    return f"{namespace}/{reference['name']}:{reference['port']}"


def chain(section, route, names, policy):
    proxy = {
        "@type": f"{FILTERS}.network.tcp_proxy.v3.TcpProxy",
        "cluster": backend(route),
        "statPrefix": ("tls-passthrough-" if section["protocol"] == "TLS" else "tcp-") + str(section["port"]),
    }
    if idle := policy.get("timeout", {}).get("tcp", {}).get("idleTimeout"):
        proxy["idleTimeout"] = f"{seconds(idle)}s"
    made = {
        "name": f"{route['metadata']['namespace']}/{route['metadata']['name']}",
        "filters": [{"name": "envoy.filters.network.tcp_proxy", "typedConfig": proxy}],
    }
    if names:
        made["filterChainMatch"] = {"serverNames": names}
    return made


def targeting(objects, kind, name, section=None):
    """What a policy of that kind says of an object, or of one section of it."""
    for policy in objects:
        if policy["kind"] == kind:
            for target in policy["spec"]["targetRefs"]:
                if target["name"] == name and target.get("sectionName") in (None, section):
                    return policy["spec"]
    return {}


def options(policy):
    """TCP keepalive of a ClientTrafficPolicy."""
    if "tcpKeepalive" not in policy:
        return []
    fields = policy["tcpKeepalive"].items()
    times = [(KEEPALIVE_FIELDS[field], value if isinstance(value, int) else seconds(value)) for field, value in fields]
    return [option(*one) for one in [(KEEPALIVE, 1), *times]]


def option(place, value):
    level, name = place
    return {"description": "TCP keepalive", "level": str(level), "name": str(name), "intValue": str(value)}


def seconds(text):
    return sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+)([hms])", text))


def listener(objects, gateway, section, address):
    policy = targeting(objects, "ClientTrafficPolicy", gateway["metadata"]["name"], section["name"])
    made = {
        "name": section["name"],
        "address": socket(address, section["port"]),
        "filterChains": [chain(section, *one, policy) for one in attached(objects, gateway, section)],
        "maxConnectionsToAcceptPerSocketEvent": 1,
        "perConnectionBufferLimitBytes": BUFFER,
    }
    if section["protocol"] == "TLS":
        inspector = {"@type": f"{FILTERS}.listener.tls_inspector.v3.TlsInspector"}
        made["listenerFilters"] = [{"name": "envoy.filters.listener.tls_inspector", "typedConfig": inspector}]
    if found := options(policy):
        made["socketOptions"] = found
    return made


def cluster(objects, name, address):
    routes = [one["metadata"]["name"] for one in objects if one["kind"] in ROUTES and backend(one) == name]
    policies = [targeting(objects, "BackendTrafficPolicy", route) for route in routes]
    limits = {"maxRetries": 1024}
    for policy in policies:
        limits |= policy.get("circuitBreaker", {})
    endpoint = {"endpoint": {"address": socket(*address)}}
    return {
        "name": name,
        "type": "STATIC",
        "connectTimeout": CONNECT,
        "perConnectionBufferLimitBytes": BUFFER,
        "circuitBreakers": {"thresholds": [limits]},
        "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": [endpoint]}]},
    }


def configured(objects, address, services):
    """Envoy's whole configuration, which listens at an address; `services` says where each backend is."""
    (gateway,) = [one for one in objects if one["kind"] == "Gateway"]
    sections = gateway["spec"]["listeners"]
    return {
        "admin": {"address": socket(address, ADMIN_PORT)},
        "staticResources": {
            "listeners": [listener(objects, gateway, one, address) for one in sections],
            "clusters": [cluster(objects, name, where) for name, where in services.items()],
        },
    }


if __name__ == "__main__":
    json.dump(configured(**json.load(sys.stdin)), sys.stdout)
