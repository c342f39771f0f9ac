//! Reads the settings into types. The host has validated them against the schema; rules that
//! a schema cannot express are checked here.

use policy_sdk::{BadRead, Document, Failure};
use worker_connections::Connection;

/// The JSON Schema of the settings. A test compares its defaults with those of this file.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// The folder in which the config looks for certificates unless variables name another path.
pub(crate) const DEFAULT_MOUNT_PATH: &str = "/etc/nautobot/mtls";

/// The Secret of the client certificate, the mode and the ports that apply without a setting and
/// without a base value.
pub(crate) const DEFAULT_SECRET: &str = "nautobot-mtls-client";
pub(crate) const DEFAULT_MODE: &str = worker_connections::DEFAULT_SSL_MODE;
pub(crate) const DEFAULT_DATABASE_PORT: u64 = Connection::Database.default_port();
pub(crate) const DEFAULT_REDIS_PORT: u64 = Connection::Redis.default_port();

/// The value of libpq's `sslnegotiation` that starts with a `ClientHello` (libpq and
/// PostgreSQL 17).
pub(crate) const DIRECT: &str = "direct";

/// The settings of the site's worker.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) extra_queues: Vec<String>,
    pub(crate) replicas: Option<u64>,
    pub(crate) concurrency: Option<u64>,
    pub(crate) metrics: bool,
    pub(crate) disruption_budget: bool,
    pub(crate) autoscaling: bool,
    pub(crate) connections: Option<Connections>,
}

/// The connections to the global cluster.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) database: Option<Database>,
    pub(crate) redis: Option<Redis>,
    pub(crate) mtls: Option<Mtls>,
    pub(crate) secrets: Secrets,
    pub(crate) env_config_maps: Vec<String>,
    pub(crate) env_secrets: Vec<String>,
}

/// The address of PostgreSQL at the gateway.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) host: String,
    pub(crate) port: Option<u64>,
    pub(crate) name: Option<String>,
    pub(crate) user: Option<String>,
}

/// The address of Redis at the gateway.
#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) host: String,
    pub(crate) port: Option<u64>,
}

/// The client certificate and the verification of the servers. A field without a setting takes
/// the base value, or else the default.
#[derive(Debug)]
pub(crate) struct Mtls {
    pub(crate) secret_name: Option<String>,
    pub(crate) mount_path: Option<String>,
    pub(crate) ssl_mode: Option<String>,
    pub(crate) ssl_negotiation: Option<String>,
    pub(crate) require_config: bool,
}

/// The names of Secrets that settings set.
#[derive(Debug)]
pub(crate) struct Secrets {
    pub(crate) database: Option<String>,
    pub(crate) redis: Option<String>,
    pub(crate) django: Option<String>,
}

impl Settings {
    /// Reads the settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, Failure> {
        Ok(Self {
            extra_queues: settings.texts("/extraQueues")?,
            replicas: settings.optional_u64("/replicas")?,
            concurrency: settings.optional_u64("/concurrency")?,
            metrics: settings.bool_or("/metrics", true)?,
            disruption_budget: settings.bool_or("/disruptionBudget", false)?,
            autoscaling: settings.bool_or("/autoscaling", false)?,
            connections: settings.section("/connections", Connections::read)?,
        })
    }
}

impl Connections {
    fn read(connections: &Document) -> Result<Self, Failure> {
        Ok(Self {
            database: connections.section("/database", Database::read)?,
            redis: connections.section("/redis", Redis::read)?,
            mtls: Mtls::read(&connections.at("/mtls"))?,
            secrets: Secrets::read(&connections.at("/secrets"))?,
            env_config_maps: connections.texts_or("/envConfigMaps", &["cluster-data"])?,
            env_secrets: connections
                .texts_or("/envSecrets", &["nautobot-django", "nautobot-custom-env"])?,
        })
    }
}

impl Database {
    fn read(database: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            host: database.text("/host")?,
            port: database.optional_u64("/port")?,
            name: database.optional_text("/name")?,
            user: database.optional_text("/user")?,
        })
    }
}

impl Redis {
    fn read(redis: &Document) -> Result<Self, BadRead> {
        Ok(Self { host: redis.text("/host")?, port: redis.optional_u64("/port")? })
    }
}

impl Mtls {
    /// Reads the section; returns nothing where it is disabled.
    ///
    /// `direct` starts with TLS, so it needs a mode that requires TLS. Every mode of the schema
    /// does, but with mTLS off no mode is set. `direct` is the default, because a gateway that
    /// routes by SNI drops a connection that starts otherwise.
    fn read(mtls: &Document) -> Result<Option<Self>, BadRead> {
        const NEGOTIATION: &str = "/sslNegotiation";
        const MODE: &str = "/sslMode";
        let ssl_negotiation = mtls.optional_text(NEGOTIATION)?;
        let direct = ssl_negotiation.as_deref() == Some(DIRECT);
        if !mtls.bool_or("/enabled", true)? {
            if direct {
                return Err(mtls.bad(
                    NEGOTIATION,
                    "is direct, which needs mtls to be enabled: libpq refuses direct without an SSL mode of require or stronger",
                ));
            }
            return Ok(None);
        }
        let ssl_mode = mtls.optional_text(MODE)?;
        if let Some(mode) = &ssl_mode
            && !matches!(&**mode, "verify-ca" | "verify-full" | "require")
        {
            let message = format!("is {mode}, must be verify-ca, verify-full or require");
            return Err(mtls.bad(MODE, message));
        }
        Ok(Some(Self {
            secret_name: mtls.optional_text("/secretName")?,
            mount_path: mtls.optional_text("/mountPath")?,
            ssl_mode,
            ssl_negotiation,
            require_config: mtls.bool_or("/requireConfig", true)?,
        }))
    }
}

impl Secrets {
    fn read(secrets: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            database: secrets.optional_text("/database")?,
            redis: secrets.optional_text("/redis")?,
            django: secrets.optional_text("/django")?,
        })
    }
}

#[cfg(test)]
mod tests;
