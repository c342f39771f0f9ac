//! Reads a component of an environment: the chart, its inputs and its policies.

use std::sync::Arc;

use indexmap::IndexMap;

use super::global::{self, Global};
use super::placeholders::{OF_SITE, check_placeholders};
use super::plugin::{self, PluginSource};
use crate::codes;
use crate::fields::Fields;
use crate::finding::FindingResult as Result;
use crate::finding::{Finding, Stage};
use crate::origin::Location;
use crate::source_url::{self, Repository};
use crate::value::Node;

/// A part of a site that a gate enables, such as a Helm release.
#[derive(Clone, Debug)]
pub struct Component {
    /// The name, which is its key under `site`.
    pub name: Arc<str>,
    /// The end of the Application's name, after the site's name.
    pub suffix: String,
    /// The chart's name.
    pub chart: String,
    /// The Helm repository of the chart.
    pub repository: String,
    /// The chart's version.
    pub version: String,
    /// Whether Argo CD skips the chart's schema.
    pub skip_schema_validation: bool,
    /// The name of the Helm release.
    pub release: String,
    /// The namespace of the release.
    pub namespace: String,
    /// The Argo CD project.
    pub project: Reference,
    /// References to values files, weakest first, with placeholders such as `{{site}}`.
    pub value_files: Vec<Reference>,
    /// The configuration file, if there is one.
    pub config: Option<ConfigSlot>,
    /// The Application's sources beside the chart.
    pub sources: Vec<AppSource>,
    /// The source that site-cmp renders as a plugin, if there is one.
    pub plugin: Option<PluginSource>,
    /// The policies and their settings.
    pub policies: IndexMap<String, Node>,
    /// Folders of resource files, weakest first, with placeholders such as `{{site}}`.
    pub resources: Vec<Reference>,
    /// The part on the global cluster, if there is one.
    pub global: Option<Global>,
}

/// The source and the destination of a component's configuration file.
#[derive(Clone, Debug)]
pub struct ConfigSlot {
    /// The Helm value that receives the file, as for `--set-file`.
    pub parameter: String,
    /// The key under `site.<component>` that a profile replaces the file with.
    pub key: String,
    /// The file of sites that do not replace it.
    pub default: Reference,
    /// Layers over that file, weakest first, with placeholders such as `{{site}}`.
    pub layers: Vec<Reference>,
}

/// A reference to a file, and its place.
pub type Reference = (String, Option<Location>);

/// A ConfigMap by name, and its keys with the label that replaces each.
pub type ConfigMap = (String, Vec<(String, String)>);

/// A source of the Application beside the chart.
#[derive(Clone, Debug)]
pub struct AppSource {
    /// The `ref`; the profile's `<ref>_url` and `<ref>_ref` locate it.
    pub name: String,
    /// The folder that Argo CD renders, with placeholders such as `{{site}}`. Without it the
    /// source only provides files to other sources.
    pub path: Option<String>,
    /// The ConfigMaps whose data labels replace.
    pub config_maps: Vec<ConfigMap>,
}

/// Reads a component.
pub(super) fn read_component(key: &str, fields: &Fields<'_>) -> Result<Component> {
    let chart = fields.fields("chart")?.ok_or_else(|| missing_key(fields, "chart"))?;
    let sources = read_sources(fields)?;
    let namespace = fields.required("namespace")?;
    Ok(Component {
        name: Arc::from(key),
        suffix: fields.text("suffix")?.map_or_else(|| key.replace('_', "-"), str::to_owned),
        chart: chart.required("name")?.to_owned(),
        repository: source_url::read_url(&chart, "repository", Repository::Helm)?.to_owned(),
        version: chart.required("version")?.to_owned(),
        skip_schema_validation: chart.flag("skipSchemaValidation")?,
        release: fields.required("release")?.to_owned(),
        global: global::read_global(fields, namespace)?,
        namespace: namespace.to_owned(),
        project: (fields.required("project")?.to_owned(), fields.place("project")),
        value_files: read_templates(fields, "valueFiles", OF_SITE)?,
        config: fields.fields("config")?.map(|config| read_config(&config)).transpose()?,
        plugin: plugin::read_plugin(fields, &sources)?,
        sources,
        policies: read_policies(fields)?,
        resources: read_templates(fields, "resources", OF_SITE)?,
    })
}

fn read_config(fields: &Fields<'_>) -> Result<ConfigSlot> {
    Ok(ConfigSlot {
        parameter: fields.required("parameter")?.to_owned(),
        key: fields.required("key")?.to_owned(),
        default: (
            checked_template(fields.required("default")?, fields, "default")?,
            fields.place("default"),
        ),
        layers: read_templates(fields, "layers", OF_SITE)?,
    })
}

/// Reads a list of references with these placeholders, each with its place.
pub(crate) fn read_templates(
    fields: &Fields<'_>,
    key: &str,
    known: &[&str],
) -> Result<Vec<Reference>> {
    let texts = fields.texts(key)?;
    let nodes = fields.get(key).and_then(Node::as_sequence).unwrap_or_default();
    let each = texts.into_iter().zip(nodes).map(|(text, node)| {
        let place = node.origin.place();
        check_placeholders(text, known, place.as_ref())?;
        Ok((text.to_owned(), place))
    });
    each.collect()
}

/// Returns the text of a key whose placeholders are those of a site.
fn checked_template(text: &str, fields: &Fields<'_>, key: &str) -> Result<String> {
    check_placeholders(text, OF_SITE, fields.place(key).as_ref())?;
    Ok(text.to_owned())
}

fn read_sources(fields: &Fields<'_>) -> Result<Vec<AppSource>> {
    let Some(listed) = fields.fields("sources")? else { return Ok(Vec::new()) };
    let mut sources = Vec::new();
    for (name, _) in listed.entries() {
        let Some(source) = listed.fields(name)? else { continue };
        sources.push(AppSource {
            name: name.to_owned(),
            path: source
                .text("path")?
                .map(|path| checked_template(path, &source, "path"))
                .transpose()?,
            config_maps: read_config_maps(&source)?,
        });
    }
    Ok(sources)
}

fn read_config_maps(source: &Fields<'_>) -> Result<Vec<ConfigMap>> {
    let Some(maps) = source.fields("configMaps")? else { return Ok(Vec::new()) };
    let mut config_maps = Vec::new();
    for (map, _) in maps.entries() {
        let Some(data) = maps.fields(map)? else { continue };
        let keys =
            data.entries().map(|(key, _)| Ok((key.to_owned(), data.required(key)?.to_owned())));
        config_maps.push((map.to_owned(), keys.collect::<Result<Vec<_>>>()?));
    }
    Ok(config_maps)
}

/// Reads the policies of a component, each with its settings.
pub(crate) fn read_policies(fields: &Fields<'_>) -> Result<IndexMap<String, Node>> {
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

fn missing_key(fields: &Fields<'_>, key: &str) -> Box<Finding> {
    Box::new(
        codes::KEY_MISSING
            .finding(format!("`{}` is required", fields.name(key)))
            .stage(Stage::Inputs)
            .at(fields.node().origin.key_place()),
    )
}
