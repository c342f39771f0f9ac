//! The emit stage: validated values and objects as documents.

mod application;
mod generate_paths;
mod limits;
mod marker;
mod plugin_source;
mod text;
#[cfg(test)]
mod tests;

use crate::app_config::{AppConfig, Delivery};
use crate::charts::{ChartJob, Charts};
use crate::codes;
use crate::dependencies::Recording;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::findings::{Reported, Reporter};
use crate::gate::{Closed, Open, OpenSite};
use crate::inputs::Inputs;
use crate::policies::Evaluated;
use crate::request::{Choice, ClosedGate, Form, Request, Target};
use crate::resources::Objects;
use crate::validate::Proven;
use crate::value::Node;

pub use text::{Format, json_lines, write};

use application::build_application;
use plugin_source::build_plugin_source;

/// The render that emits the documents.
#[derive(Clone, Copy)]
pub(crate) struct RenderContext<'r> {
    /// The request.
    pub(crate) request: &'r Request,
    /// The files that it has read.
    pub(crate) read: &'r Recording,
    /// The program that renders charts.
    pub(crate) charts: &'r dyn Charts,
}

/// Returns the documents of an open site, or of the global cluster for its open sites.
pub(crate) fn documents(
    context: RenderContext<'_>,
    open: &Open,
    inputs: &Inputs,
    evaluated: &Evaluated,
    objects: &Objects,
    proven: &Proven,
) -> Result<Reported<Vec<Node>>, Problems> {
    let RenderContext { request, read, charts } = context;
    if let (Open::Site(site), Target::Application | Target::Values | Target::Manifests) =
        (open, request.target)
        && evaluated.answers.iter().all(|answer| answer.plan.edits.is_empty())
    {
        return Err(unedited_chart(site).into());
    }
    let documents = match (open, request.target) {
        (Open::Site(_), Target::Values) if request.merged => vec![proven.coalesced.clone()],
        (Open::Fleet(_), Target::Gateway(Form::Values)) if proven.overlay.is_empty() => Vec::new(),
        (Open::Site(_), Target::Values) | (Open::Fleet(_), Target::Gateway(Form::Values)) => {
            vec![proven.overlay.clone()]
        }
        (Open::Site(site), Target::Application) => {
            let plugin = build_plugin_source(site, evaluated, request);
            vec![build_application(site, inputs, proven, &read.so_far(), plugin)]
        }
        (Open::Site(_), Target::Resources) | (Open::Fleet(_), Target::Global) => {
            objects.nodes().cloned().collect()
        }
        (Open::Site(site), Target::Manifests) => {
            let mut documents = charts.template(&chart_job(site, inputs, proven)?)?;
            documents.extend(objects.nodes().cloned());
            documents
        }
        // A policy that edits the gateway's values returns the same routes as objects too. This
        // form emits only the objects of such policies.
        (Open::Fleet(_), Target::Gateway(Form::Manifests)) => {
            let writers = evaluated.answers.iter().filter(|answer| !answer.plan.edits.is_empty());
            objects.of(|policy| writers.clone().any(|answer| answer.policy == policy))
        }
        (Open::Site(_), Target::Global | Target::Gateway(_)) | (Open::Fleet(_), _) => {
            return Err(target_error(request).into());
        }
    };
    if request.target == Target::Application
        && let Some(null) = limits::null_finding(&proven.overlay)
    {
        return Err(null.into());
    }
    if documents.is_empty() {
        return Err(codes::EMIT_NOTHING
            .finding(format!("{} is open, but no document is emitted", request.subject.label()))
            .hint("check its policies: Argo CD would prune all objects for an empty answer")
            .into());
    }
    let large =
        if request.target.is_values() { Vec::new() } else { limits::size_findings(&documents) };
    Ok(Reported::new(Reporter::Emit, documents, large))
}

/// Returns the error for a chart that no policy edits: a site would get all of it.
fn unedited_chart(site: &OpenSite) -> Finding {
    let OpenSite { name, component, environment, policies, .. } = site;
    let why = if policies.is_empty() {
        "it has no policies"
    } else {
        "none of its policies sets a value"
    };
    let message = format!(
        "component `{}` would install chart {} at site `{name}` as it is: {why}",
        component.name, component.chart
    );
    let hint = format!(
        "list the policies under components.{}.policies of the environment",
        component.name
    );
    let listed = policies.values().next().and_then(|settings| settings.origin.key_place());
    codes::OVERLAY_EMPTY
        .finding(message)
        .at(listed.or_else(|| environment.place.clone()))
        .hint(hint)
}

/// Returns the error for a target of an environment that was requested for a site, or the reverse.
fn target_error(request: &Request) -> Finding {
    let message = format!("{} has no target `{}`", request.subject.label(), request.target.name());
    let hint = "use global and gateway for an environment, and all other targets for a site";
    codes::EMIT_TARGET.finding(message).hint(hint)
}

/// Returns the documents of a closed gate.
pub(crate) fn closed(closed: &Closed, request: &Request) -> Vec<Node> {
    match request.closed_gate {
        ClosedGate::Empty => Vec::new(),
        ClosedGate::Marker if request.target.is_values() => {
            vec![Node::empty("the gate is closed")]
        }
        ClosedGate::Marker => vec![marker::build_marker(closed)],
    }
}

/// Returns the chart to render, with the configuration file among its values.
fn chart_job(site: &OpenSite, inputs: &Inputs, proven: &Proven) -> Result<ChartJob, Problems> {
    let mut values = proven.user.clone();
    if let Some(AppConfig { delivery: Delivery::Reference(reference), .. }) = &proven.config {
        let Some(slot) = proven.config.as_ref().and_then(AppConfig::as_values) else {
            return Err(codes::CONFIG_UNREADABLE
                .finding(format!(
                    "{reference} cannot be read, and the chart cannot be rendered without it"
                ))
                .severity(Severity::Error)
                .stage(Stage::Emit)
                .hint("map its source with --source NAME=DIR")
                .into());
        };
        values = crate::helm_merge::merge_files(&values, &slot);
    }
    let component = &site.component;
    Ok(ChartJob {
        name: inputs.chart.0.clone(),
        repository: component.repository.clone(),
        version: inputs.chart.1.clone(),
        location: inputs.local_chart.as_ref().map(|chart| chart.location.clone()),
        release: component.release.clone(),
        namespace: component.namespace.clone(),
        values,
        cluster: inputs.versions.effective.clone(),
    })
}
