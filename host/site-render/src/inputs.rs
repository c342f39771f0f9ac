//! The inputs stage: layers of base values, and the versions of the cluster.
//!
//! A values file that cannot be read is never skipped silently: it stays in the
//! Application, and a finding names it.

mod reference;
mod value_files;

use std::sync::Arc;

pub(crate) use reference::{Located, fill_template, locate_file, of_one_site, split_reference};

use crate::charts::Chart;
use crate::cluster::{self, Versions};
use crate::codes;
use crate::deploy_rules::DeployRules;
use crate::environment::Global;
use crate::fields::wrong_kind;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::gate::{Open, OpenSite};
use crate::helm_merge;
use crate::helm_merge::ValuesLayer;
use crate::memory::MemoryBudget;
use crate::node_builder::{list, map, text};
use crate::origin::{Location, is_jsonnet};
use crate::request::{Cluster, Request};
use crate::sources;
use crate::value::{Node, Value};
use crate::yaml::Parsed;

use value_files::{ValuesReference, resolve_value_files};

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
    /// Values of files that Argo CD cannot read: they are emitted below the policies' edits.
    pub(crate) inline: Node,
    /// Name and version of the chart.
    pub(crate) chart: (String, String),
    /// The chart, if it is available.
    pub(crate) local_chart: Option<Arc<Chart>>,
    /// Versions of the cluster.
    pub(crate) versions: Versions,
    /// The `cluster` document of policies.
    pub(crate) cluster: Node,
}

