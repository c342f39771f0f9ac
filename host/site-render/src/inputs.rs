//! The inputs stage: layers of base values, and the versions of the cluster.
//!
//! A values file that cannot be read is never skipped silently: it stays in the
//! Application, and a finding names it.

mod collector;
mod pattern;
mod pattern_part;
mod reference;
mod removed;
mod revisions;
mod value_files;

use std::sync::Arc;

pub(crate) use reference::{Located, fill_template, locate_file, of_one_site, split_reference};

use crate::chart_version::ChartVersion;
use crate::charts::Chart;
use crate::cluster::{self, Versions};
use crate::codes;
use crate::deploy_rules::DeployRules;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems};
use crate::findings::{Reported, Reporter};
use crate::gate::{Open, OpenSite};
use crate::helm_merge;
use crate::helm_merge::{ChartDefaults, HelmVersion, ValuesLayer};
use crate::memory::MemoryBudget;
use crate::node_builder::{list, map, text};
use crate::origin::Location;
use crate::request::{Cluster, Request};
use crate::sources;
use crate::value::Node;

use collector::ValuesCollector;

/// The inputs of the later stages.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// Layers of base values, weakest first; the chart's defaults first of all.
    pub(crate) layers: Vec<ValuesLayer>,
    /// The layers over the chart's defaults, merged; nulls stay.
    pub(crate) files: Node,
    /// All layers merged: the `values` document of policies.
    pub(crate) base: Node,
    /// References to values files for the Application, in order.
    pub(crate) value_files: Vec<String>,
    /// The references of the environment for this site, and what became of each.
    pub(crate) listed: Vec<ListedValuesFile>,
    /// Values of files that Argo CD cannot read: they are emitted below the policies' edits.
    pub(crate) inline: Node,
    /// Name and version of the chart.
    pub(crate) chart: (String, String),
    /// The chart, if it is available.
    pub(crate) local_chart: Option<Arc<Chart>>,
    /// The Helm that renders the chart, if the environment says it.
    pub(crate) helm: Option<HelmVersion>,
    /// Versions of the cluster.
    pub(crate) versions: Versions,
    /// The `cluster` document of policies.
    pub(crate) cluster: Node,
}

/// A values file that the environment lists, for one site.
#[derive(Clone, Debug)]
pub struct ListedValuesFile {
    /// The reference as the environment has it, with placeholders.
    pub template: String,
    /// Its place there.
    pub place: Option<Location>,
    /// The reference for the site; a file of a pattern, or a pattern that has none.
    pub reference: String,
    /// Whether it was read.
    pub state: ValuesFileState,
}

/// Whether a values file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValuesFileState {
    /// Its values are known.
    Read,
    /// It does not exist, so Argo CD ignores it.
    Missing,
    /// Its source is not available: Argo CD may find values in it.
    Unseen,
}

/// Gathers the inputs of an open site, or of a fleet.
pub(crate) fn gather_inputs(
    files: &FleetFiles,
    open: &Open,
    request: &Request,
    memory: &MemoryBudget,
) -> Result<Reported<Inputs>, Problems> {
    // No Helm reads the files of a global cluster: their documents are merged here.
    let helm = match open {
        Open::Site(site) => site.environment.helm,
        Open::Fleet(_) => Some(HelmVersion::Four),
    };
    let mut collector = ValuesCollector::new(files, helm, memory);
    let value_files = match open {
        Open::Site(site) => collector.read_site_files(site)?,
        Open::Fleet(all) => collector.read_global_files(&all.global)?,
    };
    for file in &request.values {
        // The caller has such a file already, so it is not emitted.
        collector.add_layer(
            file.name.clone(),
            &sources::parse_alone(&files.world, file)?,
            false,
        )?;
    }
    let ValuesCollector { mut layers, inline, unread, listed, mut findings, .. } = collector;
    findings.extend(check_rules(&files.world.rules, open));
    findings.extend(compare_chart(open, request));
    let (versions, noticed) = cluster::resolve_versions(files, open, request)?;
    findings.extend(noticed);
    let version = lowest_version(open, request)?;
    if findings.has_error() {
        return Err(findings.into());
    }
    let files = merge_layers(&layers, |below, layer| {
        removed::report_removed(below, layer, &mut findings);
    });
    let (base, chart) = if let Some(chart) = &request.chart {
        layers.splice(0..0, chart.defaults.layers());
        let ChartDefaults { name, version, values, .. } = &chart.defaults;
        (helm_merge::merge_files(values, &files), (name.clone(), version.clone()))
    } else {
        let component = open.component();
        (files.clone(), (component.chart.clone(), component.version.clone()))
    };
    let inputs = Inputs {
        layers,
        files,
        base,
        value_files,
        listed,
        inline: merge_layers(&inline, |_, _| {}),
        cluster: cluster_document(open, &versions.effective, &(chart.0.clone(), version), &unread),
        versions,
        chart,
        local_chart: request.chart.clone(),
        helm: open.environment().helm,
    };
    Ok(Reported::new(Reporter::Inputs, inputs, findings.into_vec()))
}

