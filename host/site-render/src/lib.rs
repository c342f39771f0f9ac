//! The pipeline of site-cmp: a site's profile in, its documents out.
//!
//! A pure function of its inputs: no clock, no environment variable, no standard
//! stream, no network, no thread. Files come from a [`tree::Tree`], decisions from
//! [`policy::Policies`]; the same inputs give the same bytes on every computer.
//!
//! [`render`] is the whole flow, with one line for each stage.

// The inputs of a render.
pub mod charts;
pub mod fleet;
pub mod jsonnet;
pub mod known_files;
pub mod progress;
pub mod request;
pub mod setting;
pub mod tree;
pub mod world;

// The stages, in the order of `render()`. Each reads its files through `sources`, which is
// therefore no line of `render()`. The empty lines keep rustfmt from sorting the modules.
mod sources;

pub mod profile;

pub mod gate;

mod inputs;

mod policies;

pub mod app_config;

mod overlay;

mod merge;

mod validate;

mod resources;

pub mod emit;

mod checks;

// The result of a render, and commands that look back at it or render a whole fleet.
pub mod announce;
pub mod copies;
pub mod explain;
pub mod fleet_check;
pub mod rendered;

// The parts of a fleet, each with its cache.
pub mod cluster;
pub mod dependencies;
pub mod deploy_rules;
pub mod environment;
mod environments;
mod files;
pub mod lock;
mod memo;
mod policy_store;
pub mod refresh_paths;
mod schema_store;

// The ground: types and rules that every module above may use.
mod base64;
mod chart_version;
pub mod codes;
mod digest;
pub mod disclosure;
mod fields;
pub mod finding;
mod finding_list;
mod findings;
pub mod helm_merge;
pub mod json;
pub mod json_schema;
pub mod keys;
pub mod memory;
mod node_builder;
pub mod origin;
pub mod policy;
#[cfg(test)]
mod scaling_tests;
mod schema;
mod source_url;
pub mod suggestion;
#[cfg(test)]
mod test_support;
pub mod value;
pub mod vocabulary;
pub mod yaml;

pub use digest::{is_sha256, sha256};
pub use inputs::{ListedValuesFile, ValuesFileState};

use app_config::AppConfig;
use finding::Problems;
use findings::Findings;
use fleet::Fleet;
use gate::Gate;
use memory::MemoryBudget;
use policies::plan_texts::documents_read;
use rendered::{Outcome, Rendered, Trace};
use request::Request;

/// Renders one component: of one site, or of an environment's global cluster. If the component is
/// disabled (its gate is closed), the result has the documents of a disabled component and the
/// reason.
///
/// # Errors
/// Every problem that the first failing stage reports, each with its place.
pub fn render(fleet: &Fleet, request: &Request) -> Result<Rendered, Problems> {
    let Fleet { files, environments, policies: store, modules, schemas, .. } = fleet;
    let memory = &MemoryBudget::of_render();
    let read = &fleet.record();
    let mut findings = Findings::watched_by(&files.world.progress);
    let profiles = profile::read_profiles(environments, &request.subject, memory)?;
    let profiles = findings.collect(profiles);
    findings.collect(store.lock.check_for(request));
    let component = profiles.component(request.component.as_deref())?;
    let open = match findings.collect(gate::evaluate_gate(&profiles, &component)?) {
        Gate::Open(open) => open,
        Gate::Closed(closed) => {
            request.check_watched(&read.so_far())?;
            return Ok(Rendered::closed(closed, findings.into_vec(), request));
        }
    };
    let inputs = findings.collect(inputs::gather_inputs(files, &open, request, memory)?);
    let evaluated = policies::evaluate_policies(store, &open, &inputs, request, memory)?;
    let evaluated = findings.collect(evaluated);
    findings.hide_secrets_of(documents_read(&evaluated.answers));
    let config = app_config::resolve(modules, &open, &evaluated.answers);
    let config = findings.collect_result(config)?;
    let overlay = overlay::combine_edits(&evaluated.answers, &inputs.base);
    let overlay = findings.collect_result(overlay)?;
    let merged = findings.collect(merge::merge_values(&inputs, &overlay, config)?);
    let proven =
        validate::prove_values(schemas, &modules.flows, &open, &inputs, &evaluated, merged);
    let proven = findings.collect_result(proven)?;
    let objects = resources::combine(files, &open, &evaluated.answers, memory);
    let objects = findings.collect_result(objects)?;
    let context = emit::RenderContext { request, read, charts: &*files.world.charts };
    let documents = emit::documents(context, &open, &inputs, &evaluated, &objects, &proven);
    let documents = findings.collect_result(documents)?;
    let applied = objects.applied_objects(request.target, &documents);
    findings.collect_result(checks::run_checks(&evaluated, &proven, applied))?;
    request.check_watched(&read.so_far())?;

    let config = proven.config.as_ref();
    let trace = Trace {
        value_files: inputs.listed,
        layers: inputs.layers.into_iter().chain(config.and_then(AppConfig::values_layer)).collect(),
        answers: evaluated.answers,
        overlay: proven.overlay,
        merged: proven.coalesced,
    };
    Ok(Rendered {
        documents,
        findings: findings.into_vec(),
        site: open.site(),
        environment: open.environment().name.clone(),
        component: component.name.clone(),
        outcome: Outcome::Open(Box::new(trace)),
    })
}
