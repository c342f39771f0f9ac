//! The objects beside the chart: the manifests that policies return, and the resource files of an
//! environment and its sites, merged without kustomize.
//!
//! The layers, weakest first: the policies, then the folders of `resources` in order. The first
//! layer that names an object creates it. Later layers may override a field set by the creator
//! (reported as a note); two later layers that disagree are an error.

mod resource_files;
mod list_index;
mod list_keys;
mod from_policies;
mod object_merge;
mod unions;
mod valid_object;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::codes;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Severity};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::memory::MemoryBudget;
use crate::node_builder::text;
use crate::origin::Origin;
use crate::policy::Answer;
use crate::request::Target;
use crate::suggestion::Suggester;
use crate::value::{Mapping, Node, Value};

use list_index::ListIndex;
use valid_object::{check_object, object_finding};

/// How many documents with an error are merged into one object.
const MOST_FAILURES: usize = 100;

/// The objects beside the chart, in the order of their creation.
#[derive(Debug)]
pub(crate) struct Objects {
    made: IndexMap<ObjectIdentity, MergedObject>,
    /// The names of the objects, by apiVersion, kind and namespace.
    names: BTreeMap<[String; 3], Vec<String>>,
    /// Compares the names with each other.
    suggester: Suggester,
    /// Whether every new name was compared with the others.
    all_compared: bool,
    /// Notes and warnings about the objects.
    findings: FindingList,
}

/// An object that is emitted.
#[derive(Debug)]
struct MergedObject {
    node: Node,
    /// The layer that created the object.
    creator: Creator,
    /// Whether a resource file contributes to the object.
    is_filed: bool,
    /// The keyed lists that resource files have changed.
    index: ListIndex,
    /// How many documents could not be merged.
    failures: usize,
}

impl MergedObject {
    /// Returns an object as its first layer has it.
    fn new(node: Node, creator: Creator) -> Self {
        let is_filed = matches!(creator, Creator::Folder(_));
        Self { node, creator, is_filed, index: ListIndex::default(), failures: 0 }
    }
}

/// A layer that creates objects.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Creator {
    /// A policy, by name.
    Policy(String),
    /// A folder of resource files.
    Folder(String),
}

/// The apiVersion, kind, namespace and name, which identify an object.
type ObjectIdentity = [String; 4];

