//! Emitting: proven values as documents, and documents as text.

mod application;
mod marker;
mod plugin_source;
mod resources;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::sync::Arc;

use crate::config::{Config, Delivery};
use crate::finding::{Finding, Problems, Stage};
use crate::fleet::Fleet;
use crate::gate::{Closed, OpenSite};
use crate::inputs::Inputs;
use crate::json;
use crate::origin::{Origin, PolicyOrigin};
use crate::policies::Asked;
use crate::request::{ChartJob, ClosedGate, Rendered, Request, Target};
use crate::validate::Proven;
use crate::value::Node;
use crate::yaml;

use application::application;
use plugin_source::plugin_source;

/// How documents are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Block YAML, documents parted by `---`.
    Yaml {
        /// Whether each block of the overlay carries its reason as a comment.
        annotate: bool,
    },
    /// One line of JSON a document.
    Json,
}

/// The longest line of a comment, in characters.
const COMMENT_WIDTH: usize = 96;

/// The documents of a render as text that ends with a newline; empty where there are none.
pub fn write(rendered: &Rendered, format: Format) -> String {
    let documents = rendered.documents.iter();
    match format {
        Format::Json => json_lines(rendered).into_iter().map(|line| line + "\n").collect(),
        Format::Yaml { annotate } => {
            let texts: Vec<String> = documents.map(|node| block_yaml(node, annotate)).collect();
            texts.join("---\n")
        }
    }
}

/// The documents of a render as JSON, each one line without its end.
pub fn json_lines(rendered: &Rendered) -> Vec<String> {
    rendered.documents.iter().map(|node| json::to_string(&node.value)).collect()
}

/// YAML in which a policy's reason stands above what it set, once for a row of lines.
fn block_yaml(node: &Node, annotate: bool) -> String {
    let told: RefCell<Option<Arc<PolicyOrigin>>> = RefCell::new(None);
    yaml::write(node, &|_, node| {
        let Origin::Policy(origin) = &node.origin else { return None };
        let again = told.replace(Some(origin.clone())).is_some_and(|last| last == *origin);
        (annotate && !again).then(|| wrapped(&format!("{} ({})", origin.reason, origin.policy)))
    })
}

fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > COMMENT_WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

/// The documents of an open site.
pub(crate) fn documents(
    fleet: &Fleet,
    site: &OpenSite,
    inputs: &Inputs,
    asked: &Asked,
    proven: &Proven,
    request: &Request,
) -> Result<Vec<Node>, Problems> {
    let documents = match request.target {
        Target::Values if request.merged => vec![proven.coalesced.clone()],
        Target::Values => vec![proven.overlay.clone()],
        Target::Application => {
            let plugin = plugin_source(fleet, site, &asked.given, request);
            vec![application(site, inputs, proven, plugin)]
        }
        Target::Resources => resources::resources(site, &asked.answers)?,
        Target::Manifests => {
            let mut documents =
                fleet.world.charts.template(&job(site, inputs, proven, request)?)?;
            documents.extend(resources::resources(site, &asked.answers)?);
            documents
        }
    };
    if documents.is_empty() {
        return Err(Finding::error(
            Stage::Emit,
            "emit/nothing",
            format!("site `{}` is open and yet nothing is emitted", site.name),
        )
        .hint("an empty answer would make Argo CD prune the site; look at its policies")
        .into());
    }
    Ok(documents)
}

/// The documents of a closed gate.
pub(crate) fn closed(closed: &Closed, request: &Request) -> Vec<Node> {
    match (request.closed_gate, request.target) {
        (ClosedGate::Empty, _) => Vec::new(),
        (ClosedGate::Marker, Target::Values) => vec![Node::empty("the gate is closed")],
        (ClosedGate::Marker, _) => vec![marker::marker(closed)],
    }
}

/// The chart to run, with the config file among its values.
fn job(
    site: &OpenSite,
    inputs: &Inputs,
    proven: &Proven,
    request: &Request,
) -> Result<ChartJob, Problems> {
    let mut values = proven.user.clone();
    if let Some(Config { delivery: Delivery::Reference(reference), .. }) = &proven.config {
        let Some(slot) = proven.config.as_ref().and_then(Config::values) else {
            return Err(Finding::error(
                Stage::Emit,
                "config/unreadable",
                format!("{reference} cannot be read, and the chart cannot be rendered without it"),
            )
            .hint("map its source with --source NAME=DIR")
            .into());
        };
        values = crate::merge::files(&values, &slot);
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
        cluster: request.cluster.clone(),
    })
}
