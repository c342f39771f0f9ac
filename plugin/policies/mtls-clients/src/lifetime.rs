//! How long certificates live, and whether the authority outlives what it issues.

use std::fmt;

use policy_sdk::{BadRead, Document, Finding};

use crate::settings::Settings;

const DURATION: &str = "/duration";
const RENEW_BEFORE: &str = "/renewBefore";
/// Of the authority, unless its settings say otherwise: ten years.
const AUTHORITY: Hours = Hours(87600);

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

/// How long a certificate lives and how long before its end it is renewed.
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
        Self { duration, renew_before }.renewed_before_its_end(settings)
    }

    /// Reads the authority's lifetime, from its settings. Without `renewBefore` it is renewed
    /// just early enough for what it issues.
    pub(crate) fn of_authority(settings: &Document, issued: &Self) -> Result<Self, BadRead> {
        let duration = Hours::read(settings, DURATION)?.unwrap_or(AUTHORITY);
        match Hours::read(settings, RENEW_BEFORE)? {
            Some(renew_before) => Self { duration, renew_before }.renewed_before_its_end(settings),
            None => Ok(Self { duration, renew_before: issued.duration }),
        }
    }

    fn renewed_before_its_end(self, settings: &Document) -> Result<Self, BadRead> {
        let Self { duration, renew_before } = &self;
        if renew_before >= duration {
            let message =
                format!("is {renew_before}, which is not less than the duration, {duration}");
            return Err(settings.bad(RENEW_BEFORE, message));
        }
        Ok(self)
    }
}

/// Returns an error where a certificate can outlive the authority's that it is verified with.
///
/// cert-manager does not shorten a certificate to the life of its issuer (`NotAfter` in
/// `pkg/util/pki/certificatetemplate.go`), so the settings have to. The rule: the authority's
/// `renewBefore` is at least the `duration` of what it issues. Then a certificate that is issued
/// just before the authority renews still ends no later than the authority's certificate of that
/// time. That one is the `ca.crt` which a site gets together with its own pair and keeps until
/// its next one, so a site never verifies the servers with an authority that has ended. It
/// follows that the authority's `duration` is longer than that of what it issues.
pub(crate) fn report(settings: &Settings) -> Option<Finding> {
    let authority = &settings.authority.as_ref()?.lifetime;
    let issued = settings.lifetime.duration;
    let Lifetime { duration, renew_before } = *authority;
    if duration <= issued {
        // The host fills defaults in, and a default has no line to point at.
        let at = if duration == AUTHORITY { "/duration" } else { "/authority/duration" };
        let message = format!(
            "the authority lives {duration} (setting authority.duration), and certificates that it issues live {issued} (setting duration): they would outlive it"
        );
        let hint = "let the authority live longer than what it issues, best twice as long or more";
        return Some(Finding::error("mtls/lifetime", message).at(at).hint(hint));
    }
    (renew_before < issued).then(|| {
        let message = format!(
            "the authority is renewed {renew_before} before its end (setting authority.renewBefore), and certificates that it issues live {issued} (setting duration): one issued just before would outlive the authority's certificate that its site got with it"
        );
        Finding::error("mtls/lifetime", message)
            .at("/authority/renewBefore")
            .hint(format!("set {issued} or more, or leave authority.renewBefore out"))
    })
}
