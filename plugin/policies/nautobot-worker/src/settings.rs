//! The settings, read once and typed. The host has held them to the schema; what a
//! schema cannot say is refused here.

use policy_sdk::{BadRead, Document, Failure, Kind};

/// JSON Schema of the settings; its defaults are those of this file, by test.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// Where the config looks for certificates unless told otherwise.
pub(crate) const DEFAULT_MOUNT_PATH: &str = "/etc/nautobot/mtls";

/// How the site's worker runs.
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

/// How it reaches the global cluster.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) database: Option<Database>,
    pub(crate) redis: Option<Redis>,
    pub(crate) mtls: Option<Mtls>,
    pub(crate) secrets: Secrets,
    pub(crate) env_config_maps: Vec<String>,
    pub(crate) env_secrets: Vec<String>,
}

/// PostgreSQL as the gateway offers it.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) host: String,
    pub(crate) port: u64,
    pub(crate) name: Option<String>,
    pub(crate) user: Option<String>,
}

/// Redis as the gateway offers it.
#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) host: String,
    pub(crate) port: u64,
}

/// The client certificate and how the server's is checked.
#[derive(Debug)]
pub(crate) struct Mtls {
    pub(crate) secret_name: String,
    pub(crate) mount_path: String,
    pub(crate) ssl_mode: String,
    pub(crate) ssl_negotiation: Option<String>,
    pub(crate) require_config: bool,
}

/// Names of Secrets, where settings give them.
#[derive(Debug)]
pub(crate) struct Secrets {
    pub(crate) database: Option<String>,
    pub(crate) redis: Option<String>,
    pub(crate) django: Option<String>,
}

impl Settings {
    /// The settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, Failure> {
        Ok(Self {
            extra_queues: settings.texts("/extraQueues")?,
            replicas: settings.optional_u64("/replicas")?,
            concurrency: settings.optional_u64("/concurrency")?,
            metrics: settings.bool_or("/metrics", true)?,
            disruption_budget: settings.bool_or("/disruptionBudget", false)?,
            autoscaling: settings.bool_or("/autoscaling", false)?,
            connections: section(settings, "/connections", Connections::read)?,
        })
    }
}

impl Connections {
    fn read(settings: &Document) -> Result<Self, Failure> {
        Ok(Self {
            database: section(settings, "/connections/database", Database::read)?,
            redis: section(settings, "/connections/redis", Redis::read)?,
            mtls: Mtls::read(settings)?,
            secrets: Secrets::read(settings)?,
            env_config_maps: texts_or(settings, "/connections/envConfigMaps", &["cluster-data"])?,
            env_secrets: texts_or(
                settings,
                "/connections/envSecrets",
                &["nautobot-django", "nautobot-custom-env"],
            )?,
        })
    }
}

impl Database {
    fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            host: settings.text("/connections/database/host")?,
            port: settings.u64_or("/connections/database/port", 5432)?,
            name: settings.optional_text("/connections/database/name")?,
            user: settings.optional_text("/connections/database/user")?,
        })
    }
}

impl Redis {
    fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            host: settings.text("/connections/redis/host")?,
            port: settings.u64_or("/connections/redis/port", 6379)?,
        })
    }
}

impl Mtls {
    /// `direct` promises TLS from the first byte, so it needs a mode that insists on TLS:
    /// every mode on offer does, but with mTLS off there is no mode at all.
    fn read(settings: &Document) -> Result<Option<Self>, Failure> {
        const NEGOTIATION: &str = "/connections/mtls/sslNegotiation";
        const MODE: &str = "/connections/mtls/sslMode";
        let ssl_negotiation = settings.optional_text(NEGOTIATION)?;
        let direct = ssl_negotiation.as_deref() == Some("direct");
        if !settings.bool_or("/connections/mtls/enabled", true)? {
            if direct {
                return Err(Failure::bad_settings(
                    NEGOTIATION,
                    "is direct, which needs mtls to be enabled: libpq refuses it without an SSL mode of require or stronger",
                ));
            }
            return Ok(None);
        }
        let ssl_mode = settings.text_or(MODE, "verify-ca")?;
        if !matches!(&*ssl_mode, "verify-ca" | "verify-full" | "require") {
            return Err(Failure::bad_settings(
                MODE,
                format!("is {ssl_mode}, must be verify-ca, verify-full or require"),
            ));
        }
        Ok(Some(Self {
            secret_name: settings
                .text_or("/connections/mtls/secretName", "nautobot-mtls-client")?,
            mount_path: settings.text_or("/connections/mtls/mountPath", DEFAULT_MOUNT_PATH)?,
            ssl_mode,
            ssl_negotiation,
            require_config: settings.bool_or("/connections/mtls/requireConfig", true)?,
        }))
    }
}

impl Secrets {
    fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            database: settings.optional_text("/connections/secrets/database")?,
            redis: settings.optional_text("/connections/secrets/redis")?,
            django: settings.optional_text("/connections/secrets/django")?,
        })
    }
}

fn section<T, E>(
    settings: &Document,
    path: &str,
    read: impl FnOnce(&Document) -> Result<T, E>,
) -> Result<Option<T>, E> {
    if settings.kind(path) == Kind::Mapping { read(settings).map(Some) } else { Ok(None) }
}

fn texts_or(settings: &Document, path: &str, default: &[&str]) -> Result<Vec<String>, BadRead> {
    match settings.kind(path) {
        Kind::Missing | Kind::Null => Ok(default.iter().map(|&text| text.to_owned()).collect()),
        _ => settings.texts(path),
    }
}

#[cfg(test)]
mod tests;
