//! The settings, read once and typed. The host has held them to the schema; what a schema
//! cannot say is refused here.

use policy_sdk::{BadRead, Document, Failure, Template};
use worker_connections::WORKERS;

use crate::lifetime::Lifetime;
use crate::servers::Server;
use crate::sites;

/// JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// What all certificates have in common.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The Certificate's and the Secret's name.
    pub(crate) name: Template,
    /// The database user of a site.
    pub(crate) common_name: Template,
    pub(crate) lifetime: Lifetime,
    pub(crate) key: Key,
    pub(crate) issuer: Issuer,
    pub(crate) authority: Option<Authority>,
    pub(crate) push: Option<Push>,
    /// The policy whose settings say what workers dial.
    pub(crate) connections: String,
    pub(crate) servers: Vec<Server>,
}

/// The private key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) algorithm: String,
    pub(crate) size: u64,
    pub(crate) encoding: String,
}

/// Who signs.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// The chain down to the issuer, where it is made here too.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) common_name: Template,
    pub(crate) lifetime: Lifetime,
}

/// Where each site's pair is pushed.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) store: String,
    pub(crate) store_kind: String,
    /// The key in the store.
    pub(crate) remote_key: Template,
    pub(crate) refresh: String,
}

impl Settings {
    /// The settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, Failure> {
        let lifetime = Lifetime::of_clients(settings)?;
        let issuer = Issuer::read(&settings.at("/issuer"), "mtls-ca-issuer")?;
        let authority = settings.section("/authority", |part| Authority::read(part, &lifetime))?;
        if authority.is_some() && issuer.kind != "Issuer" {
            let message = "is not Issuer, which the authority made here is";
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
    /// Reads an issuer; without a name it is this one.
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
        if common_name.tells_sites_apart() {
            let message = "holds {{site}}, and the authority is of all sites";
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
        if !remote_key.tells_sites_apart() {
            let message = "has no {{site}}: sites would overwrite each other's certificate";
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
