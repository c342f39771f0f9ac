//! Reads the settings. The host has validated them against the schema; this module checks the rules
//! that a schema cannot express.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Template};

/// The JSON Schema of the settings. A test compares its defaults with those of this file.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// The settings of site-secrets. A Secret that is disabled is `None`.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) store: Store,
    pub(crate) django: Option<Secret>,
    pub(crate) database: Option<Database>,
    pub(crate) redis: Option<Secret>,
    pub(crate) registry: Option<Secret>,
    pub(crate) mtls: Option<Mtls>,
    pub(crate) custom_env: Option<Secret>,
}

/// The secret store of all values.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) refresh: String,
}

/// A Secret of one value, or of all properties of a remote key.
#[derive(Debug)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) remote_key: Template,
    pub(crate) property: String,
}

/// The database user and password.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) secret: Secret,
    pub(crate) username: String,
    pub(crate) username_property: Option<String>,
}

/// The client certificate.
#[derive(Debug)]
pub(crate) struct Mtls {
    pub(crate) name: String,
    pub(crate) remote_key: Template,
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) private_key: Key,
    pub(crate) authority: Authority,
}

/// The algorithm and encoding of the private key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) algorithm: String,
    pub(crate) encoding: String,
}

/// The authority's public certificate.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) remote_key: Template,
    pub(crate) property: String,
}

/// Sections of the settings, each a Secret with a name.
const SECRETS: [&str; 6] = ["/django", "/database", "/redis", "/registry", "/mtls", "/customEnv"];

impl Settings {
    /// Reads the settings from this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            store: Store::read(settings)?,
            django: read_enabled(settings, "/django", |part| {
                let default = ("nautobot-django", "{{environment}}/nautobot-django");
                Secret::read(part, default, "NAUTOBOT_SECRET_KEY")
            })?,
            database: read_enabled(settings, "/database", Database::read)?,
            redis: read_enabled(settings, "/redis", |part| {
                let default = ("nautobot-worker-redis", "{{environment}}/nautobot-redis");
                Secret::read(part, default, "redis-password")
            })?,
            registry: read_enabled(settings, "/registry", |part| {
                let default =
                    ("dockerconfigjson-github-com", "{{environment}}/dockerconfigjson-github-com");
                Secret::read(part, default, ".dockerconfigjson")
            })?,
            mtls: read_enabled(settings, "/mtls", Mtls::read)?,
            custom_env: read_enabled(settings, "/customEnv", |part| {
                let default =
                    ("nautobot-custom-env", "{{environment}}/{{site}}/nautobot-custom-env");
                Secret::read(part, default, "")
            })?,
        })
    }

    /// Returns an error if two Secrets have the same name: one would overwrite the other.
    pub(crate) fn require_unique_names(&self, settings: &Document) -> Result<(), BadRead> {
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|one| one.name.clone());
        let names = [
            secret(&self.django),
            self.database.as_ref().map(|database| database.secret.name.clone()),
            secret(&self.redis),
            secret(&self.registry),
            self.mtls.as_ref().map(|mtls| mtls.name.clone()),
            secret(&self.custom_env),
        ];
        let mut owners = BTreeMap::new();
        for (section, name) in SECRETS.into_iter().zip(names) {
            let Some(name) = name else { continue };
            if let Some(other) = owners.insert(name.clone(), section) {
                let message = format!("is {name}, which is also the value of {other}/name");
                return Err(settings.bad(&[section, "/name"].concat(), message));
            }
        }
        Ok(())
    }
}

/// Reads a section, unless it is disabled.
fn read_enabled<T>(
    settings: &Document,
    path: &str,
    read: impl FnOnce(&Document) -> Result<T, BadRead>,
) -> Result<Option<T>, BadRead> {
    let part = settings.at(path);
    if part.bool_or("/enabled", true)? { read(&part).map(Some) } else { Ok(None) }
}

impl Store {
    fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            name: settings.text("/store/name")?,
            kind: settings.text_or("/store/kind", "ClusterSecretStore")?,
            refresh: settings.text_or("/refreshInterval", "1h")?,
        })
    }
}

impl Secret {
    fn read(part: &Document, (name, key): (&str, &str), property: &str) -> Result<Self, BadRead> {
        Ok(Self {
            name: part.text_or("/name", name)?,
            remote_key: Template::read(part, "/remoteKey", key)?,
            property: part.text_or("/property", property)?,
        })
    }
}

impl Database {
    fn read(part: &Document) -> Result<Self, BadRead> {
        const PROPERTY: &str = "/usernameProperty";
        let username_property = part.optional_text(PROPERTY)?;
        let username = part.optional_text("/username")?;
        if username.is_some() && username_property.is_some() {
            return Err(
                part.bad(PROPERTY, "must not be set together with username: remove one of the two")
            );
        }
        let default = ("nautobot-db", "{{environment}}/nautobot-db");
        Ok(Self {
            secret: Secret::read(part, default, "password")?,
            username: username.unwrap_or_else(|| "app".to_owned()),
            username_property,
        })
    }
}

impl Mtls {
    fn read(part: &Document) -> Result<Self, BadRead> {
        const KEY: &str = "/remoteKey";
        let default = "{{environment}}/{{site}}/nautobot-mtls-client";
        let client = part.text_or(KEY, default)?;
        Ok(Self {
            name: part.text_or("/name", "nautobot-mtls-client")?,
            remote_key: Template::read(part, KEY, default)?,
            certificate: part.text_or("/certificate", "tls.crt")?,
            key: part.text_or("/key", "tls.key")?,
            private_key: Key {
                algorithm: part.text_or("/keyAlgorithm", "ECDSA")?,
                encoding: part.text_or("/keyEncoding", "PKCS1")?,
            },
            authority: Authority {
                remote_key: Template::read(part, "/authority/remoteKey", &client)?,
                property: part.text_or("/authority/property", "ca.crt")?,
            },
        })
    }
}
