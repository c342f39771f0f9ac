//! The settings, read once and typed. The host has held them to the schema; what a schema
//! cannot say is refused here.

use policy_sdk::{Document, Failure, Kind};

use crate::template;

/// JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

/// What all certificates have in common.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Template of the Certificate's and the Secret's name.
    pub(crate) name: String,
    pub(crate) common_name: String,
    pub(crate) duration: String,
    pub(crate) renew_before: String,
    pub(crate) key: Key,
    pub(crate) issuer: Issuer,
    pub(crate) authority: Option<Authority>,
    pub(crate) push: Option<Push>,
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
    pub(crate) common_name: String,
    pub(crate) duration: String,
    pub(crate) renew_before: String,
}

/// Where each site's pair is pushed.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) store: String,
    pub(crate) store_kind: String,
    /// Template of the key in the store.
    pub(crate) remote_key: String,
    pub(crate) refresh: String,
}

impl Settings {
    /// The settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, Failure> {
        let name = settings.text_or("/name", "nautobot-mtls-client-{{site}}")?;
        template::check(&name, "/name")?;
        let (duration, renew_before) = lifetime(settings, "", "26280h", "720h")?;
        let is_there = |path: &str| settings.kind(path) == Kind::Mapping;
        let issuer = Issuer {
            name: settings.text_or("/issuer/name", "mtls-ca-issuer")?,
            kind: settings.text_or("/issuer/kind", "Issuer")?,
        };
        let authority = is_there("/authority").then(|| Authority::read(settings)).transpose()?;
        if authority.is_some() && issuer.kind != "Issuer" {
            let message = "is not Issuer, which the authority made here is";
            return Err(Failure::bad_settings("/issuer/kind", message));
        }
        Ok(Self {
            common_name: settings.text_or("/commonName", "app")?,
            key: Key::read(settings)?,
            push: is_there("/push").then(|| Push::read(settings)).transpose()?,
            name,
            duration,
            renew_before,
            issuer,
            authority,
        })
    }
}

impl Key {
    fn read(settings: &Document) -> Result<Self, Failure> {
        const SIZE: &str = "/privateKey/size";
        let algorithm = settings.text_or("/privateKey/algorithm", "ECDSA")?;
        let sizes: [u64; 3] = if algorithm == "RSA" { [2048, 3072, 4096] } else { [256, 384, 521] };
        let size = settings.u64_or(SIZE, sizes[0])?;
        if !sizes.contains(&size) {
            let [small, middle, large] = sizes;
            let message =
                format!("is {size}, must be {small}, {middle} or {large} for {algorithm}");
            return Err(Failure::bad_settings(SIZE, message));
        }
        let encoding = settings.text_or("/privateKey/encoding", "PKCS1")?;
        Ok(Self { algorithm, size, encoding })
    }
}

impl Authority {
    fn read(settings: &Document) -> Result<Self, Failure> {
        let name = settings.text_or("/authority/name", "mtls-ca")?;
        let (duration, renew_before) = lifetime(settings, "/authority", "87600h", "2160h")?;
        Ok(Self {
            secret: settings.text_or("/authority/secretName", &name)?,
            common_name: settings.text_or("/authority/commonName", &name)?,
            name,
            duration,
            renew_before,
        })
    }
}

impl Push {
    fn read(settings: &Document) -> Result<Self, Failure> {
        const REMOTE: &str = "/push/remoteKey";
        let remote_key = settings.text(REMOTE)?;
        template::check(&remote_key, REMOTE)?;
        if !remote_key.contains("{{site}}") {
            let message = "has no {{site}}: sites would overwrite each other's certificate";
            return Err(Failure::bad_settings(REMOTE, message));
        }
        Ok(Self {
            store: settings.text("/push/store/name")?,
            store_kind: settings.text_or("/push/store/kind", "ClusterSecretStore")?,
            refresh: settings.text_or("/push/refreshInterval", "1h")?,
            remote_key,
        })
    }
}

/// How long a certificate lives and when it is renewed, in whole hours.
fn lifetime(
    settings: &Document,
    above: &str,
    duration: &str,
    renew_before: &str,
) -> Result<(String, String), Failure> {
    let duration = settings.text_or(&[above, "/duration"].concat(), duration)?;
    let path = [above, "/renewBefore"].concat();
    let renew_before = settings.text_or(&path, renew_before)?;
    let hours = |text: &str| text.trim_end_matches('h').parse::<u64>().unwrap_or(0);
    if hours(&renew_before) >= hours(&duration) {
        let message = format!("is {renew_before}, which is not less than the duration, {duration}");
        return Err(Failure::bad_settings(path, message));
    }
    Ok((duration, renew_before))
}
