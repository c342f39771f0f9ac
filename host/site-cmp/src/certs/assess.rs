//! Compares the certificate in the folder with the expected one.

use serde::Serialize;

use super::certificate::{Certificate, is_purpose};
use super::expected::ExpectedCert;
use super::files::CertFolder;
use super::timestamp::{DAY, Timestamp, parse_duration};

/// The state of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum CertState {
    #[serde(rename = "ok")]
    Ok,
    /// It is valid, and cert-manager would renew it now.
    #[serde(rename = "renewal due")]
    RenewalDue,
    #[serde(rename = "not yet valid")]
    NotYetValid,
    #[serde(rename = "expired")]
    Expired,
    #[serde(rename = "missing")]
    Missing,
    /// It is another certificate than the expected one.
    #[serde(rename = "does not match")]
    Mismatch,
}

impl CertState {
    /// Returns the state's name for people.
    pub(crate) fn label_text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RenewalDue => "renewal due",
            Self::NotYetValid => "not yet valid",
            Self::Expired => "expired",
            Self::Missing => "missing",
            Self::Mismatch => "does not match",
        }
    }

    /// Returns whether a site can authenticate with it.
    pub(crate) fn is_usable(self) -> bool {
        matches!(self, Self::Ok | Self::RenewalDue)
    }
}

/// The result of comparing an expected certificate with the folder.
#[derive(Debug)]
pub(crate) struct CertStatus {
    pub(crate) state: CertState,
    /// The differences.
    pub(crate) why: Vec<String>,
    pub(crate) file: Option<String>,
    /// The start and end of its validity.
    pub(crate) valid: Option<(Timestamp, Timestamp)>,
    /// Whole days until it expires; negative once it has expired.
    pub(crate) days_left: Option<i64>,
}

/// Compares an expected certificate with the folder.
pub(crate) fn assess_cert(
    expected: &ExpectedCert,
    on_disk: &CertFolder,
    now: Timestamp,
) -> CertStatus {
    let Some((file, certificate)) = on_disk.find_cert(expected) else {
        let why = Vec::new();
        return CertStatus {
            state: CertState::Missing,
            why,
            file: None,
            valid: None,
            days_left: None,
        };
    };
    let mut why = list_differences(expected, certificate);
    why.extend(
        on_disk
            .authorities_of(&expected.secret)
            .and_then(|them| issuer_mismatch(certificate, them)),
    );
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let state = if !why.is_empty() {
        CertState::Mismatch
    } else if now >= end {
        CertState::Expired
    } else if now < begin {
        CertState::NotYetValid
    } else if end.seconds_since(now) <= renewal_window(expected, certificate) {
        CertState::RenewalDue
    } else {
        CertState::Ok
    };
    let days_left = Some(end.seconds_since(now).div_euclid(DAY));
    CertStatus { state, why, file: Some(file.to_owned()), valid: Some((begin, end)), days_left }
}

/// Returns the seconds before expiry at which it is renewed; cert-manager's default is a third
/// of its lifetime.
fn renewal_window(expected: &ExpectedCert, certificate: &Certificate) -> i64 {
    let life = certificate.not_after.seconds_since(certificate.not_before);
    parse_duration(&expected.renew_before).unwrap_or(life / 3)
}

/// Lists the differences between a certificate and the expected one.
fn list_differences(expected: &ExpectedCert, certificate: &Certificate) -> Vec<String> {
    let mut why = Vec::new();
    if certificate.common_name != expected.common_name {
        why.push(format!("its CN is {}", or_none(&certificate.common_name)));
    }
    if certificate.key != expected.key {
        why.push(format!("its key is {}", certificate.key));
    }
    let mut purposes: Vec<&String> =
        expected.usages.iter().filter(|usage| is_purpose(usage)).collect();
    purposes.sort_unstable();
    if !purposes.is_empty() && !purposes.iter().copied().eq(&certificate.purposes) {
        why.push(format!("it is for {}", or_none(&certificate.purposes.join(", "))));
    }
    if certificate.is_ca != expected.is_ca {
        why.push(if expected.is_ca { "it is not a CA" } else { "it is a CA" }.to_owned());
    }
    let life = certificate.not_after.seconds_since(certificate.not_before);
    if life <= renewal_window(expected, certificate) {
        why.push(format!(
            "its lifetime of {} h is not longer than its renewal window",
            life / 3600
        ));
    }
    why
}

/// Returns a text, or `none` if it is empty.
fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// Returns why none of these authorities issued the certificate, unless one did.
fn issuer_mismatch(certificate: &Certificate, authorities: &[Certificate]) -> Option<String> {
    let mut verdicts = authorities.iter().map(|authority| certificate.is_issued_by(authority));
    if verdicts.any(|verdict| verdict == Some(true)) {
        return None;
    }
    let unknown = authorities.iter().any(|authority| certificate.is_issued_by(authority).is_none());
    Some(if unknown {
        "its signature algorithm is not supported".to_owned()
    } else {
        "ca.crt did not issue it".to_owned()
    })
}
