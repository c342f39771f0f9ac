//! The note that explains an empty overlay.

use site_render::codes;
use site_render::finding::{Finding, Stage};
use site_render::rendered::{Outcome, Rendered};
use site_render::request::Target;

/// Returns a note with the key that closed the gate, if the output is a values document: unlike
/// a marker, `{}` does not explain itself.
pub(crate) fn closed_gate_note(rendered: &Rendered, target: Target) -> Option<Finding> {
    let Outcome::Closed(closed) = &rendered.outcome else {
        return None;
    };
    let subject = if rendered.site.is_empty() { "environment" } else { "site" };
    let message = format!(
        "the gate of {} is closed for {subject} {}: {} {}",
        rendered.component,
        rendered.name(),
        closed.key,
        closed.reason
    );
    let is_reported = rendered.findings.iter().any(|f| f.stage == Stage::Gate);
    let note = codes::GATE_CLOSED.finding(message).at(closed.place.clone());
    (target.is_values() && !is_reported).then_some(note)
}