/// Checks the component of a site by the rules of the operator.
fn check_rules(rules: &DeployRules, open: &Open) -> Vec<Finding> {
    let Open::Site(site) = open else { return Vec::new() };
    let OpenSite { component, environment, .. } = &**site;
    let (project, place) = &component.project;
    let project = rules.check_project(project).map(|finding| finding.at(place.clone()));
    let namespace = rules.check_namespace(&component.name, &component.namespace);
    let namespace = namespace.map(|finding| finding.at(environment.place.clone()));
    project.into_iter().chain(namespace).collect()
}

/// Compares a local chart with the one that a site's environment names.
fn compare_chart(open: &Open, request: &Request) -> Option<Finding> {
    let Open::Site(site) = open else { return None };
    let OpenSite { component, environment, .. } = &**site;
    let other = request.chart.as_ref()?.compare(&component.chart, &component.version)?;
    Some(other.at(environment.place.clone()))
}

/// Returns the version of the chart that policies see: of a range the lowest one.
fn lowest_version(open: &Open, request: &Request) -> Result<String, Problems> {
    if let Some(chart) = &request.chart {
        return Ok(chart.defaults.version.clone());
    }
    let component = open.component();
    let lowest = ChartVersion::read(&component.version).and_then(|version| version.lowest());
    lowest.map_err(|why| {
        let message = format!("chart.version `{}` {why}", component.version);
        let hint = "name one version, or a range inside one major such as `~3.1.0` or `>=3.1.0 <4`";
        let place = open.environment().place.clone();
        codes::CHART_RANGE.finding(message).at(place).hint(hint).into()
    })
}

/// Merges layers, weakest first; `before` gets what is below each layer, and the layer.
fn merge_layers(layers: &[ValuesLayer], mut before: impl FnMut(&Node, &ValuesLayer)) -> Node {
    let mut merged = Node::empty("base values");
    for layer in layers {
        before(&merged, layer);
        helm_merge::merge_into(&mut merged, &layer.values);
    }
    merged
}

/// Builds the contract's `cluster` document: versions, the release and unread references.
/// A global cluster has no release of the component's chart and no configuration.
fn cluster_document(
    open: &Open,
    cluster: &Cluster,
    (name, version): &(String, String),
    unread: &[String],
) -> Node {
    let mut entries = vec![
        ("chart", map([("name", text(name)), ("version", text(version))])),
        ("apiVersions", list(cluster.api_versions.iter().map(text))),
        ("unread", list(unread.iter().map(text))),
    ];
    entries.extend(cluster.kube_version.as_ref().map(|version| ("kubeVersion", text(version))));
    if let Open::Site(site) = open {
        let component = &site.component;
        let release =
            [("name", text(&component.release)), ("namespace", text(&component.namespace))];
        entries.push(("release", map(release)));
        let config = component.config.as_ref();
        entries.extend(config.map(|slot| ("config", map([("parameter", text(&slot.parameter))]))));
    }
    map(entries)
}
