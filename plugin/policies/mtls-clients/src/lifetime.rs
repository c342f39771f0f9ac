//! Reads the lifetimes of certificates, and checks that the authority outlives those it issues.

use std::fmt;

use policy_sdk::{BadRead, Document, Finding};

use crate::codes;
use crate::settings::Settings;

const DURATION: &str = "/duration";
const RENEW_BEFORE: &str = "/renewBefore";
/// The default duration of the authority: ten years.
const AUTHORITY_DURATION: Hours = Hours(87600);

/// Whole hours, as the settings and cert-manager write them: `720h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hours(pub(crate) u64);

impl Hours {
    fn read(settings: &Document, path: &str) -> Result<Option<Self>, BadRead> {
        let Some(text) = settings.optional_text(path)? else { return Ok(None) };
        let hours = text.strip_suffix('h').and_then(|digits| digits.parse().ok());
        let bad = || settings.bad(path, format!("is {text}, must be whole hours, such as 720h"));
        hours.map(|hours| Some(Self(hours))).ok_or_else(bad)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}h", self.0)
    }
}

/// The duration of a certificate, and how long before its end it is renewed.
#[derive(Debug)]
pub(crate) struct Lifetime {
    pub(crate) duration: Hours,
    pub(crate) renew_before: Hours,
}

impl Lifetime {
    /// Reads the lifetime of sites' certificates.
    pub(crate) fn of_clients(settings: &Document) -> Result<Self, BadRead> {
        let duration = Hours::read(settings, DURATION)?.unwrap_or(Hours(26280));
        let renew_before = Hours::read(settings, RENEW_BEFORE)?.unwrap_or(Hours(720));
        Self { duration, renew_before }.require_renewal(settings)
    }

    /// Reads the lifetime of the authority from its settings. Without `renewBefore` it is renewed
    /// just early enough for the certificates that it issues.
    pub(crate) fn of_authority(settings: &Document, issued: &Self) -> Result<Self, BadRead> {
        let duration = Hours::read(settings, DURATION)?.unwrap_or(AUTHORITY_DURATION);
        match Hours::read(settings, RENEW_BEFORE)? {
            Some(renew_before) => Self { duration, renew_before }.require_renewal(settings),
            None => Ok(Self { duration, renew_before: issued.duration }),
        }
    }

    /// Returns an error if the renewal is not within the duration.
    fn require_renewal(self, settings: &Document) -> Result<Self, BadRead> {
        let Self { duration, renew_before } = &self;
        if renew_before >= duration {
            let message = format!("is {renew_before}, must be less than the duration {duration}");
            return Err(settings.bad(RENEW_BEFORE, message));
        }
        Ok(self)
    }
}

/// Returns a finding if a certificate can outlive the authority's certificate that verifies it.
///
/// cert-manager does not limit a certificate to the life of its issuer (`NotAfter` in
/// `pkg/util/pki/certificatetemplate.go`), so the settings have to. The rule: the authority's
/// `renewBefore` is at least the `duration` of the certificates that it issues. Then a certificate
/// that is issued just before the authority is renewed still expires no later than the certificate
/// that the authority has at that time. A site gets both: its own certificate, and that of the
/// authority as `ca.crt`. It uses them until its own certificate is renewed, so it never verifies
/// servers with an expired authority. It follows that the authority's `duration` is longer than
/// that of the certificates.
pub(crate) fn check_lifetime(settings: &Settings) -> Option<Finding> {
    let authority = &settings.authority.as_ref()?.lifetime;
    let issued = settings.lifetime.duration;
    let Lifetime { duration, renew_before } = *authority;
    if duration <= issued {
        // The host adds defaults to the settings, and a default has no line to point at.
        let at = if duration == AUTHORITY_DURATION { "/duration" } else { "/authority/duration" };
        let message = format!(
            "the authority lives {duration} (setting authority.duration), and certificates that it issues live {issued} (setting duration): they would outlive it"
        );
        let hint = "set authority.duration to more than duration, best to twice as much or more";
        return Some(codes::MTLS_LIFETIME.finding(message).at(at).hint(hint));
    }
    (renew_before < issued).then(|| {
        let message = format!(
            "the authority is renewed {renew_before} before its end (setting authority.renewBefore), and certificates that it issues live {issued} (setting duration): a certificate that is issued just before the renewal would outlive the authority's certificate that the site gets together with it"
        );
        codes::MTLS_LIFETIME
            .finding(message)
            .at("/authority/renewBefore")
            .hint(format!("set {issued} or more, or remove authority.renewBefore"))
    })
}
