//! The authority of an environment: its key is made on the global cluster and stays there.

use policy_sdk::{Json, Plan};

use crate::certificate::{API, reference};
use crate::settings::{Authority, Settings};

/// Adds the chain: a self-signed issuer, the authority's certificate, and the sites' issuer.
pub(crate) fn add(plan: &mut Plan, authority: &Authority, settings: &Settings, environment: &str) {
    let root = [&authority.name, "-selfsigned"].concat();
    plan.manifest(
        &Json::object(API, "Issuer", &root, Json::map([("selfSigned", Json::Map(Vec::new()))])),
        "the authority signs itself",
    );
    // cert-manager 1.18 changed the default from Never to Always
    // (https://cert-manager.io/docs/releases/release-notes/release-notes-1.18/): a renewal would
    // make a new key, and servers that trust it refuse every client certificate until it is
    // issued again. With one key and one name the old certificate and its successor verify the
    // same certificates.
    let key = Json::map([
        ("rotationPolicy", "Never".into()),
        ("algorithm", "ECDSA".into()),
        ("size", 256_u64.into()),
    ]);
    let certificate = Json::map([
        ("isCA", true.into()),
        ("secretName", (&*authority.secret).into()),
        ("commonName", authority.common_name.fill("", environment).into()),
        ("duration", authority.lifetime.duration.to_string().into()),
        ("renewBefore", authority.lifetime.renew_before.to_string().into()),
        ("privateKey", key),
        ("issuerRef", reference(&root, "Issuer")),
    ]);
    plan.manifest(
        &Json::object(API, "Certificate", &authority.name, certificate),
        "the authority that every site's certificate is held to",
    );
    let secret = Json::map([("secretName", (&*authority.secret).into())]);
    plan.manifest(
        &Json::object(API, "Issuer", &settings.issuer.name, Json::map([("ca", secret)])),
        "it signs the certificates of sites with the authority's key",
    );
}
