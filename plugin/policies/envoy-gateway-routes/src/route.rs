//! Reads a gateway and its routes from the values of the chart `envoy-configs`.

use policy_sdk::{BadRead, Document, Failure, Json, Kind, is_subdomain, pointer};
use worker_connections::is_sent_without_name;

use crate::traffic::Traffic;

/// The default port of a gateway.
const HTTPS_PORT: u64 = 443;
const ROUTES: &str = "/routes/tls";
/// The value of `from` for namespaces with these labels. As in the chart, a selector implies it.
const SELECTOR: &str = "Selector";
/// The rule of the Gateway API for a listener's name and a hostname (its types `SectionName` and
/// `PreciseHostname`).
const NAME_RULE: &str = "must be a name of lower-case letters, digits, `-` and `.` (RFC 1123)";

/// A gateway of the values.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// The pointer to the gateway in the values.
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) class: String,
    /// The default port of its routes.
    pub(crate) port: u64,
}

/// A listener and the service behind it.
#[derive(Debug)]
pub(crate) struct Route {
    /// The name of the listener and of the route.
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) hostname: String,
    pub(crate) port: u64,
    pub(crate) namespace: Option<String>,
    pub(crate) service: String,
    pub(crate) service_port: u64,
    /// The namespaces whose routes the listener accepts, and their labels as JSON.
    pub(crate) from: Option<String>,
    pub(crate) selector: Option<String>,
    pub(crate) traffic: Option<Traffic>,
    /// The place that defines it: for messages, and as a pointer into the settings or the values.
    pub(crate) origin: String,
    pub(crate) path: String,
    /// The connection of the workers that it is for, if there is one.
    pub(crate) connection: Option<String>,
    /// The route of the values as JSON, unchanged.
    pub(crate) raw: Option<String>,
}

/// The way in which a listener selects a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// By the server name in the `ClientHello`: one port for many services.
    Tls,
    /// By the port alone: all its connections reach one service.
    Tcp,
}

/// Returns whether a pointer has a map that is not empty.
pub(crate) fn has_entries(document: &Document, path: &str) -> bool {
    document.kind(path) == Kind::Mapping && document.size(path) > 0
}

impl Protocol {
    /// Returns the kind of the routes that such a listener accepts.
    pub(crate) fn route_kind(self) -> &'static str {
        match self {
            Self::Tls => "TLSRoute",
            Self::Tcp => "TCPRoute",
        }
    }

    /// Reads the protocol at a pointer. The default is TLS.
    pub(crate) fn read(document: &Document, path: &str) -> Result<Self, BadRead> {
        match &*document.text_or(path, "TLS")? {
            "TLS" => Ok(Self::Tls),
            "TCP" => Ok(Self::Tcp),
            other => Err(document.bad(path, format!("is {other}, must be TLS or TCP"))),
        }
    }
}

impl Gateway {
    /// Reads the gateway under a key of `gateways`.
    pub(crate) fn read(values: &Document, key: &str) -> Result<Self, Failure> {
        let path = pointer(["gateways", key]);
        if values.kind(&path) != Kind::Mapping {
            return Err(Failure::bad_settings(
                "/gateway",
                format!("is {key}, but the values have no gateways.{key}"),
            ));
        }
        let at = |key: &str| [&path, "/", key].concat();
        Ok(Self {
            name: values.text(&at("name"))?,
            namespace: values.text(&at("namespace"))?,
            class: values.text(&at("className"))?,
            port: read_port(values, &at("port"))?.unwrap_or(HTTPS_PORT),
            path,
        })
    }
}

/// Reads the routes that the values already have.
pub(crate) fn read_routes(values: &Document, gateway: &Gateway) -> Result<Vec<Route>, BadRead> {
    if !matches!(values.kind(ROUTES), Kind::Sequence | Kind::Missing | Kind::Null) {
        return Err(values.bad(ROUTES, "must be a list"));
    }
    (0..values.size(ROUTES)).map(|index| read_route(values, gateway, index)).collect()
}

