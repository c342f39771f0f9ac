//! Reads the settings. The host has validated them against the schema; this module checks the rules
//! that a schema cannot express.

use policy_sdk::{BadRead, Document, Failure, Template};
use worker_connections::WORKERS;

use crate::lifetime::Lifetime;
use crate::servers::Server;
use crate::sites;

/// The JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// The settings of mtls-clients.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The name of each site's Certificate and Secret.
    pub(crate) name: Template,
    /// The database user of a site.
    pub(crate) common_name: Template,
    pub(crate) lifetime: Lifetime,
    pub(crate) key: Key,
    pub(crate) issuer: Issuer,
    pub(crate) authority: Option<Authority>,
    pub(crate) push: Option<Push>,
    /// The policy whose settings name the hosts at which workers connect.
    pub(crate) connections: String,
    pub(crate) servers: Vec<Server>,
}

/// The private key of a client certificate.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) algorithm: String,
    pub(crate) size: u64,
    pub(crate) encoding: String,
}

/// The issuer that signs certificates.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// The authority, where this policy creates it.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) common_name: Template,
    pub(crate) lifetime: Lifetime,
}

/// The place to which each site's certificate and key are pushed.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) store: String,
    pub(crate) store_kind: String,
    /// The key in the store.
    pub(crate) remote_key: Template,
    pub(crate) refresh: String,
}

impl Settings {
    /// Reads the settings from this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, Failure> {
        let lifetime = Lifetime::of_clients(settings)?;
        let issuer = Issuer::read(&settings.at("/issuer"), "mtls-ca-issuer")?;
        let authority = settings.section("/authority", |part| Authority::read(part, &lifetime))?;
        if authority.is_some() && issuer.kind != "Issuer" {
            let message = "must be Issuer, because the setting authority creates an Issuer";
            return Err(Failure::bad_settings("/issuer/kind", message));
        }
        Ok(Self {
            name: Template::read(settings, "/name", "nautobot-mtls-client-{{site}}")?,
            common_name: Template::read(settings, "/commonName", "app")?,
            key: Key::read(&settings.at("/privateKey"))?,
            push: settings.section("/push", Push::read)?,
            connections: settings.text_or("/connections", WORKERS)?,
            servers: Server::read_all(settings, &issuer)?,
            lifetime,
            issuer,
            authority,
        })
    }
}

impl Issuer {
    /// Reads an issuer, with a default for its name.
    pub(crate) fn read(issuer: &Document, name: &str) -> Result<Self, BadRead> {
        Ok(Self { name: issuer.text_or("/name", name)?, kind: issuer.text_or("/kind", "Issuer")? })
    }
}

impl Key {
    fn read(key: &Document) -> Result<Self, BadRead> {
        let algorithm = key.text_or("/algorithm", "ECDSA")?;
        let sizes: [u64; 3] = if algorithm == "RSA" { [2048, 3072, 4096] } else { [256, 384, 521] };
        let size = key.u64_or("/size", sizes[0])?;
        if !sizes.contains(&size) {
            let [small, middle, large] = sizes;
            let message =
                format!("is {size}, must be {small}, {middle} or {large} for {algorithm}");
            return Err(key.bad("/size", message));
        }
        let encoding = key.text_or("/encoding", "PKCS1")?;
        Ok(Self { algorithm, size, encoding })
    }
}

impl Authority {
    fn read(authority: &Document, issued: &Lifetime) -> Result<Self, BadRead> {
        const COMMON_NAME: &str = "/commonName";
        let name = authority.text_or("/name", "mtls-ca")?;
        let common_name = Template::read(authority, COMMON_NAME, &name)?;
        if common_name.has_site() {
            let message = "contains {{site}}, but all sites have the same authority";
            return Err(authority.bad(COMMON_NAME, message));
        }
        Ok(Self {
            secret: authority.text_or("/secretName", &name)?,
            common_name,
            name,
            lifetime: Lifetime::of_authority(authority, issued)?,
        })
    }
}

impl Push {
    fn read(push: &Document) -> Result<Self, BadRead> {
        const REMOTE: &str = "/remoteKey";
        let remote_key = Template::read(push, REMOTE, sites::REMOTE_KEY)?;
        if !remote_key.has_site() {
            let message = "must contain {{site}}: sites would overwrite each other's certificate";
            return Err(push.bad(REMOTE, message));
        }
        Ok(Self {
            store: push.text("/store/name")?,
            store_kind: push.text_or("/store/kind", "ClusterSecretStore")?,
            refresh: push.text_or("/refreshInterval", "1h")?,
            remote_key,
        })
    }
}
