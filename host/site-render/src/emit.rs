//! Emitting: proven values as documents, and documents as text.

mod application;
mod marker;
mod plugin_source;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use crate::charts::ChartJob;
use crate::codes;
use crate::config::{Config, Delivery};
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::fleet::Fleet;
use crate::gate::{Closed, Open, OpenSite};
use crate::inputs::Inputs;
use crate::json;
use crate::origin::Origin;
use crate::policies::Asked;
use crate::rendered::Rendered;
use crate::request::{Choice, ClosedGate, Form, Request, Target};
use crate::resources::Objects;
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

/// YAML in which a policy's reason stands above what it set, and in an object of several
/// layers the file above what it says, once for a row of lines.
fn block_yaml(root: &Node, annotate: bool) -> String {
    let told = RefCell::new(String::new());
    let is_object = root.get("kind").is_some() && !matches!(root.origin, Origin::Built(_));
    yaml::write(root, &|_, node| {
        let comment = match &node.origin {
            Origin::Policy(origin) => format!("{} ({})", origin.reason, origin.policy),
            Origin::File { file, .. } if is_object => file.name.clone(),
            _ => return None,
        };
        let again = told.replace(comment.clone()) == comment;
        (annotate && !again).then(|| wrapped(&comment))
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

/// The documents of an open site, or of the global cluster for its open sites.
pub(crate) fn documents(
    fleet: &Fleet,
    open: &Open,
    inputs: &Inputs,
    asked: &Asked,
    objects: &Objects,
    proven: &Proven,
    request: &Request,
) -> Result<Vec<Node>, Problems> {
    let documents = match (open, request.target) {
        (Open::Site(_), Target::Values) if request.merged => vec![proven.coalesced.clone()],
        (Open::Fleet(_), Target::Gateway(Form::Values)) if proven.overlay.is_empty() => Vec::new(),
        (Open::Site(_), Target::Values) | (Open::Fleet(_), Target::Gateway(Form::Values)) => {
            vec![proven.overlay.clone()]
        }
        (Open::Site(site), Target::Application) => {
            let plugin = plugin_source(fleet, site, &asked.given, request);
            vec![application(site, inputs, proven, plugin)]
        }
        (Open::Site(_), Target::Resources) | (Open::Fleet(_), Target::Global) => {
            objects.nodes().cloned().collect()
        }
        (Open::Site(site), Target::Manifests) => {
            let mut documents = fleet.world.charts.template(&job(site, inputs, proven)?)?;
            documents.extend(objects.nodes().cloned());
            documents
        }
        // The values and the objects of such a policy are two forms of one thing.
        (Open::Fleet(_), Target::Gateway(Form::Manifests)) => {
            let writers = asked.answers.iter().filter(|answer| !answer.plan.edits.is_empty());
            objects.of(|policy| writers.clone().any(|answer| answer.policy == policy))
        }
        (Open::Site(_), Target::Global | Target::Gateway(_)) | (Open::Fleet(_), _) => {
            return Err(no_target(request).into());
        }
    };
    if documents.is_empty() {
        return Err(codes::EMIT_NOTHING
            .finding(format!("{} is open and yet nothing is emitted", request.subject.told()))
            .hint("an empty answer would make Argo CD prune what is there; look at its policies")
            .into());
    }
    Ok(documents)
}

/// A target of an environment was asked of a site, or the other way round.
fn no_target(request: &Request) -> Finding {
    let message = format!("{} has no target `{}`", request.subject.told(), request.target.name());
    let hint = "global and gateway are of an environment, all other targets of a site";
    codes::EMIT_TARGET.finding(message).hint(hint)
}

/// The documents of a closed gate.
pub(crate) fn closed(closed: &Closed, request: &Request) -> Vec<Node> {
    match request.closed_gate {
        ClosedGate::Empty => Vec::new(),
        ClosedGate::Marker if request.target.is_values() => {
            vec![Node::empty("the gate is closed")]
        }
        ClosedGate::Marker => vec![marker::marker(closed)],
    }
}

/// The chart to run, with the config file among its values.
fn job(site: &OpenSite, inputs: &Inputs, proven: &Proven) -> Result<ChartJob, Problems> {
    let mut values = proven.user.clone();
    if let Some(Config { delivery: Delivery::Reference(reference), .. }) = &proven.config {
        let Some(slot) = proven.config.as_ref().and_then(Config::values) else {
            return Err(codes::CONFIG_UNREADABLE
                .finding(format!(
                    "{reference} cannot be read, and the chart cannot be rendered without it"
                ))
                .severity(Severity::Error)
                .stage(Stage::Emit)
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
        cluster: inputs.versions.told.clone(),
    })
}
