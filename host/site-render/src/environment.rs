//! Reads an environment, the settings that its sites share, from
//! `environments/<name>/environment.yaml` or `.jsonnet`.
//!
//! A component (chart, release, values files, configuration, policies) is data here: nothing
//! in this crate knows one by name.

mod component;
mod global;
mod placeholders;
mod plugin;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

pub use component::{AppSource, Component, ConfigMap, ConfigSlot, Reference};
pub(crate) use component::{read_policies, read_templates};
pub use global::{Global, Named, SchemaFiles};
pub(crate) use placeholders::NONE as NO_PLACEHOLDERS;
pub use plugin::PluginSource;

use crate::codes;
use crate::digest::is_sha256;
use crate::fields::Fields;
use crate::finding::FindingResult as Result;
use crate::finding::{Finding, Stage};
use crate::finding_list::limited;
use crate::helm_merge::HelmVersion;
use crate::keys::ENVIRONMENT;
use crate::origin::Location;
use crate::sources;
use crate::value::Node;
use crate::world::World;
use crate::yaml::Parsed;

/// The `apiVersion` of profiles and environments.
pub const API_VERSION: &str = "site-cmp/v1";

/// The settings that the sites of an environment share.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The name, which is the name of its folder.
    pub name: Arc<str>,
    /// The value of the partition label that selects it, for profiles that name no environment.
    pub partition: Option<String>,
    /// Default values of profiles.
    pub defaults: Node,
    /// Sources whose files are copied into the tree, by name.
    pub sources: BTreeMap<String, SourceFolder>,
    /// Whether a values file that cannot be read is an error, and not a note.
    pub unreadable_is_error: bool,
    /// The Helm that renders the charts, if the environment says it.
    pub helm: Option<HelmVersion>,
    /// The components that sites can enable, by their key under `site`.
    pub components: IndexMap<Arc<str>, Arc<Component>>,
    /// Warnings, such as those on unknown keys.
    pub warnings: Vec<Finding>,
    /// The place of the document.
    pub place: Option<Location>,
    /// The memory of the document, in bytes.
    pub(crate) memory: u64,
}

/// A folder of the tree with a copy of a source.
#[derive(Clone, Debug)]
pub struct SourceFolder {
    /// The folder.
    pub path: String,
    /// The URL that was copied; the copy is not used for a profile with another one.
    pub url: Option<String>,
    /// The revision that was copied; likewise.
    pub revision: Option<String>,
    /// The recorded digest of the copy, and its place.
    pub sha256: Option<Reference>,
    /// The place of the source.
    pub(crate) place: Option<Location>,
}

impl SourceFolder {
    /// Returns true where this is a copy of a URL and revision.
    pub(crate) fn is_copy_of(&self, (url, revision): &(String, String)) -> bool {
        let same = |ours: &Option<String>, theirs| ours.as_ref().is_none_or(|ours| ours == theirs);
        same(&self.url, url) && same(&self.revision, revision)
    }
}

/// The names that an environment's document may have; a folder holds exactly one of them.
pub(crate) const FILES: &[&str] = &["environment.yaml", "environment.jsonnet"];

/// Reads the document of an environment.
pub(crate) fn document(world: &World, name: &str) -> Result<Parsed> {
    let folder = format!("environments/{name}");
    let twice = |first: &str, second: &str| {
        let message = format!("environment `{name}` has an {first} and an {second}");
        codes::ENVIRONMENT_TWICE.finding(message)
    };
    sources::read_single(world, &folder, FILES, twice)?.ok_or_else(|| {
        let message = format!("{folder}/ contains neither {}", FILES.join(" nor "));
        Box::new(codes::ENVIRONMENT_MISSING.finding(message))
    })
}

impl Environment {
    /// Parses the document of an environment.
    pub(crate) fn read(name: &str, parsed: &Parsed) -> Result<Self> {
        let top = Fields::of(&parsed.root, "an environment", ENVIRONMENT.table, Stage::Inputs)?;
        check_header(&top, "Environment", name)?;
        let mut warnings = parsed.warnings.clone();
        warnings.extend(top.unknown_below());
        Ok(Self {
            name: Arc::from(name),
            partition: top.text("partition")?.map(str::to_owned),
            defaults: top
                .fields("defaults")?
                .map_or_else(|| Node::empty("no defaults"), |fields| fields.node().clone()),
            sources: read_sources(&top)?,
            unreadable_is_error: read_unreadable(&top)?,
            helm: read_helm(&top)?,
            components: read_components(name, &top)?,
            warnings: limited(warnings),
            place: parsed.root.origin.place(),
            memory: parsed.bytes(),
        })
    }

