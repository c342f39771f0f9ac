//! One site's client certificate.

use policy_sdk::{Json, Plan};

use crate::settings::Settings;

/// The API of cert-manager, and its group.
pub(crate) const API: &str = "cert-manager.io/v1";
pub(crate) const GROUP: &str = "cert-manager.io";

/// What all certificates say alike, written once: there may be thousands.
pub(crate) struct Alike {
    key: Json,
    issuer: Json,
}

impl Alike {
    /// As the settings say.
    pub(crate) fn new(settings: &Settings) -> Self {
        let key = Json::map([
            ("algorithm", (&*settings.key.algorithm).into()),
            ("size", settings.key.size.into()),
            ("encoding", (&*settings.key.encoding).into()),
        ]);
        let issuer = reference(&settings.issuer.name, &settings.issuer.kind);
        Self { key: Json::Raw(key.to_text()), issuer: Json::Raw(issuer.to_text()) }
    }
}

/// Adds a site's Certificate.
pub(crate) fn add(plan: &mut Plan, site: &str, name: &str, settings: &Settings, alike: &Alike) {
    let spec = Json::map([
        ("secretName", name.into()),
        ("commonName", (&*settings.common_name).into()),
        ("duration", settings.lifetime.duration.to_string().into()),
        ("renewBefore", settings.lifetime.renew_before.to_string().into()),
        ("usages", vec!["client auth"].into()),
        ("privateKey", alike.key.clone()),
        ("issuerRef", alike.issuer.clone()),
    ]);
    let reason = format!(
        "site {site} shows PostgreSQL and Redis that it is {}, with a pair of its own",
        settings.common_name
    );
    plan.manifest(&Json::object(API, "Certificate", name, spec), reason);
}

/// A reference to an issuer.
pub(crate) fn reference(name: &str, kind: &str) -> Json {
    Json::map([("name", name.into()), ("kind", kind.into()), ("group", GROUP.into())])
}
