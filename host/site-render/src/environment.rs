//! An environment: what its sites have in common, read from
//! `environments/<name>/environment.yaml`, or `.jsonnet`.
//!
//! A component (chart, release, value files, where its config goes, which policies) is
//! data here; nothing in this crate knows one by name.

mod component;
mod global;
mod plugin;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

pub use component::{AppSource, Component, ConfigSlot, Reference};
pub(crate) use component::{policies, references};
pub use global::{Global, Named, SchemaFiles};
pub use plugin::PluginSource;

use crate::codes;
use crate::fields::Fields;
use crate::finding::{Finding, Stage};
use crate::origin::Place;
use crate::sources;
use crate::value::Node;
use crate::world::World;
use crate::yaml::Parsed;

type Result<T> = std::result::Result<T, Box<Finding>>;

/// The `apiVersion` of profiles and environments.
pub const API_VERSION: &str = "site-cmp/v1";

/// What the sites of an environment have in common.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name, that of its folder.
    pub name: Arc<str>,
    /// The value of the partition label that stands for it, for profiles that do not name one.
    pub partition: Option<String>,
    /// What a profile that does not say otherwise says.
    pub defaults: Node,
    /// Sources whose files are in the tree.
    pub sources: BTreeMap<String, SourceFolder>,
    /// Whether a values file that cannot be read is an error; else it is a note.
    pub unreadable_is_error: bool,
    /// What its sites may run, by the key under `site`.
    pub components: IndexMap<Arc<str>, Arc<Component>>,
    /// Unknown keys and the like.
    pub warnings: Vec<Finding>,
    /// Where it was read.
    pub place: Option<Place>,
}

/// A folder of the tree that holds what a source holds.
#[derive(Clone, Debug)]
pub struct SourceFolder {
    /// The folder.
    pub path: String,
    /// The URL it is a copy of; a profile with another URL does not mean it.
    pub url: Option<String>,
    /// The revision it is a copy of, likewise.
    pub revision: Option<String>,
}

impl SourceFolder {
    /// Whether this is the copy of what stands at a URL and revision.
    pub(crate) fn is_of(&self, (url, revision): &(String, String)) -> bool {
        let same = |ours: &Option<String>, theirs| ours.as_ref().is_none_or(|ours| ours == theirs);
        same(&self.url, url) && same(&self.revision, revision)
    }
}

const KEYS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "partition",
    "defaults",
    "sources",
    "unreadableValues",
    "components",
];

/// The names of an environment's document in its folder, of which there is one.
const FILES: &[&str] = &["environment.yaml", "environment.jsonnet"];

/// The document of an environment.
pub(crate) fn document(world: &World, name: &str) -> Result<Parsed> {
    let folder = format!("environments/{name}");
    let twice = |first: &str, second: &str| {
        let message = format!("environment `{name}` has an {first} and an {second}");
        codes::ENVIRONMENT_TWICE.finding(message)
    };
    sources::read_single(world, &folder, FILES, twice)?.ok_or_else(|| {
        let message = format!("{folder}/ holds none of {}", FILES.join(", "));
        Box::new(codes::ENVIRONMENT_MISSING.finding(message))
    })
}

impl Environment {
    /// Reads an environment's document.
    pub(crate) fn read(name: &str, parsed: &Parsed) -> Result<Self> {
        let top = Fields::of(&parsed.root, "an environment", Stage::Inputs)?;
        header(&top, "Environment", name)?;
        let mut warnings = parsed.warnings.clone();
        warnings.extend(top.unknown(KEYS));
        let mut components = IndexMap::new();
        if let Some(listed) = top.fields("components")? {
            for (key, _) in listed.entries() {
                let Some(fields) = listed.fields(key)? else {
                    continue;
                };
                warnings.extend(fields.unknown(component::KEYS));
                let component = component::read(key, &fields, &mut warnings)?;
                components.insert(Arc::from(key), Arc::new(component));
            }
        }
        if components.is_empty() {
            return Err(Box::new(
                codes::ENVIRONMENT_NO_COMPONENTS
                    .finding(format!("environment `{name}` has no components"))
                    .at(parsed.root.origin.place()),
            ));
        }
        Ok(Self {
            name: Arc::from(name),
            partition: top.text("partition")?.map(str::to_owned),
            defaults: top
                .fields("defaults")?
                .map_or_else(|| Node::empty("no defaults"), |fields| fields.node().clone()),
            sources: source_folders(&top)?,
            unreadable_is_error: unreadable_is_error(&top)?,
            components,
            warnings,
            place: parsed.root.origin.place(),
        })
    }

    /// Returns the components that have a global section.
    pub(crate) fn global_components(&self) -> impl Iterator<Item = &Arc<Component>> {
        self.components.values().filter(|component| component.global.is_some())
    }
}

/// Checks `apiVersion`, `kind` and `metadata.name` where they are given.
pub(crate) fn header(top: &Fields<'_>, kind: &str, name: &str) -> Result<()> {
    for (key, wanted) in [("apiVersion", API_VERSION), ("kind", kind)] {
        if let Some(text) = top.text(key)?.filter(|text| *text != wanted) {
            return Err(Box::new(
                codes::KEY_HEADER
                    .finding(format!("`{key}` must be `{wanted}`, found `{text}`"))
                    .at(top.get(key).and_then(|node| node.origin.place())),
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
                .at(metadata.get("name").and_then(|node| node.origin.place()))
                .hint("the folder's name counts: two sites can never have one name"),
        )),
        _ => Ok(()),
    }
}

fn source_folders(top: &Fields<'_>) -> Result<BTreeMap<String, SourceFolder>> {
    let Some(listed) = top.fields("sources")? else { return Ok(BTreeMap::new()) };
    let mut folders = BTreeMap::new();
    for (name, _) in listed.entries() {
        let Some(source) = listed.fields(name)? else { continue };
        let place = source.get("path").and_then(|node| node.origin.place());
        let folder = SourceFolder {
            path: sources::clean_path(source.required("path")?, place)?,
            url: source.text("url")?.map(str::to_owned),
            revision: source.text("ref")?.map(str::to_owned),
        };
        folders.insert(name.to_owned(), folder);
    }
    Ok(folders)
}

fn unreadable_is_error(top: &Fields<'_>) -> Result<bool> {
    match top.text("unreadableValues")? {
        None | Some("note") => Ok(false),
        Some("error") => Ok(true),
        Some(other) => Err(Box::new(
            codes::KEY_WRONG_VALUE
                .finding(format!("`unreadableValues` must be `note` or `error`, found `{other}`"))
                .at(top.get("unreadableValues").and_then(|node| node.origin.place())),
        )),
    }
}
