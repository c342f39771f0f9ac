//! Reads the settings. The host has validated them against the schema.

use policy_sdk::{BadRead, Document, pointer};
use worker_connections::WORKERS;

use crate::route::Protocol;

/// The JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// The pointer to the protocol in the settings of a service.
pub(crate) const PROTOCOL: &str = "/protocol";

/// The pointer to the limit of connections in the settings of a service.
pub(crate) const MAX_CONNECTIONS: &str = "/maxConnections";

/// The settings of envoy-gateway-routes.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) gateway: String,
    pub(crate) connections: String,
    pub(crate) tls_route_version: String,
    pub(crate) tcp_route_version: String,
    pub(crate) objects: bool,
    pub(crate) services: Vec<Service>,
}

/// A service that a connection of the workers reaches.
#[derive(Debug)]
pub(crate) struct Service {
    /// The connection: its key in the workers' settings.
    pub(crate) connection: String,
    /// The pointer to the settings of the service.
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) target: String,
    pub(crate) port: u64,
    pub(crate) protocol: Protocol,
    pub(crate) max_connections: Option<u64>,
}

impl Settings {
    /// Reads the settings from this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        let mut services = Vec::new();
        for connection in settings.keys("/services") {
            let path = pointer(["services", &connection]);
            services.extend(settings.section(&path, |part| Service::read(part, connection))?);
        }
        Ok(Self {
            gateway: settings.text_or("/gateway", "external")?,
            connections: settings.text_or("/connections", WORKERS)?,
            tls_route_version: settings.text_or("/tlsRouteVersion", "v1alpha2")?,
            tcp_route_version: settings.text_or("/tcpRouteVersion", "v1alpha2")?,
            objects: settings.bool_or("/objects", true)?,
            services,
        })
    }
}

impl Service {
    fn read(service: &Document, connection: String) -> Result<Self, BadRead> {
        Ok(Self {
            name: service.optional_text("/route")?,
            namespace: service.optional_text("/namespace")?,
            target: service.text("/name")?,
            port: service.u64("/port")?,
            protocol: Protocol::read(service, PROTOCOL)?,
            max_connections: service.optional_u64(MAX_CONNECTIONS)?,
            path: service.path(""),
            connection,
        })
    }
}
