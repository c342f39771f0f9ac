//! Hides secrets in the texts of a policy. A policy reads whole documents, and may repeat any of
//! their values in a reason or a message.

use std::borrow::Cow;

use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{RepeatedBy, known_secrets, shown_text};
use crate::policy::{BadValue, Documents, Failure, Plan};

/// Hides secrets in the texts of a plan.
pub(super) fn hide_in_plan(plan: &mut Plan, documents: &Documents) {
    hide_in_all(&mut texts_of_plan(plan), documents);
}

/// Hides secrets in the texts of a failure.
pub(super) fn hide_in_failure(failure: &mut Failure, documents: &Documents) {
    let mut texts: Vec<&mut String> = match failure {
        Failure::BadSettings(bad) | Failure::BadProfile(bad) | Failure::BadValues(bad) => {
            bad.iter_mut().map(|BadValue { message, .. }| message).collect()
        }
        Failure::Unsupported(why) | Failure::Internal(why) => vec![why],
    };
    hide_in_all(&mut texts, documents);
}

fn texts_of_plan(plan: &mut Plan) -> Vec<&mut String> {
    let edits = plan.edits.iter_mut().map(|edit| &mut edit.reason);
    let manifests = plan.manifests.iter_mut().map(|manifest| &mut manifest.reason);
    let findings = plan.findings.iter_mut();
    let findings = findings.flat_map(|finding| [Some(&mut finding.message), finding.hint.as_mut()]);
    edits.chain(manifests).chain(findings.flatten()).collect()
}

fn hide_in_all(texts: &mut [&mut String], documents: &Documents) {
    let Documents { profile, values, settings, fleet, cluster } = documents;
    let repeated = RepeatedBy::texts(texts.iter().map(|text| text.as_str()));
    let secrets = known_secrets([settings, profile, values, fleet, cluster], &repeated);
    for text in texts {
        hide(text, &secrets);
    }
}

fn hide(text: &mut String, secrets: &KnownSecrets<'_>) {
    if let Cow::Owned(shown) = secrets.hide(text) {
        *text = shown;
    }
    if let Cow::Owned(shown) = shown_text(text) {
        *text = shown;
    }
}
