//! Hides secrets in the texts of a policy. A policy reads whole documents, and may repeat any of
//! their values in a reason or a message.

use std::borrow::Cow;

use crate::disclosure::{hide_known_values, secret_values, shown_text};
use crate::policy::{BadValue, Documents, Failure, Plan};

/// Hides secrets in the texts of a plan.
pub(super) fn hide_in_plan(plan: &mut Plan, documents: &Documents) {
    // Every render has reasons, so they are compared with the small documents alone: a literal
    // secret in values stops the render.
    let own = [&documents.settings, &documents.profile];
    let values = longest_first(own.into_iter().flat_map(secret_values).collect());
    for edit in &mut plan.edits {
        hide(&mut edit.reason, &values);
    }
    for manifest in &mut plan.manifests {
        hide(&mut manifest.reason, &values);
    }
    if plan.findings.is_empty() {
        return;
    }
    let values = all_secrets(documents);
    for finding in &mut plan.findings {
        hide(&mut finding.message, &values);
        finding.hint.iter_mut().for_each(|hint| hide(hint, &values));
    }
}

/// Hides secrets in the texts of a failure.
pub(super) fn hide_in_failure(failure: &mut Failure, documents: &Documents) {
    let values = all_secrets(documents);
    match failure {
        Failure::BadSettings(bad) | Failure::BadProfile(bad) | Failure::BadValues(bad) => {
            for BadValue { message, .. } in bad {
                hide(message, &values);
            }
        }
        Failure::Unsupported(why) | Failure::Internal(why) => hide(why, &values),
    }
}

fn all_secrets(documents: &Documents) -> Vec<&str> {
    let Documents { profile, values, settings, fleet, cluster } = documents;
    let all = [settings, profile, values, fleet, cluster];
    longest_first(all.into_iter().flat_map(secret_values).collect())
}

/// Sorts values, because a longer one may contain a shorter one.
fn longest_first(mut values: Vec<&str>) -> Vec<&str> {
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values
}

fn hide(text: &mut String, values: &[&str]) {
    if let Cow::Owned(shown) = hide_known_values(text, values) {
        *text = shown;
    }
    if let Cow::Owned(shown) = shown_text(text) {
        *text = shown;
    }
}
