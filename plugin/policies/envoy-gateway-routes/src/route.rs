//! A gateway and its routes, as the values of the chart `envoy-configs` have them.

use policy_sdk::{BadRead, Document, Failure, Json, Kind, is_subdomain, pointer};
use worker_connections::is_sent_without_name;

use crate::traffic::Traffic;

/// Where a gateway listens that says no port.
const HTTPS: u64 = 443;
const ROUTES: &str = "/routes/tls";
/// Routes of namespaces with these labels. A selector always means it, as in the chart.
const SELECTOR: &str = "Selector";
/// What the Gateway API takes for a listener and a hostname (its `SectionName` and
/// `PreciseHostname`).
const NAME: &str = "name of lower-case letters, digits, `-` and `.` (RFC 1123)";

/// A gateway of the values.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// Its place in the values, as a pointer.
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) class: String,
    /// The port of routes that say none.
    pub(crate) port: u64,
}

/// One listener and what is behind it.
#[derive(Debug)]
pub(crate) struct Route {
    /// Name of the listener and of the route.
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) hostname: String,
    pub(crate) port: u64,
    pub(crate) namespace: Option<String>,
    pub(crate) service: String,
    pub(crate) service_port: u64,
    /// Which namespaces' routes the listener takes, and their labels as JSON.
    pub(crate) from: Option<String>,
    pub(crate) selector: Option<String>,
    pub(crate) traffic: Option<Traffic>,
    /// Where it is from: for messages, and as a pointer into the settings or the values.
    pub(crate) origin: String,
    pub(crate) path: String,
    /// The connection it is for, if it is for one.
    pub(crate) connection: Option<String>,
    /// The route of the values, as it is there.
    pub(crate) raw: Option<String>,
}

/// How a listener tells one service from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// By the server name in the `ClientHello`: one port for many services.
    Tls,
    /// Not at all: a port leads to one service.
    Tcp,
}

/// Whether there is a mapping with anything in it.
pub(crate) fn said(document: &Document, path: &str) -> bool {
    document.kind(path) == Kind::Mapping && document.size(path) > 0
}

impl Protocol {
    /// Returns the kind of a route that such a listener takes.
    pub(crate) fn route_kind(self) -> &'static str {
        match self {
            Self::Tls => "TLSRoute",
            Self::Tcp => "TCPRoute",
        }
    }

    /// The protocol at a pointer; TLS where there is none.
    pub(crate) fn read(document: &Document, path: &str) -> Result<Self, BadRead> {
        match &*document.text_or(path, "TLS")? {
            "TLS" => Ok(Self::Tls),
            "TCP" => Ok(Self::Tcp),
            other => Err(document.bad(path, format!("is {other}, must be TLS or TCP"))),
        }
    }
}

impl Gateway {
    /// The gateway under that key.
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
            port: port(values, &at("port"))?.unwrap_or(HTTPS),
            path,
        })
    }
}

/// The routes that the values have already.
pub(crate) fn of_values(values: &Document, gateway: &Gateway) -> Result<Vec<Route>, BadRead> {
    if !matches!(values.kind(ROUTES), Kind::Sequence | Kind::Missing | Kind::Null) {
        return Err(values.bad(ROUTES, "must be a list"));
    }
    (0..values.size(ROUTES)).map(|index| of_value(values, gateway, index)).collect()
}

fn of_value(values: &Document, gateway: &Gateway, index: u32) -> Result<Route, BadRead> {
    let path = [ROUTES, "/", &index.to_string()].concat();
    let at = |key: &str| [&path, "/", key].concat();
    let hostname = values.text(&at("fqdn"))?;
    if is_sent_without_name(&hostname) {
        let message = format!("is {hostname}, an IP address, for which clients send no SNI");
        return Err(values.bad(&at("fqdn"), message));
    }
    if !is_subdomain(hostname.strip_prefix("*.").unwrap_or(&hostname)) {
        return Err(values.bad(&at("fqdn"), format!("is {hostname}, which is no {NAME}")));
    }
    let own = values.optional_text(&at("name"))?;
    let named = at(if own.is_some() { "name" } else { "fqdn" });
    let name = own.unwrap_or_else(|| first_label(&hostname));
    if !is_subdomain(&name) {
        let message = format!("names the listener {name}, which is no {NAME}");
        return Err(values.bad(&named, message));
    }
    Ok(Route {
        port: port(values, &at("gatewayPort"))?.unwrap_or(gateway.port),
        namespace: values.optional_text(&at("namespace"))?,
        service: values.text(&at("service/name"))?,
        service_port: values.u64(&at("service/port"))?,
        origin: format!("values {path}"),
        raw: values.raw(&path),
        traffic: Traffic::of_values(values, &at("clientTrafficPolicy"))?,
        connection: None,
        name,
        hostname,
        ..Route::more(values, &path)?
    })
}

fn port(values: &Document, path: &str) -> Result<Option<u64>, BadRead> {
    let port = values.optional_u64(path)?;
    match port.filter(|port| !(1..=65_535).contains(port)) {
        Some(port) => Err(values.bad(path, format!("is {port}, must be 1 to 65535"))),
        None => Ok(port),
    }
}

/// What a listener is called after whom nobody named it.
pub(crate) fn first_label(hostname: &str) -> String {
    hostname.split('.').next().unwrap_or_default().to_owned()
}

impl Route {
    /// What values and settings say in the same words; the rest is to be filled in.
    pub(crate) fn more(document: &Document, path: &str) -> Result<Self, BadRead> {
        let at = |key: &str| [path, "/", key].concat();
        let from = document.optional_text(&at("from"))?;
        let selector = said(document, &at("selector")).then(|| document.raw(&at("selector")));
        if from.as_deref() == Some(SELECTOR) && selector.is_none() {
            let message = "is Selector, but no selector says which namespaces those are";
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

    /// What it listens on, for messages.
    pub(crate) fn address(&self) -> String {
        match self.protocol {
            Protocol::Tls => format!("{}:{}", self.hostname, self.port),
            Protocol::Tcp => format!("TCP port {}", self.port),
        }
    }

    /// The route as an item of the values.
    pub(crate) fn value(&self) -> Json {
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
        add("clientTrafficPolicy", self.traffic.as_ref().and_then(Traffic::value));
        Json::Map(entries)
    }
}
