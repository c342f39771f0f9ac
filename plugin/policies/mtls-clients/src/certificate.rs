//! Builds the client certificate of a site.

use policy_sdk::{Finding, Json, Pattern, Plan, is_subdomain, pointer};

use crate::codes;
use crate::settings::Settings;

/// The API version of cert-manager.
pub(crate) const API: &str = "cert-manager.io/v1";
/// The API group of cert-manager.
const GROUP: &str = "cert-manager.io";

/// The longest common name in bytes (RFC 5280, `ub-common-name`); cert-manager refuses longer ones.
const COMMON_NAME_MAX: usize = 64;

/// Returns the template of a site's Certificate, with blanks for its name and the database user.
pub(crate) fn certificate_pattern(settings: &Settings) -> Pattern {
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
        ("issuerRef", issuer_ref(&settings.issuer.name, &settings.issuer.kind)),
    ]);
    Pattern::new(&Json::object(API, "Certificate", name, spec))
}

/// A site that gets a certificate.
pub(crate) struct Client<'c> {
    pub(crate) site: &'c str,
    /// The name of the Certificate and of its Secret.
    pub(crate) name: &'c str,
    /// The database user, which becomes the common name.
    pub(crate) user: &'c str,
}

impl Client<'_> {
    /// Returns a finding if Kubernetes or X.509 does not allow a name.
    pub(crate) fn invalid_name(&self) -> Option<Finding> {
        let Self { site, name, user } = self;
        if !is_subdomain(name) {
            let message = format!("`{name}` is not a valid name for the Secret of site {site}");
            let hint = "use up to 253 lower-case letters, digits, `-` and `.`";
            return Some(codes::MTLS_NAME.finding(message).at(pointer([*site])).hint(hint));
        }
        (user.len() > COMMON_NAME_MAX).then(|| {
            let message = format!(
                "`{user}` is not a valid common name for the certificate of site {site} (setting commonName): it has {} bytes",
                user.len()
            );
            codes::MTLS_NAME
                .finding(message)
                .at(pointer([*site]))
                .hint(format!("use up to {COMMON_NAME_MAX} bytes"))
        })
    }
}

/// Adds the Certificate of a site.
pub(crate) fn add_certificate(plan: &mut Plan, client: &Client, pattern: &Pattern) {
    let Client { site, name, user } = *client;
    let reason = [
        "site ",
        site,
        " authenticates at PostgreSQL and Redis as ",
        user,
        ", with a certificate and key of its own",
    ];
    plan.manifest(&pattern.fill(&[name, user]), reason.concat());
}

/// Returns the reference to an issuer.
pub(crate) fn issuer_ref(name: &str, kind: &str) -> Json {
    Json::map([("name", name.into()), ("kind", kind.into()), ("group", GROUP.into())])
}
