//! The inputs of an open site: layers of base values, versions.
//!
//! A values file that cannot be read is never skipped in silence: it stays in the
//! Application, and a finding names it.

mod reference;

use std::sync::Arc;

pub(crate) use reference::{Located, fill, locate, of_one_site};

use crate::build::{list, map, text};
use crate::cluster::{self, Versions};
use crate::environment::Global;
use crate::fields::wrong_kind;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::fleet::Fleet;
use crate::gate::{Open, OpenSite};
use crate::merge;
use crate::origin::Place;
use crate::request::{Chart, Cluster, Layer, Request};
use crate::value::{Node, Value};
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
    /// Name and version of the chart.
    pub(crate) chart: (String, String),
    /// The chart, where it is at hand.
    pub(crate) local_chart: Option<Arc<Chart>>,
    /// Versions of the cluster.
    pub(crate) versions: Versions,
    /// The same, as policies see them.
    pub(crate) cluster: Node,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// Gathers the inputs of an open site, or of a fleet.
pub(crate) fn gather(fleet: &Fleet, open: &Open, request: &Request) -> Result<Inputs, Problems> {
    let mut found = Found::default();
    let value_files = match open {
        Open::Site(site) => found.value_files(fleet, site)?,
        Open::Fleet(all) => found.global_files(fleet, &all.global)?,
    };
    for file in &request.values {
        found.layer(file.name.clone(), &yaml::read(file)?)?;
    }
    let Found { mut layers, unread, mut findings } = found;
    let versions = cluster::settle(fleet, open, request)?;
    findings.extend(versions.findings.iter().cloned());
    if findings.iter().any(Finding::is_error) {
        return Err(Problems(findings));
    }
    let files = merged(&layers);
    let (base, chart) = if let Some(chart) = &request.chart {
        let name = format!("chart {} {}", chart.name, chart.version);
        layers.insert(0, Layer { name, values: chart.values.clone() });
        (merge::files(&chart.values, &files), (chart.name.clone(), chart.version.clone()))
    } else {
        let component = open.component();
        (files.clone(), (component.chart.clone(), component.version.clone()))
    };
    Ok(Inputs {
        layers,
        files,
        base,
        value_files,
        cluster: seen(&versions.told, &chart, &unread),
        versions,
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

/// What reading values files finds.
#[derive(Default)]
struct Found {
    /// Layers over the chart's defaults, weakest first.
    layers: Vec<Layer>,
    /// References that cannot be read here.
    unread: Vec<String>,
    findings: Vec<Finding>,
}

impl Found {
    /// Reads the environment's values files; gives their references.
    fn value_files(&mut self, fleet: &Fleet, site: &OpenSite) -> Result<Vec<String>, Problems> {
        let mut references = Vec::new();
        for (template, place) in &site.component.value_files {
            let reference = fill(template, site);
            let Some(file) = locate(fleet, site, &reference, place.clone())? else {
                self.findings.push(unreadable(site, &reference, place.clone()));
                self.unread.push(reference.clone());
                references.push(reference);
                continue;
            };
            match file.document(fleet, template) {
                Ok(parsed) => self.layer(reference.clone(), &parsed)?,
                // Argo CD ignores a values file that is not there, and most sites have none
                // of their own; one that all sites share is missed by somebody.
                Err(finding) if finding.code == "file/missing" && of_one_site(template) => {}
                Err(finding) if finding.code == "file/missing" => {
                    let message = format!("{reference} is not there and adds nothing");
                    self.findings.push(
                        Finding::warning(Stage::Inputs, "values/absent", message).at(place.clone()),
                    );
                }
                Err(finding) => return Err(finding.into()),
            }
            references.push(reference);
        }
        Ok(references)
    }

    /// Reads the base values of a global cluster, which are files of the fleet; Argo CD never
    /// sees them, so there is no reference.
    fn global_files(&mut self, fleet: &Fleet, global: &Global) -> Result<Vec<String>, Problems> {
        for (path, place) in &global.value_files {
            let parsed = fleet.file(path, place.clone())?;
            self.layer(path.clone(), &parsed)?;
        }
        Ok(Vec::new())
    }

    /// Adds a layer; an empty file adds nothing, anything but a mapping is refused.
    fn layer(&mut self, name: String, parsed: &Parsed) -> Result<(), Problems> {
        self.findings.extend(parsed.warnings.iter().cloned());
        match &parsed.root.value {
            Value::Null => Ok(()),
            Value::Mapping(_) => {
                self.layers.push(Layer { name, values: parsed.root.clone() });
                Ok(())
            }
            _ => {
                Err(wrong_kind(Stage::Inputs, &name, "a mapping of Helm values", &parsed.root)
                    .into())
            }
        }
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

/// Versions, and what cannot be seen, as the contract's `cluster` document.
fn seen(cluster: &Cluster, (name, version): &(String, String), unread: &[String]) -> Node {
    let mut entries = vec![
        ("chart", map([("name", text(name)), ("version", text(version))])),
        ("apiVersions", list(cluster.api_versions.iter().map(text))),
        ("unread", list(unread.iter().map(text))),
    ];
    entries.extend(cluster.kube_version.as_ref().map(|version| ("kubeVersion", text(version))));
    map(entries)
}
