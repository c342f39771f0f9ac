//! The objects beside the chart: the manifests that policies return, and the resource files of an
//! environment and its sites, merged without kustomize.
//!
//! The layers, weakest first: the policies, then the folders of `resources` in order. The first
//! layer that names an object creates it. Later layers may override a field set by the creator
//! (reported as a note); two later layers that disagree are an error.

mod resource_files;
mod list_keys;
mod from_policies;
mod object_merge;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::codes;
use crate::fields::with_suggestion;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems};
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::node_builder::text;
use crate::origin::Origin;
use crate::policy::Answer;
use crate::request::Target;
use crate::value::{Mapping, Node, Value};

/// The objects beside the chart, in the order of their creation.
#[derive(Debug)]
pub(crate) struct Objects {
    made: IndexMap<ObjectIdentity, MergedObject>,
    /// Notes and warnings about the objects.
    findings: Vec<Finding>,
}

/// An object that is emitted.
#[derive(Debug)]
struct MergedObject {
    node: Node,
    /// The layer that created the object.
    creator: Creator,
    /// Whether a resource file contributes to the object.
    is_filed: bool,
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
) -> Result<Reported<Objects>, Problems> {
    let mut objects =
        Objects { made: from_policies::build_objects(open, answers)?, findings: Vec::new() };
    let mut problems = Vec::new();
    for layer in resource_files::read_layers(fleet_files, open, &mut objects.findings)? {
        for document in layer.documents {
            if let Err(why) = check_object(&document) {
                problems.push(object_finding(&why));
                continue;
            }
            let document = in_namespace(document, open.namespace());
            let merged = objects.merge_document(&layer.folder, document);
            problems.extend(merged.err().into_iter().flat_map(|problems| problems.0));
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let mut objects = objects.strip_nulls();
    let findings = std::mem::take(&mut objects.findings);
    Ok(Reported::new(Reporter::Resources, objects, findings))
}

impl Objects {
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
    fn merge_document(&mut self, folder: &str, document: Node) -> Result<(), Problems> {
        let identity = identity_of(&document);
        if let Some(object) = self.made.get_mut(&identity) {
            object.node =
                object_merge::merge_object(object, &identity, &document, &mut self.findings)?;
            object.is_filed = true;
            return Ok(());
        }
        self.findings.extend(self.near_miss_warning(&identity, &document));
        let creator = Creator::Folder(folder.to_owned());
        self.made.insert(identity, MergedObject { node: document, creator, is_filed: true });
        Ok(())
    }

    /// Returns a warning for a new object whose name is almost that of another of its kind: a
    /// patch with a misspelled name creates an incomplete object.
    fn near_miss_warning(&self, identity: &ObjectIdentity, document: &Node) -> Option<Finding> {
        let alike = self.made.keys().filter(|other| other[..3] == identity[..3]);
        let message =
            format!("{} is created here, and no other layer names it", display_name(identity));
        let finding = codes::RESOURCES_NEAR_NAME
            .finding(message)
            .at(document.pointer("/metadata/name").and_then(|node| node.origin.place()));
        let finding = with_suggestion(finding, &identity[3], alike.map(|other| &*other[3]));
        finding.hint.is_some().then_some(finding)
    }

    /// Removes the nulls that layers used to delete keys.
    fn strip_nulls(mut self) -> Self {
        for object in self.made.values_mut().filter(|object| object.is_filed) {
            object.node = object_merge::without_nulls(&object.node);
        }
        self
    }
}

/// The reason why a document is not a valid Kubernetes object, and the value at fault.
struct InvalidObject<'a> {
    what: String,
    node: &'a Node,
}

/// Checks that a document is one object with a name.
fn check_object(document: &Node) -> Result<(), InvalidObject<'_>> {
    let wrong = |what: &str, node| Err(InvalidObject { what: what.to_owned(), node });
    if document.as_mapping().is_none() {
        return wrong("is not an object", document);
    }
    for key in ["apiVersion", "kind"] {
        if document.get(key).and_then(Node::as_text).is_none_or(str::is_empty) {
            return wrong(&format!("has no `{key}`"), document.get(key).unwrap_or(document));
        }
    }
    let named = document.pointer("/metadata/name");
    if document.get("metadata").is_none_or(|node| node.as_mapping().is_none()) {
        return wrong("has no `metadata`", document);
    }
    if named.and_then(Node::as_text).is_none_or(str::is_empty) {
        return wrong("has no name", named.unwrap_or(document));
    }
    // kubectl and Argo CD split a List into its items, which no check would have seen.
    if document.get("items").is_some() && document.get("kind").is_some_and(is_list) {
        return wrong("is a list of objects: write each as a document", document);
    }
    Ok(())
}

/// Returns whether a kind is that of a list, such as `ConfigMapList`.
fn is_list(kind: &Node) -> bool {
    kind.as_text().is_some_and(|kind| kind.ends_with("List"))
}

/// Returns the error for an invalid object.
fn object_finding(wrong: &InvalidObject<'_>) -> Finding {
    let message = format!("this document {}", wrong.what);
    codes::RESOURCES_OBJECT.finding(message).at(wrong.node.origin.key_place())
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
