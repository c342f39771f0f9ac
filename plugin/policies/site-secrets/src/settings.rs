//! The settings, read once and typed. The host has held them to the schema; what a schema
//! cannot say is refused here.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Template};

/// JSON Schema of the settings; its defaults are those of this file, by test.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// Where a site's Secrets come from; those that are not wanted are none.
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

/// The store that all are read from.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) refresh: String,
}

/// A Secret of one value, or of all that is kept under a key.
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

/// How the private key is written.
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
    /// The settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        Ok(Self {
            store: Store::read(settings)?,
            django: wanted(settings, "/django", |part| {
                let default = ("nautobot-django", "{{environment}}/nautobot-django");
                Secret::read(part, default, "NAUTOBOT_SECRET_KEY")
            })?,
            database: wanted(settings, "/database", Database::read)?,
            redis: wanted(settings, "/redis", |part| {
                let default = ("nautobot-worker-redis", "{{environment}}/nautobot-redis");
                Secret::read(part, default, "redis-password")
            })?,
            registry: wanted(settings, "/registry", |part| {
                let default =
                    ("dockerconfigjson-github-com", "{{environment}}/dockerconfigjson-github-com");
                Secret::read(part, default, ".dockerconfigjson")
            })?,
            mtls: wanted(settings, "/mtls", Mtls::read)?,
            custom_env: wanted(settings, "/customEnv", |part| {
                let default =
                    ("nautobot-custom-env", "{{environment}}/{{site}}/nautobot-custom-env");
                Secret::read(part, default, "")
            })?,
        })
    }

    /// Refuses two Secrets of one name.
    pub(crate) fn name_each_once(&self, settings: &Document) -> Result<(), BadRead> {
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
                let message = format!("is {name}, which {other}/name is too");
                return Err(settings.bad(&[section, "/name"].concat(), message));
            }
        }
        Ok(())
    }
}

/// A section is there unless it is switched off.
fn wanted<T>(
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
            return Err(part.bad(PROPERTY, "is set beside username; one of the two says who"));
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
