//! The inputs of an open site: layers of base values, versions.
//!
//! A values file that cannot be read is never skipped in silence: it stays in the
//! Application, and a finding names it.

mod reference;

use std::sync::Arc;

pub(crate) use reference::{Located, fill, locate, of_one_site};

use crate::build::{list, map, text};
use crate::charts::Chart;
use crate::cluster::{self, Versions};
use crate::codes;
use crate::environment::Global;
use crate::fields::wrong_kind;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::fleet::Fleet;
use crate::gate::{Open, OpenSite};
use crate::jsonnet::is_jsonnet;
use crate::merge;
use crate::merge::Layer;
use crate::origin::Place;
use crate::request::{Cluster, Request};
use crate::sources;
use crate::value::{Node, Value};
use crate::yaml::Parsed;

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
    /// Values of files that Argo CD cannot read: they go out below the policies' edits.
    pub(crate) inline: Node,
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
        // Whoever gives such a file has it: it goes out nowhere.
        found.layer(file.name.clone(), &sources::alone(&fleet.world, file)?, false)?;
    }
    let Found { mut layers, inline, unread, mut findings } = found;
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
        inline: merged(&inline),
        cluster: seen(open, &versions.told, &chart, &unread),
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
    /// Those of them that are Jsonnet, which no Helm reads.
    inline: Vec<Layer>,
    /// References that cannot be read here.
    unread: Vec<String>,
    findings: Vec<Finding>,
}

impl Found {
    /// Reads the environment's values files; gives the references of those that Argo CD reads.
    fn value_files(&mut self, fleet: &Fleet, site: &OpenSite) -> Result<Vec<String>, Problems> {
        let mut references = Vec::new();
        let mut jsonnet: Option<String> = None;
        for (template, place) in &site.component.value_files {
            let reference = fill(template, site);
            if is_jsonnet(&reference) {
                self.value_file(fleet, site, (template, &reference), place.clone())?;
                jsonnet = Some(reference);
                continue;
            }
            if let Some(above) = jsonnet {
                return Err(below_jsonnet(&reference, &above, place.clone()).into());
            }
            self.value_file(fleet, site, (template, &reference), place.clone())?;
            references.push(reference);
        }
        Ok(references)
    }

    /// Reads one values file, if it is at hand.
    fn value_file(
        &mut self,
        fleet: &Fleet,
        site: &OpenSite,
        (template, reference): (&str, &str),
        place: Option<Place>,
    ) -> Result<(), Problems> {
        let Some(file) = locate(fleet, site, reference, place.clone())? else {
            self.findings.push(unreadable(site, reference, place));
            self.unread.push(reference.to_owned());
            return Ok(());
        };
        match file.document(fleet, template) {
            Ok(parsed) => return self.layer(reference.to_owned(), &parsed, is_jsonnet(reference)),
            // Argo CD ignores a values file that is not there, and most sites have none
            // of their own; one that all sites share is missed by somebody.
            Err(finding) if finding.code == codes::FILE_MISSING.name && of_one_site(template) => {}
            // What is Jsonnet goes out by its content, so Argo CD cannot find it either.
            Err(finding) if finding.code == codes::FILE_MISSING.name && !is_jsonnet(reference) => {
                let message = format!("{reference} is not there and adds nothing");
                self.findings.push(codes::VALUES_ABSENT.finding(message).at(place));
            }
            Err(finding) => return Err(finding.into()),
        }
        Ok(())
    }

    /// Reads the base values of a global cluster, which are files of the fleet; Argo CD never
    /// sees them, so there is no reference.
    fn global_files(&mut self, fleet: &Fleet, global: &Global) -> Result<Vec<String>, Problems> {
        for (path, place) in &global.value_files {
            let parsed = fleet.file(path, place.clone())?;
            self.layer(path.clone(), &parsed, is_jsonnet(path))?;
        }
        Ok(Vec::new())
    }

    /// Adds a layer; an empty file adds nothing, anything but a mapping is refused.
    fn layer(&mut self, name: String, parsed: &Parsed, inline: bool) -> Result<(), Problems> {
        self.findings.extend(parsed.warnings.iter().cloned());
        match &parsed.root.value {
            Value::Null => Ok(()),
            Value::Mapping(_) => {
                let layer = Layer { name, values: parsed.root.clone() };
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

fn unreadable(site: &OpenSite, reference: &str, place: Option<Place>) -> Finding {
    let name =
        reference.strip_prefix('$').and_then(|rest| rest.split('/').next()).unwrap_or(reference);
    let mut finding = codes::VALUES_UNREADABLE.finding(format!("{reference} cannot be read here: source `{name}` is not in the tree, so what it switches on by other names cannot be seen"),
    )
    .at(place)
    .hint(format!("map it with --source {name}=DIR, or in the environment's `sources`"));
    // What is Jsonnet goes out by its content alone.
    if site.environment.unreadable_is_error || is_jsonnet(reference) {
        finding.severity = Severity::Error;
    }
    finding
}

/// A file that Argo CD reads after one that it cannot read.
fn below_jsonnet(reference: &str, above: &str, place: Option<Place>) -> Finding {
    let message = format!(
        "{reference} comes after {above}, and would lose to it: Argo CD reads no Jsonnet, so what that comes to is put above all values files"
    );
    codes::VALUES_AFTER_JSONNET
        .finding(message)
        .at(place)
        .hint("name Jsonnet files last, or write this one in Jsonnet too")
}

/// Returns versions, the release and what cannot be seen, as the contract's `cluster` document.
/// A global cluster has no release of the component's chart, nor a configuration of its own.
fn seen(
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
