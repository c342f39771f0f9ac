//! The note that says why an overlay is empty.

use crate::codes;
use site_render::finding::{Finding, Stage};
use site_render::rendered::{Outcome, Rendered};
use site_render::request::Target;

/// Returns the key that closed the gate of an empty overlay: unlike a marker, `{}` does not say
/// it itself.
pub(crate) fn note(rendered: &Rendered, target: Target) -> Option<Finding> {
    let Outcome::Closed(closed) = &rendered.outcome else {
        return None;
    };
    let whose = if rendered.site.is_empty() { "environment" } else { "site" };
    let message = format!(
        "the gate of {} is closed for {whose} {}: {} {}",
        rendered.component,
        rendered.name(),
        closed.key,
        closed.reason
    );
    let is_told = rendered.findings.iter().any(|f| f.stage == Stage::Gate);
    let note = codes::GATE_CLOSED.finding(message).at(closed.place.clone());
    (target.is_values() && !is_told).then_some(note)
}
