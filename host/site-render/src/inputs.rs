//! The inputs of an open site: layers of base values, the config file, versions.
//!
//! A values file that cannot be read is never skipped in silence: it stays in the
//! Application, and a finding names it.

mod reference;

use std::sync::Arc;

pub(crate) use reference::fill;
use reference::locate;

use crate::environment::ConfigSlot;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::fleet::Fleet;
use crate::gate::OpenSite;
use crate::merge;
use crate::origin::{Place, SourceFile};
use crate::request::{Chart, Cluster, Layer, Request};
use crate::sources;
use crate::value::{Mapping, Node, Value};
use crate::yaml::{self, Parsed};

/// What the later stages of a site work on.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// Layers of base values, weakest first; the chart's defaults first of all.
    pub(crate) layers: Vec<Layer>,
    /// The layers over the chart's defaults, merged; nulls kept.
    pub(crate) files: Node,
    /// All layers merged: what policies read.
    pub(crate) base: Node,
    /// References to values files for the Application, in order.
    pub(crate) value_files: Vec<String>,
    /// The config file.
    pub(crate) config: Option<ConfigFile>,
    /// Name and version of the chart.
    pub(crate) chart: (String, String),
    /// The chart, where it is at hand.
    pub(crate) local_chart: Option<Arc<Chart>>,
    /// Versions of the cluster, as policies see them.
    pub(crate) cluster: Node,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// The component's configuration file.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// The Helm value it becomes.
    pub(crate) parameter: String,
    /// Its reference.
    pub(crate) reference: String,
    /// Its text, where it can be read.
    pub(crate) text: Option<Arc<SourceFile>>,
}

/// Gathers the inputs of an open site.
pub(crate) fn gather(
    fleet: &Fleet,
    site: &OpenSite,
    request: &Request,
) -> Result<Inputs, Problems> {
    let mut findings = Vec::new();
    let mut layers = Vec::new();
    let chart = request.chart.as_ref();
    if let Some(chart) = chart {
        layers.push(Layer {
            name: format!("chart {} {}", chart.name, chart.version),
            values: chart.values.clone(),
        });
    }
    let value_files = value_files(fleet, site, &mut layers, &mut findings)?;
    for file in &request.values {
        let parsed = yaml::read(file)?;
        push(&mut layers, &mut findings, file.name.clone(), &parsed)?;
    }
    let config = site
        .component
        .config
        .as_ref()
        .map(|slot| config(fleet, site, slot, &mut findings))
        .transpose()?;
    let files = merged(&layers[usize::from(chart.is_some())..]);
    let base = chart.map_or_else(|| files.clone(), |chart| merge::files(&chart.values, &files));
    let chart = chart.map_or_else(
        || (site.component.chart.clone(), site.component.version.clone()),
        |chart| (chart.name.clone(), chart.version.clone()),
    );
    Ok(Inputs {
        layers,
        files,
        base,
        value_files,
        config,
        cluster: cluster(&request.cluster, &chart),
        chart,
        local_chart: request.chart.clone(),
        findings,
    })
}

fn merged(layers: &[Layer]) -> Node {
    layers
        .iter()
        .fold(Node::empty("base values"), |below, layer| merge::files(&below, &layer.values))
}

