//! Hides secrets in the texts of a policy. A policy reads whole documents, and may repeat any of
//! their values in a reason or a message, in a path, a code or the name of a file.

use std::borrow::Cow;

use crate::disclosure::{RepeatedBy, known_secrets, shown_text};
use crate::policy::{Answer, BadValue, Documents, Failure, Plan};
use crate::value::Node;

/// Hides secrets in the texts of a plan. Code that shows its edits or its choice of a configuration
/// hides secrets there.
pub(super) fn hide_in_plan(plan: &mut Plan, documents: &Documents) {
    PlanTexts::of_plan(plan).hide_secrets_of(documents);
}

/// Hides secrets in the texts of a failure.
pub(super) fn hide_in_failure(failure: &mut Failure, documents: &Documents) {
    PlanTexts::of_failure(failure).hide_secrets_of(documents);
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

/// The texts of a policy, and its names: codes and paths.
#[derive(Default)]
struct PlanTexts<'p> {
    texts: Vec<&'p mut String>,
    names: Vec<&'p mut String>,
}

impl<'p> PlanTexts<'p> {
    fn of_plan(plan: &'p mut Plan) -> Self {
        let mut all = Self::default();
        all.texts.extend(plan.edits.iter_mut().map(|edit| &mut edit.reason));
        all.texts.extend(plan.manifests.iter_mut().map(|manifest| &mut manifest.reason));
        all.texts.extend(plan.config.iter_mut().map(|choice| &mut choice.reason));
        for finding in &mut plan.findings {
            all.texts.push(&mut finding.message);
            all.texts.extend(&mut finding.hint);
            all.names.push(&mut finding.code);
            all.names.extend(&mut finding.path);
        }
        all
    }

    fn of_failure(failure: &'p mut Failure) -> Self {
        let mut all = Self::default();
        match failure {
            Failure::BadSettings(bad) | Failure::BadProfile(bad) | Failure::BadValues(bad) => {
                for BadValue { path, message } in bad {
                    all.names.push(path);
                    all.texts.push(message);
                }
            }
            Failure::Unsupported(why) | Failure::Internal(why) => all.texts.push(why),
        }
        all
    }

    fn hide_secrets_of(self, documents: &Documents) {
        let Documents { profile, values, settings, fleet, cluster } = documents;
        let all = self.texts.iter().chain(&self.names);
        let repeated = RepeatedBy::texts(all.map(|text| text.as_str()));
        let secrets = known_secrets([settings, profile, values, fleet, cluster], &repeated);
        for text in self.texts {
            secrets.hide_in(text);
            hide_shapes(text);
        }
        for name in self.names {
            secrets.hide_in_name(name);
            hide_shapes(name);
        }
    }
}

/// Hides secrets that their form gives away.
fn hide_shapes(text: &mut String) {
    if let Cow::Owned(shown) = shown_text(text) {
        *text = shown;
    }
}
