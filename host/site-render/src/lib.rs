//! The pipeline of site-cmp: a site's profile in, its documents out.
//!
//! A pure function of its inputs: no clock, no environment variable, no standard
//! stream, no network, no thread. Files come from a [`tree::Tree`], decisions from
//! [`policy::Policies`]; the same inputs give the same bytes on every machine.
//!
//! [`render`] is the whole flow; the modules below stand in its order.

// What goes in.
pub mod fleet;
pub mod request;
pub mod setting;
mod sources;
pub mod tree;
// The stages.
pub mod config;
pub mod emit;
pub mod environment;
pub mod gate;
mod inputs;
pub mod merge;
mod overlay;
mod policies;
pub mod profile;
mod validate;
// What looks back at a render, or over a whole fleet.
pub mod announce;
pub mod check;
pub mod explain;
// What all of them speak of.
mod build;
mod fields;
pub mod finding;
pub mod json;
pub mod lock;
pub mod origin;
pub mod policy;
mod schema;
#[cfg(test)]
mod trial;
pub mod value;
pub mod yaml;

pub use policies::sha256;

use config::Config;
use finding::Problems;
use fleet::Fleet;
use gate::Gate;
use request::{Outcome, Rendered, Request, Trace};

/// Renders one component of one site.
///
/// # Errors
/// Every problem that the first failing stage found, each with its place.
pub fn render(fleet: &Fleet, request: &Request) -> Result<Rendered, Problems> {
    let mut profile = profile::read(fleet, &request.subject)?;
    profile.warnings.extend(lock::stale(&fleet.lock, request));
    let component = profile.component(request.component.as_deref())?;
    let site = match gate::decide(&profile, &component)? {
        Gate::Open(site) => site,
        Gate::Closed(closed) => return Ok(Rendered::closed(closed, profile.warnings, request)),
    };
    let inputs = inputs::gather(fleet, &site, request)?;
    let asked = policies::ask(fleet, &site, &inputs, request)?;
    let config = config::settle(fleet, &site, &asked.answers)?;
    let overlay = overlay::combine(&asked.answers, &inputs.base)?;
    let merged = validate::merge(&inputs, &overlay, config);
    let proven = validate::prove(fleet, &site, &inputs, &asked, merged)?;
    let documents = emit::documents(fleet, &site, &inputs, &asked, &proven, request)?;

    let config = proven.config.as_ref();
    let trace = Trace {
        layers: inputs.layers.into_iter().chain(config.and_then(Config::layer)).collect(),
        answers: asked.answers,
        overlay: proven.overlay,
        merged: proven.coalesced,
    };
    Ok(Rendered {
        documents,
        findings: [
            profile.warnings,
            site.warnings,
            inputs.findings,
            proven.config.map_or_else(Vec::new, |config| config.findings),
            asked.findings,
            overlay.findings,
            proven.findings,
        ]
        .concat(),
        site: site.name,
        environment: site.environment.name.clone(),
        component: component.name.clone(),
        outcome: Outcome::Open(Box::new(trace)),
    })
}
