//! A site's pair on its way to a secret store, from where the site takes it.

use policy_sdk::{Json, Pattern, Plan};

use crate::settings::Push;

/// What cert-manager writes into a Secret and a site needs: its pair, and the authority's
/// public certificate.
pub(crate) const KEYS: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// Returns the `PushSecret` that all sites share but for its name and the key in the store.
pub(crate) fn pattern(push: &Push) -> Pattern {
    let [name, remote] = [0, 1].map(Pattern::blank);
    let data = KEYS.map(|key| {
        let reference = Json::map([("remoteKey", remote.clone()), ("property", key.into())]);
        let found = Json::map([("secretKey", key.into()), ("remoteRef", reference)]);
        Json::map([("match", found)])
    });
    let store = Json::map([("name", (&*push.store).into()), ("kind", (&*push.store_kind).into())]);
    let selector = Json::map([("secret", Json::map([("name", name.clone())]))]);
    let spec = Json::map([
        ("refreshInterval", (&*push.refresh).into()),
        ("secretStoreRefs", Json::List(vec![store])),
        ("selector", selector),
        ("data", Json::List(data.into())),
    ]);
    Pattern::new(&Json::object("external-secrets.io/v1alpha1", "PushSecret", name, spec))
}

/// Adds a site's `PushSecret`.
pub(crate) fn add(plan: &mut Plan, pattern: &Pattern, site: &str, name: &str, remote: &str) {
    let reason = ["site ", site, " takes its certificate from the store"].concat();
    plan.manifest(&pattern.fill(&[name, remote]), reason);
}
