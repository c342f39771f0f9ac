//! A site's pair on its way to a secret store, from where the site takes it.

use policy_sdk::{Json, Plan};

use crate::settings::Push;

/// What cert-manager writes into a Secret and a site needs: its pair, and the authority's
/// public certificate.
pub(crate) const KEYS: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// Adds a site's `PushSecret`.
pub(crate) fn add(plan: &mut Plan, push: &Push, site: &str, name: &str, remote: &str) {
    let data = KEYS.map(|key| {
        let reference = Json::map([("remoteKey", remote.into()), ("property", key.into())]);
        let found = Json::map([("secretKey", key.into()), ("remoteRef", reference)]);
        Json::map([("match", found)])
    });
    let store = Json::map([("name", (&*push.store).into()), ("kind", (&*push.store_kind).into())]);
    let selector = Json::map([("secret", Json::map([("name", name.into())]))]);
    let spec = Json::map([
        ("refreshInterval", (&*push.refresh).into()),
        ("secretStoreRefs", Json::List(vec![store])),
        ("selector", selector),
        ("data", Json::List(data.into())),
    ]);
    plan.manifest(
        &Json::object("external-secrets.io/v1alpha1", "PushSecret", name, spec),
        format!("site {site} takes its certificate from the store"),
    );
}
