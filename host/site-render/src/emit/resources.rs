//! The objects beside the chart: what policies return as manifests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::build::text;
use crate::finding::{Finding, Problems, Stage};
use crate::origin::{Origin, PolicyOrigin};
use crate::policy::Manifest;
use crate::request::Answer;
use crate::value::{Mapping, Node, Value};

/// All manifests of these answers, in their order, each in this namespace unless it names
/// another.
pub(crate) fn resources<'a>(
    namespace: &str,
    answers: impl Iterator<Item = &'a Answer>,
) -> Result<Vec<Node>, Problems> {
    let mut seen = BTreeMap::new();
    let mut documents = Vec::new();
    for answer in answers {
        for manifest in &answer.plan.manifests {
            let node = object(namespace, &answer.policy, manifest)?;
            if let Some(other) = seen.insert(identity(&node), &answer.policy) {
                return Err(wrong(
                    &answer.policy,
                    manifest,
                    &format!("is also returned by policy `{other}`"),
                ));
            }
            documents.push(node);
        }
    }
    Ok(documents)
}

/// A manifest as a Kubernetes object.
fn object(namespace: &str, policy: &str, manifest: &Manifest) -> Result<Node, Problems> {
    let origin = Origin::Policy(Arc::new(PolicyOrigin {
        policy: policy.to_owned(),
        reason: manifest.reason.clone(),
    }));
    let Value::Mapping(top) = &manifest.body else {
        return Err(wrong(policy, manifest, "is not an object"));
    };
    let mut top = Mapping::clone(top);
    for key in ["apiVersion", "kind"] {
        if top.get(key).and_then(Node::as_text).is_none() {
            return Err(wrong(policy, manifest, &format!("has no `{key}`")));
        }
    }
    let Some(Value::Mapping(metadata)) = top.get("metadata").map(|node| &node.value) else {
        return Err(wrong(policy, manifest, "has no `metadata`"));
    };
    if metadata.get("name").and_then(Node::as_text).is_none() {
        return Err(wrong(policy, manifest, "has no name"));
    }
    if !metadata.contains_key("namespace") {
        let mut metadata = Mapping::clone(metadata);
        metadata.insert(Arc::from("namespace"), text(namespace));
        top.insert(
            Arc::from("metadata"),
            Node { value: Value::Mapping(Arc::new(metadata)), origin: origin.clone() },
        );
    }
    Ok(Node { value: Value::Mapping(Arc::new(top)), origin })
}

/// apiVersion, kind, namespace and name: what makes two objects the same.
fn identity(node: &Node) -> [String; 4] {
    ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
        .map(|path| node.pointer(path).and_then(Node::as_text).unwrap_or_default().to_owned())
}

fn wrong(policy: &str, manifest: &Manifest, what: &str) -> Problems {
    Finding::error(
        Stage::Emit,
        "manifest",
        format!("a manifest of policy `{policy}` {what} ({})", manifest.reason),
    )
    .into()
}
