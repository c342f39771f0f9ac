"""Envoy as Envoy Gateway 1.9.1 configures it for a Gateway with TLS passthrough and TCP listeners.

It reads emitted Gateway API objects and attaches routes as the controller does: by section,
by allowed namespace and by hostname. The shape of a listener is that of Envoy Gateway's own
golden files (internal/xds/translator/testdata/out/xds-ir); a test compares the two.
"""

import json
import re
import sys

FILTERS = "type.googleapis.com/envoy.extensions.filters"
ADMIN = ("127.0.0.1", 9901)
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
    kind = {"TLS": "TLSRoute", "TCP": "TCPRoute"}[section["protocol"]]
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


def chain(section, route, names):
    proxy = {
        "@type": f"{FILTERS}.network.tcp_proxy.v3.TcpProxy",
        "cluster": backend(route),
        "statPrefix": ("tls-passthrough-" if section["protocol"] == "TLS" else "tcp-") + str(section["port"]),
    }
    made = {
        "name": f"{route['metadata']['namespace']}/{route['metadata']['name']}",
        "filters": [{"name": "envoy.filters.network.tcp_proxy", "typedConfig": proxy}],
    }
    if names:
        made["filterChainMatch"] = {"serverNames": names}
    return made


def options(objects, gateway, section):
    """TCP keepalive of the ClientTrafficPolicy that targets this listener."""
    for policy in objects:
        if policy["kind"] != "ClientTrafficPolicy":
            continue
        for target in policy["spec"]["targetRefs"]:
            mine = target["name"] == gateway["metadata"]["name"] and target.get("sectionName") in (None, section["name"])
            if mine and "tcpKeepalive" in policy["spec"]:
                yield option(KEEPALIVE, 1)
                for field, value in policy["spec"]["tcpKeepalive"].items():
                    yield option(KEEPALIVE_FIELDS[field], value if isinstance(value, int) else seconds(value))


def option(place, value):
    level, name = place
    return {"description": "TCP keepalive", "level": str(level), "name": str(name), "intValue": str(value)}


def seconds(text):
    return sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+)([hms])", text))


def listener(objects, gateway, section, address):
    made = {
        "name": section["name"],
        "address": socket(address, section["port"]),
        "filterChains": [chain(section, *one) for one in attached(objects, gateway, section)],
        "maxConnectionsToAcceptPerSocketEvent": 1,
        "perConnectionBufferLimitBytes": BUFFER,
    }
    if section["protocol"] == "TLS":
        inspector = {"@type": f"{FILTERS}.listener.tls_inspector.v3.TlsInspector"}
        made["listenerFilters"] = [{"name": "envoy.filters.listener.tls_inspector", "typedConfig": inspector}]
    if found := list(options(objects, gateway, section)):
        made["socketOptions"] = found
    return made


def cluster(name, address):
    endpoint = {"endpoint": {"address": socket(*address)}}
    return {
        "name": name,
        "type": "STATIC",
        "connectTimeout": CONNECT,
        "perConnectionBufferLimitBytes": BUFFER,
        "circuitBreakers": {"thresholds": [{"maxRetries": 1024}]},
        "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": [endpoint]}]},
    }


def configured(objects, address, services):
    """Envoy's whole configuration, which listens at an address; `services` says where each backend is."""
    (gateway,) = [one for one in objects if one["kind"] == "Gateway"]
    sections = gateway["spec"]["listeners"]
    return {
        "admin": {"address": socket(*ADMIN)},
        "staticResources": {
            "listeners": [listener(objects, gateway, one, address) for one in sections],
            "clusters": [cluster(name, where) for name, where in services.items()],
        },
    }


if __name__ == "__main__":
    json.dump(configured(**json.load(sys.stdin)), sys.stdout)