/// Merges the manifests of the policies with the resource files.
pub(crate) fn combine(
    fleet_files: &FleetFiles,
    open: &Open,
    answers: &[Answer],
    memory: &MemoryBudget,
) -> Result<Reported<Objects>, Problems> {
    let mut objects = Objects::of_policies(from_policies::build_objects(open, answers)?);
    let mut problems = FindingList::default();
    for layer in resource_files::read_layers(fleet_files, open, memory, &mut objects.findings)? {
        for document in layer.documents {
            if let Err(why) = check_object(&document) {
                problems.push_with(Severity::Error, || object_finding(&why));
                continue;
            }
            let document = in_namespace(document, open.namespace());
            objects.merge_document(&layer.folder, document, &mut problems);
        }
    }
    for object in objects.made.values() {
        let rules = &fleet_files.world.rules;
        problems.extend(rules.check_object(&object.node, object.is_filed, open.namespace()));
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut objects = objects.without_deleted();
    for (identity, object) in objects.made.iter().filter(|(_, object)| object.is_filed) {
        unions::check_unions(identity, &object.node, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    if !objects.all_compared {
        let message = format!("the names of {} objects are not compared", objects.made.len());
        objects.findings.push(codes::RESOURCES_MANY.finding(message));
    }
    let findings = std::mem::take(&mut objects.findings).into_vec();
    Ok(Reported::new(Reporter::Resources, objects, findings))
}

impl Objects {
    /// Returns the objects of the policies.
    fn of_policies(made: IndexMap<ObjectIdentity, MergedObject>) -> Self {
        let mut names: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for [api, kind, namespace, name] in made.keys().cloned() {
            names.entry([api, kind, namespace]).or_default().push(name);
        }
        let (suggester, findings) = (Suggester::default(), FindingList::default());
        Self { made, names, suggester, all_compared: true, findings }
    }

    /// Returns all objects.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.made.values().map(|object| &object.node)
    }

    /// Returns the objects that are applied for a target, including the chart's if the target has
    /// them.
    pub(crate) fn applied_objects(&self, target: Target, documents: &[Node]) -> Vec<Node> {
        match target {
            Target::Manifests => documents.to_vec(),
            _ => self.nodes().cloned().collect(),
        }
    }

    /// Returns the objects that the selected policies created.
    pub(crate) fn of(&self, is_selected: impl Fn(&str) -> bool) -> Vec<Node> {
        let theirs = self.made.values().filter(|object| match &object.creator {
            Creator::Policy(name) => is_selected(name),
            Creator::Folder(_) => false,
        });
        theirs.map(|object| object.node.clone()).collect()
    }

    /// Adds a document of a layer, or merges it into the existing object.
    fn merge_document(&mut self, folder: &str, document: Node, problems: &mut FindingList) {
        let identity = identity_of(&document);
        let Some(object) = self.made.get_mut(&identity) else {
            return self.create_object(identity, folder, document);
        };
        object.is_filed = true;
        if object.failures >= MOST_FAILURES {
            // An error may take the time of a walk through the object.
            problems.push_with(Severity::Error, || failed_object(&identity, &document));
            return;
        }
        let merged = object_merge::merge_object(object, &identity, &document, &mut self.findings);
        if let Err(found) = merged {
            object.failures += 1;
            problems.extend(found.0);
        }
    }

    /// Adds the object of a document. A name that is almost that of another object of its kind gets
    /// a warning: a patch with a misspelled name creates an incomplete object.
    fn create_object(&mut self, identity: ObjectIdentity, folder: &str, document: Node) {
        let Self { made, names, suggester, all_compared, findings } = self;
        let [api, kind, namespace, name] = identity.clone();
        let alike = names.entry([api, kind, namespace]).or_default();
        if suggester.is_exhausted(alike.len()) {
            *all_compared = false;
        } else if let Some(near) =
            suggester.nearest(&name, alike.len(), alike.iter().map(String::as_str))
        {
            findings.push(near_name_warning(&identity, near, &document));
        }
        alike.push(name);
        let creator = Creator::Folder(folder.to_owned());
        made.insert(identity, MergedObject::new(document, creator));
    }

    /// Removes the keys that layers set to null.
    fn without_deleted(mut self) -> Self {
        for (identity, object) in self.made.iter_mut().filter(|(_, object)| object.is_filed) {
            object.node = object_merge::without_deleted(object, identity);
        }
        self
    }
}

/// Returns the warning for a new object with a name like that of another.
fn near_name_warning(identity: &ObjectIdentity, near: &str, document: &Node) -> Finding {
    let message =
        format!("{} is created here, and no other layer names it", display_name(identity));
    codes::RESOURCES_NEAR_NAME
        .finding(message)
        .at(document.pointer("/metadata/name").and_then(|node| node.origin.place()))
        .hint(format!("did you mean `{near}`?"))
}

/// Returns the error for one more document of an object that many could not be merged into.
fn failed_object(identity: &ObjectIdentity, document: &Node) -> Finding {
    let message = format!(
        "this document is not merged, because {MOST_FAILURES} others of {} could not be",
        display_name(identity)
    );
    codes::RESOURCES_CONFLICT.finding(message).at(document.origin.place())
}

/// Sets the namespace of an object that has none.
fn in_namespace(node: Node, namespace: &str) -> Node {
    let (Some(top), Some(metadata)) =
        (node.as_mapping(), node.get("metadata").and_then(Node::as_mapping))
    else {
        return node;
    };
    if metadata.contains_key("namespace") {
        return node;
    }
    // Mappings are shared with the parsed file, so only the two that change are copied.
    let (mut top, mut metadata) = (Mapping::clone(top), Mapping::clone(metadata));
    metadata.insert(Arc::from("namespace"), text(namespace));
    let origin = top["metadata"].origin.clone();
    let metadata = Node { value: Value::Mapping(Arc::new(metadata)), origin };
    top.insert(Arc::from("metadata"), metadata);
    Node { value: Value::Mapping(Arc::new(top)), origin: node.origin }
}

/// Returns the identity of an object.
fn identity_of(node: &Node) -> ObjectIdentity {
    ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
        .map(|path| node.pointer(path).and_then(Node::as_text).unwrap_or_default().to_owned())
}

/// Returns an object's kind, namespace and name for a message.
fn display_name([_, kind, namespace, name]: &ObjectIdentity) -> String {
    format!("{kind} {namespace}/{name}")
}

/// Returns the layer of a value: a folder, or the empty text for policies; `None` for values that
/// site-cmp itself sets.
fn layer_of(origin: &Origin) -> Option<&str> {
    match origin {
        Origin::File { file, .. } => file.name.rsplit_once('/').map(|(folder, _)| folder),
        Origin::Policy(_) => Some(""),
        Origin::Override(_) | Origin::Built(_) => None,
    }
}
