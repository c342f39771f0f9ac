//! What policies return as manifests, as objects.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Identity, Maker, Object, identity, in_namespace, object};
use crate::codes;
use crate::finding::Problems;
use crate::gate::Open;
use crate::origin::{Origin, PolicyOrigin};
use crate::policy::{Answer, Manifest};
use crate::value::Node;

/// All manifests of these answers, in their order. Two policies never make one object: each
/// would believe that it alone decides about it.
pub(super) fn by_policies(
    open: &Open,
    answers: &[Answer],
) -> Result<IndexMap<Identity, Object>, Problems> {
    let mut made: IndexMap<Identity, Object> = IndexMap::new();
    for answer in answers {
        for manifest in &answer.plan.manifests {
            let node = written(&answer.policy, manifest);
            if let Err(why) = object(&node) {
                return Err(wrong(&answer.policy, manifest, &why.what));
            }
            let node = in_namespace(node, open.namespace());
            let maker = Maker::Policy(answer.policy.clone());
            let other = made.insert(identity(&node), Object { node, maker, is_filed: false });
            if let Some(Object { maker: Maker::Policy(other), .. }) = other {
                let what = format!("is also returned by policy `{other}`");
                return Err(wrong(&answer.policy, manifest, &what));
            }
        }
    }
    Ok(made)
}

/// A manifest as a value that says who wrote it, and why.
fn written(policy: &str, manifest: &Manifest) -> Node {
    let origin = PolicyOrigin { policy: policy.to_owned(), reason: manifest.reason.clone() };
    Node { value: manifest.body.clone(), origin: Origin::Policy(Arc::new(origin)) }
}

fn wrong(policy: &str, manifest: &Manifest, what: &str) -> Problems {
    codes::POLICY_MANIFEST
        .finding(format!("a manifest of policy `{policy}` {what} ({})", manifest.reason))
        .into()
}
