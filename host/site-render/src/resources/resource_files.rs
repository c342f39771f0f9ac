//! Reads resource files: each folder that an environment names is a layer.
//!
//! The files of a folder are those that end in `.yaml` or `.yml`, sorted by name; subfolders are
//! ignored. A `Secret` with data is rejected, because values in Git are not secret.

use std::sync::Arc;

use crate::codes;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Stage};
use crate::finding_list::FindingList;
use crate::gate::Open;
use crate::inputs::{fill_template, of_one_site};
use crate::memory::MemoryBudget;
use crate::origin::Location;
use crate::sources;
use crate::tree::{EntryKind, TreeError};
use crate::value::{Node, Value};
use crate::yaml::Parsed;

/// The maximum number of files in one folder. The limit catches a path that names the wrong
/// folder.
const MAX_FILES: usize = 64;

/// The documents of a folder.
pub(super) struct ResourceLayer {
    /// The folder.
    pub(super) folder: String,
    /// Its documents, in the order of the files.
    pub(super) documents: Vec<Node>,
}

/// Reads the layers of a site, or of a global cluster.
pub(super) fn read_layers(
    fleet_files: &FleetFiles,
    open: &Open,
    memory: &MemoryBudget,
    findings: &mut FindingList,
) -> Result<Vec<ResourceLayer>, Problems> {
    let mut layers = Vec::new();
    for (template, place) in open.resources() {
        let folder = match open {
            Open::Site(site) => fill_template(template, site),
            Open::Fleet(all) => template.replace("{{environment}}", &all.environment.name),
        };
        let folder = sources::clean_path(&folder, place.clone())?;
        let own = of_one_site(template);
        let names = match list_files(fleet_files, &folder) {
            Ok((names, ignored)) => {
                findings.extend(ignored.map(|name| ignored_entry(&folder, &name, place.clone())));
                names
            }
            Err(TreeError::Missing) => {
                findings.extend((!own).then(|| absent_folder(&folder, place.clone())));
                continue;
            }
            Err(error) => {
                let message = format!("cannot list {folder}: {error}");
                return Err(codes::RESOURCES_FOLDER.finding(message).at(place.clone()).into());
            }
        };
        if names.len() > MAX_FILES {
            return Err(too_many(&folder, names.len(), place.clone()).into());
        }
        let mut documents = Vec::new();
        for path in names {
            let parsed = fleet_files.document_stream(&path, own)?;
            memory.spend(parsed.memory, || path.clone())?;
            findings.extend(parsed.warnings.iter().cloned());
            documents.extend(read_documents(&parsed)?);
        }
        layers.push(ResourceLayer { folder, documents });
    }
    Ok(layers)
}

/// Returns the YAML files of a folder, sorted by name, and an entry that may hold objects and is not
/// read.
fn list_files(
    fleet_files: &FleetFiles,
    folder: &str,
) -> Result<(Vec<String>, Option<String>), TreeError> {
    let extension = |name: &str| name.rsplit_once('.').map(|(_, end)| end.to_owned());
    let is_yaml = |name: &str| matches!(extension(name).as_deref(), Some("yaml" | "yml"));
    let may_hold_objects = |name: &str| {
        let extension = extension(name).unwrap_or_default().to_ascii_lowercase();
        matches!(&*extension, "yaml" | "yml" | "json" | "jsonnet")
    };
    let (mut files, mut ignored) = (Vec::new(), None);
    for (name, kind) in fleet_files.tree().list(folder)? {
        // Reading an entry that cannot be read reports why.
        if kind != EntryKind::Folder && is_yaml(&name) {
            files.push(format!("{folder}/{name}"));
        } else if kind == EntryKind::Folder || may_hold_objects(&name) {
            ignored.get_or_insert(name);
        }
    }
    Ok((files, ignored))
}

/// Returns the warning for an entry of a folder that is not read.
fn ignored_entry(folder: &str, name: &str, place: Option<Location>) -> Finding {
    let message =
        format!("{folder}/{name} is not read: only .yaml and .yml files of the folder are");
    codes::RESOURCES_IGNORED.finding(message).at(place)
}

/// Returns the documents of a file that are not empty.
fn read_documents(parsed: &Arc<Parsed>) -> Result<Vec<Node>, Problems> {
    let documents = parsed.root.as_sequence().unwrap_or_default().iter();
    let documents = documents.filter(|node| !matches!(node.value, Value::Null));
    documents
        .map(|node| match secret_finding(node) {
            Some(finding) => Err(finding.into()),
            None => Ok(node.clone()),
        })
        .collect()
}

/// Returns an error for a Secret with data.
fn secret_finding(node: &Node) -> Option<Finding> {
    let text_of = |key| node.get(key).and_then(Node::as_text);
    if text_of("apiVersion") != Some("v1") || text_of("kind") != Some("Secret") {
        return None;
    }
    let data = ["data", "stringData"].into_iter().find_map(|key| node.get(key))?;
    // An empty mapping adds nothing; a string in place of the mapping has a content.
    if data.is_empty() && !matches!(data.value, Value::Text(_)) {
        return None;
    }
    let message = "a Secret in a resource file contains a secret as text";
    let place = data.origin.key_place().map(Location::without_text);
    Some(
        codes::SECRET_LITERAL
            .finding(message)
            .stage(Stage::Resources)
            .at(place)
            .hint("let a controller in the cluster create it, for example from an ExternalSecret"),
    )
}

/// Returns the warning for a folder that does not exist.
fn absent_folder(folder: &str, place: Option<Location>) -> Finding {
    let message = format!("{folder} does not exist and adds no objects");
    codes::RESOURCES_ABSENT.finding(message).at(place)
}

/// Returns the error for a folder with too many files.
fn too_many(folder: &str, count: usize, place: Option<Location>) -> Finding {
    let message = format!("{folder} has {count} files, more than the {MAX_FILES} allowed");
    codes::RESOURCES_TOO_MANY.finding(message).at(place)
}
