//! The pipeline of site-cmp: a site's profile in, its documents out.
//!
//! A pure function of its inputs: no clock, no environment variable, no standard
//! stream, no network, no thread. Files come from a [`tree::Tree`], decisions from
//! [`policy::Policies`]; the same inputs give the same bytes on every machine.
//!
//! [`render`] is the whole flow; the modules below stand in its order.

// What goes in.
pub mod charts;
pub mod cluster;
pub mod fleet;
pub mod jsonnet;
pub mod request;
pub mod setting;
mod sources;
pub mod tree;
pub mod world;
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
mod resources;
mod validate;
// What looks back at a render, or over a whole fleet.
pub mod announce;
pub mod check;
pub mod explain;
pub mod rendered;
// What all of them speak of.
mod build;
pub mod codes;
mod digest;
mod fields;
pub mod finding;
pub mod json;
pub mod json_schema;
pub mod keys;
pub mod lock;
pub mod origin;
pub mod policy;
mod schema;
mod secret;
#[cfg(test)]
mod trial;
pub mod value;
pub mod yaml;

pub use digest::sha256;

use config::Config;
use finding::Problems;
use fleet::Fleet;
use gate::Gate;
use rendered::{Outcome, Rendered, Trace};
use request::Request;

/// Renders one component: of one site, or of an environment's global cluster.
///
/// # Errors
/// Every problem that the first failing stage found, each with its place.
pub fn render(fleet: &Fleet, request: &Request) -> Result<Rendered, Problems> {
    let profiles = profile::read(fleet, &request.subject)?;
    let noticed =
        [profiles.warnings(), lock::stale_digest(&fleet.lock, request).as_slice()].concat();
    let component = profiles.component(request.component.as_deref())?;
    let open = match gate::decide(&profiles, &component)? {
        Gate::Open(open) => open,
        Gate::Closed(closed) => return Ok(Rendered::closed(closed, noticed, request)),
    };
    let inputs = inputs::gather(fleet, &open, request)?;
    let asked = policies::ask(fleet, &open, &inputs, request)?;
    let config = config::settle(fleet, &open, &asked.answers)?;
    let overlay = overlay::combine(&asked.answers, &inputs.base)?;
    let merged = validate::merge(&inputs, &overlay, config);
    let proven = validate::prove(fleet, &open, &inputs, &asked, merged)?;
    let objects = resources::combine(fleet, &open, &asked.answers)?;
    let documents = emit::documents(fleet, &open, &inputs, &asked, &objects, &proven, request)?;
    let checked = validate::check(&asked, &proven, objects.applied(request.target, &documents))?;

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
            &noticed[..],
            open.findings(),
            &inputs.findings,
            proven.config.as_ref().map_or(&[][..], |config| &config.findings),
            &asked.findings,
            &overlay.findings,
            &proven.findings,
            &objects.findings,
            &checked,
        ]
        .concat(),
        site: open.site(),
        environment: open.environment().name.clone(),
        component: component.name.clone(),
        outcome: Outcome::Open(Box::new(trace)),
    })
}
