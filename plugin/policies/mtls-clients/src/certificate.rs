//! One site's client certificate.

use policy_sdk::{Finding, Json, Pattern, Plan, is_subdomain, pointer};

use crate::settings::Settings;

/// The API of cert-manager, and its group.
pub(crate) const API: &str = "cert-manager.io/v1";
pub(crate) const GROUP: &str = "cert-manager.io";

/// How many bytes a common name can have (RFC 5280, `ub-common-name`); cert-manager refuses longer ones.
const COMMON_NAME_MAX: usize = 64;

/// Returns the Certificate that all sites share but for its name and the database user.
pub(crate) fn pattern(settings: &Settings) -> Pattern {
    let [name, user] = [0, 1].map(Pattern::blank);
    let key = Json::map([
        ("algorithm", (&*settings.key.algorithm).into()),
        ("size", settings.key.size.into()),
        ("encoding", (&*settings.key.encoding).into()),
    ]);
    let spec = Json::map([
        ("secretName", name.clone()),
        ("commonName", user),
        ("duration", settings.lifetime.duration.to_string().into()),
        ("renewBefore", settings.lifetime.renew_before.to_string().into()),
        ("usages", vec!["client auth"].into()),
        ("privateKey", key),
        ("issuerRef", reference(&settings.issuer.name, &settings.issuer.kind)),
    ]);
    Pattern::new(&Json::object(API, "Certificate", name, spec))
}

/// Who gets a certificate.
pub(crate) struct Client<'c> {
    pub(crate) site: &'c str,
    /// The Certificate's and the Secret's name.
    pub(crate) name: &'c str,
    /// The database user.
    pub(crate) user: &'c str,
}

impl Client<'_> {
    /// Returns an error where a name is one that Kubernetes or X.509 does not take.
    pub(crate) fn unnameable(&self) -> Option<Finding> {
        let Self { site, name, user } = self;
        if !is_subdomain(name) {
            let message = format!("`{name}` cannot name the Secret of site {site}");
            let hint = "Kubernetes takes up to 253 lower-case letters, digits, `-` and `.`";
            return Some(Finding::error("mtls/name", message).at(pointer([*site])).hint(hint));
        }
        (user.len() > COMMON_NAME_MAX).then(|| {
            let message = format!(
                "the certificate of site {site} cannot have the common name `{user}` (setting commonName)"
            );
            Finding::error("mtls/name", message)
                .at(pointer([*site]))
                .hint(format!("a common name has up to {COMMON_NAME_MAX} bytes"))
        })
    }
}

/// Adds a site's Certificate.
pub(crate) fn add(plan: &mut Plan, client: &Client, pattern: &Pattern) {
    let Client { site, name, user } = *client;
    let reason = [
        "site ",
        site,
        " shows PostgreSQL and Redis that it is ",
        user,
        ", with a pair of its own",
    ];
    plan.manifest(&pattern.fill(&[name, user]), reason.concat());
}

/// A reference to an issuer.
pub(crate) fn reference(name: &str, kind: &str) -> Json {
    Json::map([("name", name.into()), ("kind", kind.into()), ("group", GROUP.into())])
}
