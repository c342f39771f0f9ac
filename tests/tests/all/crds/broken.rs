//! Objects that are changed by hand: what a schema, a CEL rule or metadata refuses.

use serde_json::{Value, json};

/// An object that is changed at a place, and what the API server says to it.
pub(super) struct Broken {
    pub(super) gateway: &'static str,
    kind: &'static str,
    pub(super) place: &'static str,
    value: Value,
    pub(super) words: &'static str,
}

impl Broken {
    /// The first object of the kind, changed.
    pub(super) fn of(&self, whole: &[Value]) -> Value {
        let mut object = whole.iter().find(|object| object["kind"] == self.kind).unwrap().clone();
        *place(&mut object, self.place) = self.value.clone();
        object
    }
}

/// What the API server has to refuse, so that its other answers mean something.
pub(super) fn broken() -> Vec<Broken> {
    let mut all = of_a_gateway();
    all.extend(of_traffic());
    all.extend(of_others());
    all
}

fn at(kind: &'static str, place: &'static str, value: Value, words: &'static str) -> Broken {
    Broken { gateway: "understack", kind, place, value, words }
}

fn of_a_gateway() -> Vec<Broken> {
    let listener = |name: &str, port: u64| {
        let host = "nautobot-db.dev.example.net";
        json!({"name": name, "port": port, "protocol": "TLS", "hostname": host, "tls": {"mode": "Passthrough"}})
    };
    vec![
        at(
            "Gateway",
            "/spec/listeners/1",
            listener("nautobot-db", 1),
            "Listener name must be unique",
        ),
        at(
            "Gateway",
            "/spec/listeners/1",
            listener("other", 5432),
            "Combination of port, protocol and hostname must be unique",
        ),
        at(
            "Gateway",
            "/spec/listeners/0/port",
            json!(65536),
            "should be less than or equal to 65535",
        ),
        at("Gateway", "/spec/listeners/0/tls/mode", json!("Through"), "Unsupported value"),
        at("Gateway", "/spec/listeners/0/gatewayPort", json!(5432), "unknown field"),
        at(
            "Gateway",
            "/spec/listeners/0/allowedRoutes/namespaces/selector",
            json!({"team": "a"}),
            "unknown field",
        ),
        at("Gateway", "/spec/listeners/0/hostname", json!("Db.example.net"), "should match"),
        at(
            "Gateway",
            "/spec/listeners/1",
            json!({"name": "tcp", "port": 1, "protocol": "TCP", "hostname": "a.example.net"}),
            "hostname must not be specified for protocols",
        ),
        at("TLSRoute", "/spec/parentRefs/0/sectionName", json!("A_b"), "should match"),
        at(
            "TLSRoute",
            "/spec/parentRefs/1",
            json!({"name": "external-gateway", "namespace": "envoy-gateway"}),
            "sectionName or port must be specified",
        ),
        Broken {
            gateway: "standard",
            ..at("TLSRoute", "/spec/hostnames/0", json!("a.example.net"), "no matches for kind")
        },
    ]
}

fn of_traffic() -> Vec<Broken> {
    vec![
        at(
            "ClientTrafficPolicy",
            "/spec/targetRefs/0/kind",
            json!("Service"),
            "can only have a targetRefs[*].kind of Gateway",
        ),
        at("ClientTrafficPolicy", "/spec/tcpKeepalive/idleTime", json!("soon"), "should match"),
        at("ClientTrafficPolicy", "/spec/timeout/tcp/idleTimeout", json!("soon"), "should match"),
        at("ClientTrafficPolicy", "/spec/tcpKeepalive/enabled", json!(true), "unknown field"),
        at(
            "BackendTrafficPolicy",
            "/spec/targetRefs/0/kind",
            json!("Service"),
            "can only have a targetRefs[*].kind of Gateway",
        ),
        at(
            "BackendTrafficPolicy",
            "/spec/circuitBreaker/maxConnections",
            json!(-1),
            "should be greater than or equal to 0",
        ),
    ]
}

fn of_others() -> Vec<Broken> {
    vec![
        at("Certificate", "/spec/usages", json!(["client"]), "Unsupported value"),
        at("Certificate", "/spec/privateKey/encoding", json!("PKCS12"), "Unsupported value"),
        at(
            "Certificate",
            "/spec/issuerRef",
            json!({"kind": "Issuer"}),
            "spec.issuerRef.name: Required value",
        ),
        at("Certificate", "/metadata/name", json!("Upper"), "RFC 1123"),
        at("Certificate", "/metadata/labels", json!({"a": "b c"}), "a valid label must"),
        at("PushSecret", "/spec/data/0/match/remoteRef", json!({}), "remoteKey: Required value"),
        at("Application", "/spec/sources/0/helm/valueObject", json!({}), "unknown field"),
        at("Application", "/spec/destination", json!("here"), "must be of type object"),
        at("ConfigMap", "/data/UNDERSTACK_SITE", json!(1), "cannot unmarshal number"),
        at("ConfigMap", "/datas", json!({}), "unknown field"),
    ]
}

/// A place in an object, made where it is not there.
fn place<'a>(object: &'a mut Value, pointer: &str) -> &'a mut Value {
    pointer.split('/').skip(1).fold(object, |value, word| match value {
        Value::Array(items) => {
            let index: usize = word.parse().unwrap();
            items.resize(items.len().max(index + 1), Value::Null);
            &mut items[index]
        }
        _ => &mut value[word],
    })
}