    /// Returns the components that have a global section.
    pub(crate) fn global_components(&self) -> impl Iterator<Item = &Arc<Component>> {
        self.components.values().filter(|component| component.global.is_some())
    }
}

type Components = IndexMap<Arc<str>, Arc<Component>>;

fn read_components(name: &str, top: &Fields<'_>) -> Result<Components> {
    let mut components = Components::new();
    if let Some(listed) = top.fields("components")? {
        for (key, _) in listed.entries() {
            let Some(fields) = listed.fields(key)? else { continue };
            let component = component::read_component(key, &fields)?;
            components.insert(Arc::from(key), Arc::new(component));
        }
    }
    if components.is_empty() {
        return Err(Box::new(
            codes::ENVIRONMENT_NO_COMPONENTS
                .finding(format!("environment `{name}` has no components"))
                .at(top.node().origin.place()),
        ));
    }
    Ok(components)
}

/// Checks `apiVersion`, `kind` and `metadata.name`, where they are present.
pub(crate) fn check_header(top: &Fields<'_>, kind: &str, name: &str) -> Result<()> {
    for (key, expected) in [("apiVersion", API_VERSION), ("kind", kind)] {
        if let Some(text) = top.text(key)?.filter(|text| *text != expected) {
            return Err(Box::new(
                codes::KEY_HEADER
                    .finding(format!("`{key}` must be `{expected}`, found `{text}`"))
                    .at(top.place(key)),
            ));
        }
    }
    let Some(metadata) = top.fields("metadata")? else {
        return Ok(());
    };
    match metadata.text("name")? {
        Some(text) if text != name => Err(Box::new(
            codes::KEY_NAME
                .finding(format!("`metadata.name` is `{text}`, but its folder is `{name}`"))
                .at(metadata.place("name"))
                .hint("set it to the name of the folder, or leave it out"),
        )),
        _ => Ok(()),
    }
}

fn read_sources(top: &Fields<'_>) -> Result<BTreeMap<String, SourceFolder>> {
    let Some(listed) = top.fields("sources")? else { return Ok(BTreeMap::new()) };
    let mut folders = BTreeMap::new();
    for (name, _) in listed.entries() {
        let Some(source) = listed.fields(name)? else { continue };
        let place = source.place("path");
        let folder = SourceFolder {
            path: sources::clean_path(source.required("path")?, place)?,
            url: source.text("url")?.map(str::to_owned),
            revision: source.text("ref")?.map(str::to_owned),
            sha256: read_digest(&source)?,
            place: source.node().origin.key_place(),
        };
        folders.insert(name.to_owned(), folder);
    }
    Ok(folders)
}

/// Reads the recorded digest of a copy.
fn read_digest(source: &Fields<'_>) -> Result<Option<Reference>> {
    let Some(text) = source.text("sha256")? else { return Ok(None) };
    let place = source.place("sha256");
    if is_sha256(text) {
        return Ok(Some((text.to_owned(), place)));
    }
    let message = format!(
        "`{}` must be a SHA-256 digest in lower-case hex, found `{text}`",
        source.name("sha256")
    );
    let finding = codes::KEY_WRONG_VALUE.finding(message).at(place);
    Err(Box::new(finding.hint("`cmp sources` prints the digest of each copy")))
}

/// Reads which Helm renders the charts: Argo CD has Helm 4 since 3.5.
fn read_helm(top: &Fields<'_>) -> Result<Option<HelmVersion>> {
    let (key, text, four) = match (top.text("helmVersion")?, top.text("argoCdVersion")?) {
        (Some(text), _) => ("helmVersion", text, [4, 0]),
        (None, Some(text)) => ("argoCdVersion", text, [3, 5]),
        (None, None) => return Ok(None),
    };
    let numbers = text.strip_prefix('v').unwrap_or(text).split('.').take(2);
    let numbers: Option<Vec<u32>> = numbers.map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([major, rest @ ..]) if *major >= 2 => {
            let is_four = [*major, rest.first().copied().unwrap_or(0)] >= four;
            Ok(Some(if is_four { HelmVersion::Four } else { HelmVersion::Three }))
        }
        _ => Err(Box::new(
            codes::KEY_WRONG_VALUE
                .finding(format!("`{key}` must be a version such as `3.5`, found `{text}`"))
                .at(top.place(key)),
        )),
    }
}

fn read_unreadable(top: &Fields<'_>) -> Result<bool> {
    match top.text("unreadableValues")? {
        None | Some("note") => Ok(false),
        Some("error") => Ok(true),
        Some(other) => Err(Box::new(
            codes::KEY_WRONG_VALUE
                .finding(format!("`unreadableValues` must be `note` or `error`, found `{other}`"))
                .at(top.place("unreadableValues")),
        )),
    }
}
