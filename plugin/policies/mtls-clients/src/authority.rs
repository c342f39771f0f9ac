//! Builds the authority of an environment. Its key is created on the global cluster and stays there.

use policy_sdk::{Json, Plan};

use crate::certificate::{API, issuer_ref};
use crate::settings::{Authority, Settings};

/// Adds a self-signed issuer, the authority's certificate, and the issuer of sites' certificates.
pub(crate) fn add_authority(
    plan: &mut Plan,
    authority: &Authority,
    settings: &Settings,
    environment: &str,
) {
    let root = [&authority.name, "-selfsigned"].concat();
    plan.manifest(
        &Json::object(API, "Issuer", &root, Json::map([("selfSigned", Json::Map(Vec::new()))])),
        "the authority signs its own certificate",
    );
    // cert-manager 1.18 changed the default from Never to Always
    // (https://cert-manager.io/docs/releases/release-notes/release-notes-1.18/): a renewal would
    // create a new key, and servers that trust it refuse every client certificate until that is
    // issued again. With the same key and name, the old certificate of the authority and its
    // successor verify the same certificates.
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
        ("issuerRef", issuer_ref(&root, "Issuer")),
    ]);
    plan.manifest(
        &Json::object(API, "Certificate", &authority.name, certificate),
        "this authority issues the certificate of every site",
    );
    let secret = Json::map([("secretName", (&*authority.secret).into())]);
    plan.manifest(
        &Json::object(API, "Issuer", &settings.issuer.name, Json::map([("ca", secret)])),
        "this issuer signs the certificates of sites with the authority's key",
    );
}
