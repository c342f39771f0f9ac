//! What a certificate that is at hand is worth to the one that is wanted.

use serde::Serialize;

use super::certificate::{Certificate, is_purpose};
use super::files::Held;
use super::moment::{DAY, Moment, span};
use super::wanted::Wanted;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum State {
    #[serde(rename = "ok")]
    Ok,
    /// cert-manager would renew it now.
    #[serde(rename = "renewal due")]
    RenewalDue,
    #[serde(rename = "not yet valid")]
    NotYetValid,
    #[serde(rename = "expired")]
    Expired,
    #[serde(rename = "missing")]
    Missing,
    /// It is another one.
    #[serde(rename = "does not match")]
    Mismatch,
}

impl State {
    /// As a person reads it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RenewalDue => "renewal due",
            Self::NotYetValid => "not yet valid",
            Self::Expired => "expired",
            Self::Missing => "missing",
            Self::Mismatch => "does not match",
        }
    }

    /// Whether a site gets in with it.
    pub(crate) fn is_usable(self) -> bool {
        matches!(self, Self::Ok | Self::RenewalDue)
    }
}

/// What was found of a wanted certificate.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) state: State,
    /// Where it does not match.
    pub(crate) why: Vec<String>,
    pub(crate) file: Option<String>,
    /// From when to when it is valid.
    pub(crate) valid: Option<(Moment, Moment)>,
    /// Whole days to its end; below 0 since then.
    pub(crate) days_left: Option<i64>,
}

/// Judges what is held of a wanted certificate.
pub(crate) fn judge(wanted: &Wanted, held: &Held, now: Moment) -> Judged {
    let Some((file, certificate)) = held.of(wanted) else {
        let why = Vec::new();
        return Judged { state: State::Missing, why, file: None, valid: None, days_left: None };
    };
    let mut why = differences(wanted, certificate);
    why.extend(held.authorities(&wanted.secret).and_then(|them| foreign(certificate, them)));
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let state = if !why.is_empty() {
        State::Mismatch
    } else if now >= end {
        State::Expired
    } else if now < begin {
        State::NotYetValid
    } else if end.since(now) <= window(wanted, certificate) {
        State::RenewalDue
    } else {
        State::Ok
    };
    let days_left = Some(end.since(now).div_euclid(DAY));
    Judged { state, why, file: Some(file.to_owned()), valid: Some((begin, end)), days_left }
}

/// How long before its end it is renewed; cert-manager's default is a third of its life.
fn window(wanted: &Wanted, certificate: &Certificate) -> i64 {
    let life = certificate.not_after.since(certificate.not_before);
    span(&wanted.renew_before).unwrap_or(life / 3)
}

/// In what it is another certificate than the one that is asked for.
fn differences(wanted: &Wanted, certificate: &Certificate) -> Vec<String> {
    let mut why = Vec::new();
    if certificate.common_name != wanted.common_name {
        why.push(format!("its CN is {}", or_none(&certificate.common_name)));
    }
    if certificate.key != wanted.key {
        why.push(format!("its key is {}", certificate.key));
    }
    let mut purposes: Vec<&String> =
        wanted.usages.iter().filter(|usage| is_purpose(usage)).collect();
    purposes.sort_unstable();
    if !purposes.is_empty() && !purposes.iter().copied().eq(&certificate.purposes) {
        why.push(format!("it is for {}", or_none(&certificate.purposes.join(", "))));
    }
    if certificate.is_ca != wanted.is_ca {
        why.push(if wanted.is_ca { "it is no authority" } else { "it is an authority" }.to_owned());
    }
    let life = certificate.not_after.since(certificate.not_before);
    if life <= window(wanted, certificate) {
        why.push(format!(
            "it lives {} h, no longer than it is renewed before its end",
            life / 3600
        ));
    }
    why
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// Why it is none of these authorities'.
fn foreign(certificate: &Certificate, authorities: &[Certificate]) -> Option<String> {
    let mut verdicts = authorities.iter().map(|authority| certificate.is_of(authority));
    if verdicts.any(|verdict| verdict == Some(true)) {
        return None;
    }
    let unknown = authorities.iter().any(|authority| certificate.is_of(authority).is_none());
    Some(if unknown {
        "its signature is of a kind that cannot be checked".to_owned()
    } else {
        "ca.crt did not issue it".to_owned()
    })
}
