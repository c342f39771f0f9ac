//! Hides secrets in the texts of a policy. A policy reads whole documents, and may repeat any of
//! their values in a reason or a message, in a path, a code or the name of a file.

use std::borrow::Cow;

use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{RepeatedBy, known_secrets, shown_text};
use crate::finding::Finding;
use crate::policy::{Answer, BadValue, Documents, Failure, Plan};
use crate::value::Node;

/// Hides secrets in the texts of a plan. Its edits and its choice of a configuration are no texts:
/// what shows them hides secrets there.
pub(super) fn hide_in_plan(plan: &mut Plan, documents: &Documents) {
    hide_in_all(&mut texts_of_plan(plan), documents);
}

/// Hides secrets in the texts of a failure.
pub(super) fn hide_in_failure(failure: &mut Failure, documents: &Documents) {
    let mut texts: Vec<&mut String> = match failure {
        Failure::BadSettings(bad) | Failure::BadProfile(bad) | Failure::BadValues(bad) => {
            bad.iter_mut().flat_map(|BadValue { path, message }| [path, message]).collect()
        }
        Failure::Unsupported(why) | Failure::Internal(why) => vec![why],
    };
    hide_in_all(&mut texts, documents);
}

/// Returns the documents that the policies of a site or fleet have read, each once: they differ in
/// their settings alone.
pub(crate) fn documents_read(answers: &[Answer]) -> impl Iterator<Item = &Node> {
    let shared = answers.first().map(|answer| {
        let Documents { profile, values, fleet, cluster, settings: _ } = &answer.documents;
        [profile, values, fleet, cluster]
    });
    let settings = answers.iter().map(|answer| &answer.documents.settings);
    shared.into_iter().flatten().chain(settings)
}

/// Hides secrets of documents in findings that may repeat what a policy has made of them.
pub(crate) fn hide_in_findings(findings: &mut [Finding], documents: &[Node]) {
    let repeated = RepeatedBy::texts(findings.iter().flat_map(Finding::texts));
    let secrets = known_secrets(documents, &repeated);
    for finding in findings {
        finding.hide_secrets(&secrets);
    }
}

fn texts_of_plan(plan: &mut Plan) -> Vec<&mut String> {
    let edits = plan.edits.iter_mut().map(|edit| &mut edit.reason);
    let manifests = plan.manifests.iter_mut().map(|manifest| &mut manifest.reason);
    let config = plan.config.iter_mut().map(|choice| &mut choice.reason);
    let findings = plan.findings.iter_mut().flat_map(|finding| {
        let optional = [finding.path.as_mut(), finding.hint.as_mut()].into_iter().flatten();
        [&mut finding.code, &mut finding.message].into_iter().chain(optional)
    });
    edits.chain(manifests).chain(config).chain(findings).collect()
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
    secrets.hide_in(text);
    if let Cow::Owned(shown) = shown_text(text) {
        *text = shown;
    }
}