/// Gathers the inputs of an open site, or of a fleet.
pub(crate) fn gather_inputs(
    files: &FleetFiles,
    open: &Open,
    request: &Request,
    memory: &MemoryBudget,
) -> Result<Reported<Inputs>, Problems> {
    let mut collector = ValuesCollector::new(files, memory);
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
    let ValuesCollector { mut layers, inline, unread, mut findings, .. } = collector;
    findings.extend(check_rules(&files.world.rules, open));
    findings.extend(compare_chart(open, request));
    let (versions, noticed) = cluster::resolve_versions(files, open, request)?;
    findings.extend(noticed);
    if findings.has_error() {
        return Err(findings.into());
    }
    let files = merge_layers(&layers);
    let (base, chart) = if let Some(chart) = &request.chart {
        let name = format!("chart {} {}", chart.name, chart.version);
        layers.insert(0, ValuesLayer { name, values: chart.values.clone() });
        (
            helm_merge::merge_files(&chart.values, &files),
            (chart.name.clone(), chart.version.clone()),
        )
    } else {
        let component = open.component();
        (files.clone(), (component.chart.clone(), component.version.clone()))
    };
    let inputs = Inputs {
        layers,
        files,
        base,
        value_files,
        inline: merge_layers(&inline),
        cluster: cluster_document(open, &versions.effective, &chart, &unread),
        versions,
        chart,
        local_chart: request.chart.clone(),
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

fn merge_layers(layers: &[ValuesLayer]) -> Node {
    let mut merged = Node::empty("base values");
    for layer in layers {
        helm_merge::merge_into(&mut merged, &layer.values);
    }
    merged
}

/// Reads values files and collects their layers.
struct ValuesCollector<'f> {
    files: &'f FleetFiles,
    memory: &'f MemoryBudget,
    /// Layers over the chart's defaults, weakest first.
    layers: Vec<ValuesLayer>,
    /// The layers in Jsonnet, which Helm cannot read.
    inline: Vec<ValuesLayer>,
    /// References to sources that are not available.
    unread: Vec<String>,
    findings: FindingList,
}

impl<'f> ValuesCollector<'f> {
    fn new(files: &'f FleetFiles, memory: &'f MemoryBudget) -> Self {
        Self {
            files,
            memory,
            layers: Vec::new(),
            inline: Vec::new(),
            unread: Vec::new(),
            findings: FindingList::default(),
        }
    }

    /// Reads the environment's values files; returns the references that Argo CD reads too.
    fn read_site_files(&mut self, site: &OpenSite) -> Result<Vec<String>, Problems> {
        let (files, findings) = resolve_value_files(site)?;
        self.findings.extend(findings);
        let mut references = Vec::new();
        let mut jsonnet: Option<String> = None;
        for file in files {
            self.read_file(site, &file)?;
            if is_jsonnet(&file.reference) {
                jsonnet = Some(file.reference);
            } else if let Some(above) = jsonnet {
                return Err(below_jsonnet(&file.reference, &above, file.place).into());
            } else {
                references.push(file.reference);
            }
        }
        Ok(references)
    }

    /// Reads one values file, if its source is available.
    fn read_file(&mut self, site: &OpenSite, file: &ValuesReference<'_>) -> Result<(), Problems> {
        let ValuesReference { template, reference, place } = file;
        let located = locate_file(self.files, site, reference, place.clone())?;
        let Some(located) = located.filter(|_| !file.is_pattern()) else {
            self.findings.push(unreadable_values(site, file));
            self.unread.push(reference.clone());
            return Ok(());
        };
        match located.document(self.files, template) {
            Ok(parsed) => {
                return self.add_layer(reference.clone(), &parsed, is_jsonnet(reference));
            }
            // Argo CD ignores a values file that does not exist, and most sites have no file
            // of their own. A file that all sites share is probably missing by mistake.
            Err(error) if error.is_missing() && of_one_site(template) => {}
            // Jsonnet is emitted by its content, so Argo CD cannot read the file later either.
            Err(error) if error.is_missing() && !is_jsonnet(reference) => {
                let message = format!("{reference} does not exist and adds nothing");
                self.findings.push(codes::VALUES_ABSENT.finding(message).at(place.clone()));
            }
            Err(error) => return Err(error.into_finding(&located.name, None).into()),
        }
        Ok(())
    }

    /// Reads the base values of a global cluster, which are files of the fleet. Argo CD does
    /// not read them, so it gets no reference.
    fn read_global_files(&mut self, global: &Global) -> Result<Vec<String>, Problems> {
        for (path, place) in &global.value_files {
            let parsed = self.files.named_document(path, place.clone())?;
            self.add_layer(path.clone(), &parsed, is_jsonnet(path))?;
        }
        Ok(Vec::new())
    }

    /// Adds a layer. An empty file adds nothing; a file that is not a mapping is refused.
    fn add_layer(&mut self, name: String, parsed: &Parsed, inline: bool) -> Result<(), Problems> {
        self.memory.spend(parsed.memory, || name.clone())?;
        self.findings.extend(parsed.warnings.iter().cloned());
        match &parsed.root.value {
            Value::Null => Ok(()),
            Value::Mapping(_) => {
                let layer = ValuesLayer { name, values: parsed.root.clone() };
                self.inline.extend(inline.then(|| layer.clone()));
                self.layers.push(layer);
                Ok(())
            }
            _ => {
                Err(wrong_kind(Stage::Inputs, &name, "a mapping of Helm values", &parsed.root)
                    .into())
            }
        }
    }
}

fn unreadable_values(site: &OpenSite, file: &ValuesReference<'_>) -> Finding {
    let reference = &file.reference;
    let name = split_reference(reference).map_or(&**reference, |(name, _)| name);
    let (message, hint) = if file.is_pattern() {
        let message = format!(
            "{reference} is a pattern: Argo CD will merge every file that matches it, and policies do \
             not see their values"
        );
        (message, "list the files one by one".to_owned())
    } else {
        let message = format!(
            "{reference} cannot be read here, because source `{name}` is not available: Argo CD will \
             merge it, and policies do not see its values"
        );
        (message, format!("map it with --source {name}=DIR, or in the environment's `sources`"))
    };
    let mut finding = codes::VALUES_UNREADABLE.finding(message).at(file.place.clone()).hint(hint);
    // Jsonnet is emitted by its content, so it must be readable here.
    if site.environment.unreadable_is_error || is_jsonnet(reference) {
        finding.severity = Severity::Error;
    }
    finding
}

/// Returns the error for a YAML file that is listed after a Jsonnet file.
fn below_jsonnet(reference: &str, above: &str, place: Option<Location>) -> Finding {
    let message = format!(
        "{reference} comes after {above}, but would be overridden by it: Argo CD cannot read Jsonnet, so the values of {above} take precedence over all YAML values files"
    );
    codes::VALUES_AFTER_JSONNET
        .finding(message)
        .at(place)
        .hint("list Jsonnet files last, or write this file in Jsonnet too")
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
