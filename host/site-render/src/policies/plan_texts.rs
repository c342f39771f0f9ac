//! Hides secrets in the texts of a policy. A policy reads whole documents, and may repeat any of
//! their values in a reason or a message.

use std::borrow::Cow;
use std::cell::LazyCell;

use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{known_secrets, shown_text};
use crate::policy::{BadValue, Documents, Failure, Plan};

/// Hides secrets in the texts of a plan.
pub(super) fn hide_in_plan(plan: &mut Plan, documents: &Documents) {
    // Most checks have no text.
    let secrets = LazyCell::new(|| secrets_of(documents));
    for edit in &mut plan.edits {
        hide(&mut edit.reason, &secrets);
    }
    for manifest in &mut plan.manifests {
        hide(&mut manifest.reason, &secrets);
    }
    for finding in &mut plan.findings {
        hide(&mut finding.message, &secrets);
        finding.hint.iter_mut().for_each(|hint| hide(hint, &secrets));
    }
}

/// Hides secrets in the texts of a failure.
pub(super) fn hide_in_failure(failure: &mut Failure, documents: &Documents) {
    let secrets = secrets_of(documents);
    match failure {
        Failure::BadSettings(bad) | Failure::BadProfile(bad) | Failure::BadValues(bad) => {
            for BadValue { message, .. } in bad {
                hide(message, &secrets);
            }
        }
        Failure::Unsupported(why) | Failure::Internal(why) => hide(why, &secrets),
    }
}

fn secrets_of(documents: &Documents) -> KnownSecrets<'_> {
    let Documents { profile, values, settings, fleet, cluster } = documents;
    known_secrets([settings, profile, values, fleet, cluster])
}

fn hide(text: &mut String, secrets: &KnownSecrets<'_>) {
    if let Cow::Owned(shown) = secrets.hide(text) {
        *text = shown;
    }
    if let Cow::Owned(shown) = shown_text(text) {
        *text = shown;
    }
}