fn read_route(values: &Document, gateway: &Gateway, index: u32) -> Result<Route, BadRead> {
    let path = [ROUTES, "/", &index.to_string()].concat();
    let at = |key: &str| [&path, "/", key].concat();
    let hostname = values.text(&at("fqdn"))?;
    if is_sent_without_name(&hostname) {
        let message =
            format!("is {hostname}, an IP address, for which clients send no server name (SNI)");
        return Err(values.bad(&at("fqdn"), message));
    }
    if !is_subdomain(hostname.strip_prefix("*.").unwrap_or(&hostname)) {
        return Err(values.bad(&at("fqdn"), format!("is {hostname}, {NAME_RULE}")));
    }
    let own = values.optional_text(&at("name"))?;
    let named = at(if own.is_some() { "name" } else { "fqdn" });
    let name = own.unwrap_or_else(|| first_label(&hostname));
    if !is_subdomain(&name) {
        let message = format!("results in a listener {name}, which {NAME_RULE}");
        return Err(values.bad(&named, message));
    }
    Ok(Route {
        port: read_port(values, &at("gatewayPort"))?.unwrap_or(gateway.port),
        namespace: values.optional_text(&at("namespace"))?,
        service: values.text(&at("service/name"))?,
        service_port: values.u64(&at("service/port"))?,
        origin: format!("values {path}"),
        raw: values.raw(&path),
        traffic: Traffic::from_values(values, &at("clientTrafficPolicy"))?,
        connection: None,
        name,
        hostname,
        ..Route::read_shared(values, &path)?
    })
}

fn read_port(values: &Document, path: &str) -> Result<Option<u64>, BadRead> {
    let port = values.optional_u64(path)?;
    match port.filter(|port| !(1..=65_535).contains(port)) {
        Some(port) => Err(values.bad(path, format!("is {port}, must be 1 to 65535"))),
        None => Ok(port),
    }
}

/// Returns the first label of a hostname, the default name of its listener.
pub(crate) fn first_label(hostname: &str) -> String {
    hostname.split('.').next().unwrap_or_default().to_owned()
}

impl Route {
    /// Reads the fields that routes of the values and services of the settings share. The caller
    /// sets the others.
    pub(crate) fn read_shared(document: &Document, path: &str) -> Result<Self, BadRead> {
        let at = |key: &str| [path, "/", key].concat();
        let from = document.optional_text(&at("from"))?;
        let selector =
            has_entries(document, &at("selector")).then(|| document.raw(&at("selector")));
        if from.as_deref() == Some(SELECTOR) && selector.is_none() {
            let message = "is Selector, but selector is empty: set the labels of the namespaces";
            return Err(document.bad(&at("from"), message));
        }
        Ok(Self {
            name: String::new(),
            protocol: Protocol::Tls,
            hostname: String::new(),
            port: 0,
            namespace: None,
            service: String::new(),
            service_port: 0,
            from: selector.as_ref().map_or(from, |_| Some(SELECTOR.to_owned())),
            selector: selector.flatten(),
            traffic: None,
            origin: String::new(),
            path: document.path(path),
            connection: None,
            raw: None,
        })
    }

    /// Returns the hostname and port of the listener, for messages.
    pub(crate) fn listen_address(&self) -> String {
        match self.protocol {
            Protocol::Tls => format!("{}:{}", self.hostname, self.port),
            Protocol::Tcp => format!("TCP port {}", self.port),
        }
    }

    /// Returns the route as an item of the values.
    pub(crate) fn to_value(&self) -> Json {
        if let Some(raw) = &self.raw {
            return Json::Raw(raw.clone());
        }
        let service =
            Json::map([("name", (&*self.service).into()), ("port", self.service_port.into())]);
        let mut entries = vec![
            ("name".to_owned(), (&*self.name).into()),
            ("fqdn".to_owned(), (&*self.hostname).into()),
            ("gatewayPort".to_owned(), self.port.into()),
            ("service".to_owned(), service),
        ];
        let mut add = |key: &str, value: Option<Json>| {
            entries.extend(value.map(|value| (key.to_owned(), value)));
        };
        add("namespace", self.namespace.as_deref().map(Json::from));
        add("from", self.from.as_deref().map(Json::from));
        add("selector", self.selector.clone().map(Json::Raw));
        add("clientTrafficPolicy", self.traffic.as_ref().and_then(Traffic::to_value));
        Json::Map(entries)
    }
}