/// Reads the environment's values files; gives their references.
fn value_files(
    fleet: &Fleet,
    site: &OpenSite,
    layers: &mut Vec<Layer>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<String>, Problems> {
    let mut references = Vec::new();
    for (template, place) in &site.component.value_files {
        let reference = fill(template, site);
        match locate(fleet, site, &reference, place.clone())? {
            Some(file) => match file.document(fleet, template) {
                Ok(parsed) => push(layers, findings, reference.clone(), &parsed)?,
                Err(finding) if finding.code == "file/missing" => findings.push(
                    Finding::note(
                        Stage::Inputs,
                        "values/absent",
                        format!("{reference} is not there and adds nothing"),
                    )
                    .at(place.clone()),
                ),
                Err(finding) => return Err(finding.into()),
            },
            None => findings.push(unreadable(site, &reference, place.clone())),
        }
        references.push(reference);
    }
    Ok(references)
}

/// Adds a layer; an empty file adds nothing, anything but a mapping is refused.
fn push(
    layers: &mut Vec<Layer>,
    findings: &mut Vec<Finding>,
    name: String,
    parsed: &Parsed,
) -> Result<(), Problems> {
    findings.extend(parsed.warnings.iter().cloned());
    match &parsed.root.value {
        Value::Null => Ok(()),
        Value::Mapping(_) => {
            layers.push(Layer { name, values: parsed.root.clone() });
            Ok(())
        }
        _ => Err((*crate::fields::wrong_kind(
            Stage::Inputs,
            &name,
            "a mapping of Helm values",
            &parsed.root,
        ))
        .into()),
    }
}

fn unreadable(site: &OpenSite, reference: &str, place: Option<Place>) -> Finding {
    let name =
        reference.strip_prefix('$').and_then(|rest| rest.split('/').next()).unwrap_or(reference);
    let mut finding = Finding::note(
        Stage::Inputs,
        "values/unreadable",
        format!("{reference} cannot be read here: source `{name}` is not in the tree, so what it switches on by other names cannot be seen"),
    )
    .at(place)
    .hint(format!("map it with --source {name}=DIR, or in the environment's `sources`"));
    if site.environment.unreadable_is_error {
        finding.severity = Severity::Error;
    }
    finding
}

/// The config file: chosen by the profile, else the component's default.
fn config(
    fleet: &Fleet,
    site: &OpenSite,
    slot: &ConfigSlot,
    findings: &mut Vec<Finding>,
) -> Result<ConfigFile, Problems> {
    let (reference, place) = match &site.config {
        Some((chosen, place)) => (chosen.clone(), place.clone()),
        None => (fill(&slot.default, site), None),
    };
    let located = locate(fleet, site, &reference, place.clone())?;
    if located.is_none() {
        let message = format!("{reference} cannot be read here and goes out unchecked");
        findings.push(Finding::note(Stage::Inputs, "config/unreadable", message).at(place.clone()));
    }
    let text = located
        .map(|file| {
            sources::text(&*file.tree, &file.path, &file.name)
                .map_err(|error| error.into_finding(&file.name, place.clone()))
        })
        .transpose()?;
    if let Some(file) = text.as_ref().filter(|file| file.text.trim().is_empty()) {
        return Err(Finding::error(Stage::Inputs, "config/empty", format!("{} is empty", file.name))
            .at(place.or_else(|| Some(Place { file: file.clone(), at: crate::origin::Position { line: 1, column: 1 } })))
            .hint("the chart mounts nothing for an empty file, and the image's own configuration runs instead")
            .into());
    }
    Ok(ConfigFile { parameter: slot.parameter.clone(), reference, text })
}

/// Versions as the contract's `cluster` document.
fn cluster(cluster: &Cluster, (name, version): &(String, String)) -> Node {
    let text = |text: &str| Node::built(Value::Text(Arc::from(text)), "versions");
    let map = |entries: Vec<(&str, Node)>| {
        let mapping: Mapping =
            entries.into_iter().map(|(key, node)| (Arc::from(key), node)).collect();
        Node::built(Value::Mapping(Arc::new(mapping)), "versions")
    };
    let mut entries = vec![("chart", map(vec![("name", text(name)), ("version", text(version))]))];
    if let Some(version) = &cluster.kube_version {
        entries.push(("kubeVersion", text(version)));
    }
    let apis = cluster.api_versions.iter().map(|api| text(api)).collect();
    entries.push(("apiVersions", Node::built(Value::Sequence(Arc::new(apis)), "versions")));
    map(entries)
}
