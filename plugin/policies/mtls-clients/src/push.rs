//! Pushes a site's certificate and key to a secret store, from which the site reads them.

use policy_sdk::{Json, Pattern, Plan};

use crate::settings::Push;

/// The keys of the Secret that a site needs: its certificate, its key and the authority's public
/// certificate, by cert-manager's names.
pub(crate) const KEYS: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// Returns the template of a site's `PushSecret`, with blanks for its name and the
/// key in the store.
pub(crate) fn push_pattern(push: &Push) -> Pattern {
    let [name, remote] = [0, 1].map(Pattern::blank);
    let data = KEYS.map(|key| {
        let reference = Json::map([("remoteKey", remote.clone()), ("property", key.into())]);
        let pair = Json::map([("secretKey", key.into()), ("remoteRef", reference)]);
        Json::map([("match", pair)])
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
pub(crate) fn add_push(plan: &mut Plan, pattern: &Pattern, site: &str, name: &str, remote: &str) {
    let reason = ["site ", site, " reads its certificate from the secret store"].concat();
    plan.manifest(&pattern.fill(&[name, remote]), reason);
}
