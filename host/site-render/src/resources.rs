//! The objects beside the chart: what policies return as manifests, and the resource files
//! that an environment and its sites keep, merged without kustomize.
//!
//! Layers, weakest first: the policies, then the folders of `resources` in their order. The
//! first layer that names an object made it. What the maker said, any later layer may change,
//! and a note tells; two layers that disagree on what neither of them made are refused.

mod resource_files;
mod list_keys;
mod from_policies;
mod object_merge;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::build::text;
use crate::codes;
use crate::fields::with_suggestion;
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::gate::Open;
use crate::origin::Origin;
use crate::policy::Answer;
use crate::request::Target;
use crate::value::{Mapping, Node, Value};

/// The objects beside the chart, in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Objects {
    made: IndexMap<ObjectIdentity, MergedObject>,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// An object that is emitted.
#[derive(Debug)]
struct MergedObject {
    node: Node,
    /// The layer that named it first.
    creator: Creator,
    /// Whether a resource file says something of it.
    is_filed: bool,
}

/// A layer that makes objects.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Creator {
    /// A policy, by name.
    Policy(String),
    /// A folder of resource files.
    Folder(String),
}

/// apiVersion, kind, namespace and name: what makes two objects the same.
type ObjectIdentity = [String; 4];

/// Combines what policies made with the resource files.
pub(crate) fn combine(fleet: &Fleet, open: &Open, answers: &[Answer]) -> Result<Objects, Problems> {
    let mut objects =
        Objects { made: from_policies::build_objects(open, answers)?, findings: Vec::new() };
    let mut problems = Vec::new();
    for layer in resource_files::read_layers(fleet, open, &mut objects.findings)? {
        for document in layer.documents {
            if let Err(why) = check_object(&document) {
                problems.push(object_finding(&why));
                continue;
            }
            let document = in_namespace(document, open.namespace());
            let laid = objects.merge_document(&layer.folder, document);
            problems.extend(laid.err().into_iter().flat_map(|problems| problems.0));
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    Ok(objects.strip_nulls())
}

impl Objects {
    /// All of them.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.made.values().map(|object| &object.node)
    }

    /// What will be applied for a target: the chart's objects are among it where the target
    /// has them.
    pub(crate) fn applied_objects(&self, target: Target, documents: &[Node]) -> Vec<Node> {
        match target {
            Target::Manifests => documents.to_vec(),
            _ => self.nodes().cloned().collect(),
        }
    }

    /// Those that policies made which say true.
    pub(crate) fn of(&self, wanted: impl Fn(&str) -> bool) -> Vec<Node> {
        let theirs = self.made.values().filter(|object| match &object.creator {
            Creator::Policy(name) => wanted(name),
            Creator::Folder(_) => false,
        });
        theirs.map(|object| object.node.clone()).collect()
    }

    /// Adds a document of a layer, or merges it into the object of that identity.
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

    /// A warning about an object that stands alone and is called almost like another of its
    /// kind: a change that misses its object adds half an object.
    fn near_miss_warning(&self, identity: &ObjectIdentity, document: &Node) -> Option<Finding> {
        let alike = self.made.keys().filter(|other| other[..3] == identity[..3]);
        let message = format!("{} is made here, and nothing else knows it", display_name(identity));
        let finding = codes::RESOURCES_NEAR_NAME
            .finding(message)
            .at(document.pointer("/metadata/name").and_then(|node| node.origin.place()));
        let finding = with_suggestion(finding, &identity[3], alike.map(|other| &*other[3]));
        finding.hint.is_some().then_some(finding)
    }

    /// The same, without the nulls by which layers took keys away.
    fn strip_nulls(mut self) -> Self {
        for object in self.made.values_mut().filter(|object| object.is_filed) {
            object.node = object_merge::without_nulls(&object.node);
        }
        self
    }
}

/// Why a document is no object of Kubernetes, and the value to blame.
struct InvalidObject<'a> {
    what: String,
    node: &'a Node,
}

/// Whether a document is one object with a name.
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
    // Whoever applies a List takes its items apart, behind the back of every check.
    if document.get("items").is_some() && document.get("kind").is_some_and(is_list) {
        return wrong("is a list of objects: write them one by one", document);
    }
    Ok(())
}

fn is_list(kind: &Node) -> bool {
    kind.as_text().is_some_and(|kind| kind.ends_with("List"))
}

fn object_finding(wrong: &InvalidObject<'_>) -> Finding {
    let message = format!("this document {}", wrong.what);
    codes::RESOURCES_OBJECT.finding(message).at(wrong.node.origin.key_place())
}

/// The object, in this namespace unless it names another.
fn in_namespace(node: Node, namespace: &str) -> Node {
    let (Some(top), Some(metadata)) =
        (node.as_mapping(), node.get("metadata").and_then(Node::as_mapping))
    else {
        return node;
    };
    if metadata.contains_key("namespace") {
        return node;
    }
    let (mut top, mut metadata) = (Mapping::clone(top), Mapping::clone(metadata));
    metadata.insert(Arc::from("namespace"), text(namespace));
    let origin = top["metadata"].origin.clone();
    let metadata = Node { value: Value::Mapping(Arc::new(metadata)), origin };
    top.insert(Arc::from("metadata"), metadata);
    Node { value: Value::Mapping(Arc::new(top)), origin: node.origin }
}

fn identity_of(node: &Node) -> ObjectIdentity {
    ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
        .map(|path| node.pointer(path).and_then(Node::as_text).unwrap_or_default().to_owned())
}

/// An object's kind, namespace and name, for a person.
fn display_name([_, kind, namespace, name]: &ObjectIdentity) -> String {
    format!("{kind} {namespace}/{name}")
}

/// The layer that a value comes from: a folder, or the empty text for policies. What this
/// program wrote itself is nobody's.
fn layer_of(origin: &Origin) -> Option<&str> {
    match origin {
        Origin::File { file, .. } => file.name.rsplit_once('/').map(|(folder, _)| folder),
        Origin::Policy(_) => Some(""),
        Origin::Asked(_) | Origin::Built(_) => None,
    }
}
