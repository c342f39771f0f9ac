//! A component: what a gate switches, described by data.

use std::sync::Arc;

use indexmap::IndexMap;

use super::global::{self, Global};
use super::plugin::{self, PluginSource};
use crate::codes;
use crate::fields::Fields;
use crate::finding::{Finding, Stage};
use crate::origin::Place;
use crate::value::Node;

type Result<T> = std::result::Result<T, Box<Finding>>;

/// Something a gate switches.
#[derive(Clone, Debug)]
pub struct Component {
    /// The key under `site`.
    pub name: Arc<str>,
    /// What follows the site's name in the Application's.
    pub suffix: String,
    /// The chart's name.
    pub chart: String,
    /// The Helm repository of the chart.
    pub repository: String,
    /// The chart's version.
    pub version: String,
    /// The Helm release's name.
    pub release: String,
    /// The namespace it lives in.
    pub namespace: String,
    /// The Argo CD project.
    pub project: String,
    /// References to values files, weakest first; `{{site}}` and the like are filled in.
    pub value_files: Vec<Reference>,
    /// The configuration file, if there is one.
    pub config: Option<ConfigSlot>,
    /// The Application's sources beside the chart.
    pub sources: Vec<AppSource>,
    /// The source that this program renders as a plugin, if there is one.
    pub plugin: Option<PluginSource>,
    /// Policies and their settings.
    pub policies: IndexMap<String, Node>,
    /// Folders of resource files, weakest first; `{{site}}` and the like are filled in.
    pub resources: Vec<Reference>,
    /// What the global cluster has for its open sites, if anything.
    pub global: Option<Global>,
}

/// Where a component's configuration file comes from and goes to.
#[derive(Clone, Debug)]
pub struct ConfigSlot {
    /// The Helm value it becomes, as `--set-file` names it.
    pub parameter: String,
    /// The key under `site.<component>` by which a profile chooses another file.
    pub key: String,
    /// The file for everybody else.
    pub default: String,
    /// Layers over that file, weakest first; `{{site}}` and the like are filled in.
    pub layers: Vec<Reference>,
}

/// A reference to a file, and where it is written.
pub type Reference = (String, Option<Place>);

/// One source of the Application beside the chart.
#[derive(Clone, Debug)]
pub struct AppSource {
    /// Its `ref`; the profile's `<ref>_url` and `<ref>_ref` say where it is.
    pub name: String,
    /// Its path, with `{{site}}` and the like; without one it is there to be referred to, and
    /// Argo CD renders nothing of it.
    pub path: Option<String>,
    /// Data of ConfigMaps that follow labels: ConfigMap to key to label.
    pub config_maps: Vec<(String, Vec<(String, String)>)>,
}

/// What a component may say.
pub(super) const KEYS: &[&str] = &[
    "suffix",
    "chart",
    "release",
    "namespace",
    "project",
    "valueFiles",
    "config",
    "sources",
    "plugin",
    "policies",
    "resources",
    "global",
];

/// Reads a component.
pub(super) fn read(
    key: &str,
    fields: &Fields<'_>,
    warnings: &mut Vec<Finding>,
) -> Result<Component> {
    let chart = fields.fields("chart")?.ok_or_else(|| missing(fields, "chart"))?;
    let sources = app_sources(fields)?;
    let namespace = fields.required("namespace")?;
    Ok(Component {
        name: Arc::from(key),
        suffix: fields.text("suffix")?.map_or_else(|| key.replace('_', "-"), str::to_owned),
        chart: chart.required("name")?.to_owned(),
        repository: chart.required("repository")?.to_owned(),
        version: chart.required("version")?.to_owned(),
        release: fields.required("release")?.to_owned(),
        global: global::read(fields, namespace, warnings)?,
        namespace: namespace.to_owned(),
        project: fields.required("project")?.to_owned(),
        value_files: references(fields, "valueFiles")?,
        config: fields.fields("config")?.map(|config| config_slot(&config)).transpose()?,
        plugin: plugin::read(fields, &sources, warnings)?,
        sources,
        policies: policies(fields)?,
        resources: references(fields, "resources")?,
    })
}

fn config_slot(fields: &Fields<'_>) -> Result<ConfigSlot> {
    Ok(ConfigSlot {
        parameter: fields.required("parameter")?.to_owned(),
        key: fields.required("key")?.to_owned(),
        default: fields.required("default")?.to_owned(),
        layers: references(fields, "layers")?,
    })
}

/// A list of references, each with its place.
pub(crate) fn references(fields: &Fields<'_>, key: &str) -> Result<Vec<Reference>> {
    let texts = fields.texts(key)?;
    let places = fields.get(key).and_then(Node::as_sequence).unwrap_or_default();
    let each = texts.iter().zip(places);
    Ok(each.map(|(text, node)| ((*text).to_owned(), node.origin.place())).collect())
}

fn app_sources(fields: &Fields<'_>) -> Result<Vec<AppSource>> {
    let Some(listed) = fields.fields("sources")? else {
        return Ok(Vec::new());
    };
    let mut sources = Vec::new();
    for (name, _) in listed.entries() {
        let Some(source) = listed.fields(name)? else {
            continue;
        };
        let mut config_maps = Vec::new();
        if let Some(maps) = source.fields("configMaps")? {
            for (map, _) in maps.entries() {
                let Some(data) = maps.fields(map)? else {
                    continue;
                };
                let keys = data
                    .entries()
                    .map(|(key, _)| Ok((key.to_owned(), data.required(key)?.to_owned())));
                config_maps.push((map.to_owned(), keys.collect::<Result<Vec<_>>>()?));
            }
        }
        sources.push(AppSource {
            name: name.to_owned(),
            path: source.text("path")?.map(str::to_owned),
            config_maps,
        });
    }
    Ok(sources)
}

/// The policies of a component, each with its settings.
pub(crate) fn policies(fields: &Fields<'_>) -> Result<IndexMap<String, Node>> {
    let Some(listed) = fields.fields("policies")? else {
        return Ok(IndexMap::new());
    };
    listed
        .entries()
        .map(|(name, _)| {
            let settings = listed
                .fields(name)?
                .map_or_else(|| Node::empty("no settings"), |fields| fields.node().clone());
            Ok((name.to_owned(), settings))
        })
        .collect()
}

fn missing(fields: &Fields<'_>, key: &str) -> Box<Finding> {
    Box::new(
        codes::KEY_MISSING
            .finding(format!("`{}` is required", fields.name(key)))
            .stage(Stage::Inputs)
            .at(fields.node().origin.key_place()),
    )
}
