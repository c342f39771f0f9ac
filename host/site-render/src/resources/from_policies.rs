//! Converts the manifests of policies to objects.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Creator, MergedObject, ObjectIdentity, check_object, identity_of, in_namespace};
use crate::codes;
use crate::finding::Problems;
use crate::gate::Open;
use crate::origin::{Origin, PolicyOrigin};
use crate::policy::{Answer, Manifest};
use crate::value::Node;

/// Returns the objects of all plans, in order. Two policies must not create the same object,
/// because each would assume that it alone decides its content.
pub(super) fn build_objects(
    open: &Open,
    answers: &[Answer],
) -> Result<IndexMap<ObjectIdentity, MergedObject>, Problems> {
    let mut made: IndexMap<ObjectIdentity, MergedObject> = IndexMap::new();
    for answer in answers {
        for manifest in &answer.plan.manifests {
            let node = manifest_node(&answer.policy, manifest);
            if let Err(why) = check_object(&node) {
                return Err(manifest_error(&answer.policy, manifest, &why.what));
            }
            let node = in_namespace(node, open.namespace());
            let creator = Creator::Policy(answer.policy.clone());
            let other = made.insert(identity_of(&node), MergedObject::new(node, creator));
            if let Some(MergedObject { creator: Creator::Policy(other), .. }) = other {
                let what = format!("is also returned by policy `{other}`");
                return Err(manifest_error(&answer.policy, manifest, &what));
            }
        }
    }
    Ok(made)
}

/// Returns a manifest as a node with its policy and reason as the origin.
fn manifest_node(policy: &str, manifest: &Manifest) -> Node {
    let origin = PolicyOrigin { policy: policy.to_owned(), reason: manifest.reason.clone() };
    Node { value: manifest.body.clone(), origin: Origin::Policy(Arc::new(origin)) }
}

/// Returns the error for an invalid manifest of a policy.
fn manifest_error(policy: &str, manifest: &Manifest, what: &str) -> Problems {
    codes::POLICY_MANIFEST
        .finding(format!("a manifest of policy `{policy}` {what} ({})", manifest.reason))
        .into()
}
