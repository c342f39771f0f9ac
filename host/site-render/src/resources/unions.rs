//! Fields of which Kubernetes accepts one: `value` or `valueFrom`, one source of a volume, one handler
//! of a probe. Layers that each set another one make an object that the API server refuses.
//!
//! The rules are those of `k8s.io/kubernetes/pkg/apis/core/validation` 1.36 and, for strategies, of
//! `apis/apps/validation`.

use super::{ObjectIdentity, display_name};
use crate::codes;
use crate::finding::{Finding, Severity};
use crate::finding_list::FindingList;
use crate::value::{Node, Value, escape};

/// The kinds that have pods.
const WORKLOADS: &[&str] = &[
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
];

/// The handlers of a probe or a hook.
const HANDLERS: &[&str] = &["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/// Reports the fields of an object of which only one may be set.
pub(super) fn check_unions(identity: &ObjectIdentity, node: &Node, findings: &mut FindingList) {
    let [api, kind, ..] = identity;
    let is_built_in = matches!(&**api, "v1" | "apps/v1" | "batch/v1");
    if is_built_in && WORKLOADS.contains(&&**kind) {
        check_node(identity, node, "", &mut String::new(), findings);
    }
}

/// Checks a value; `field` is the last mapping key of its path.
fn check_node(
    identity: &ObjectIdentity,
    node: &Node,
    field: &str,
    path: &mut String,
    findings: &mut FindingList,
) {
    let mut below = |key: &str, field: &str, child: &Node| {
        let length = path.len();
        path.push('/');
        path.push_str(&escape(key));
        check_node(identity, child, field, path, findings);
        path.truncate(length);
    };
    match &node.value {
        Value::Mapping(mapping) => {
            mapping.iter().for_each(|(key, child)| below(key, key, child));
            if let [first, second, ..] = &set_fields(node, field)[..] {
                findings.push_with(Severity::Error, || {
                    union_finding(identity, path, [*first, *second])
                });
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                below(&index.to_string(), field, item);
            }
        }
        _ => {}
    }
}

/// Returns the fields that are set, of those among which only one may be.
fn set_fields<'n>(node: &'n Node, field: &str) -> Vec<(&'n str, &'n Node)> {
    let is_one: &dyn Fn(&str, &Node) -> bool = match field {
        "env" => &|key, node| match key {
            "value" => node.as_text().is_some_and(|text| !text.is_empty()),
            key => key == "valueFrom",
        },
        "envFrom" => &|key, _| matches!(key, "configMapRef" | "secretRef"),
        "valueFrom" => &|key, _| {
            matches!(
                key,
                "fieldRef" | "resourceFieldRef" | "configMapKeyRef" | "secretKeyRef" | "fileKeyRef"
            )
        },
        "volumes" => &|key, node| key != "name" && node.as_mapping().is_some(),
        "livenessProbe" | "readinessProbe" | "startupProbe" | "postStart" | "preStop" => {
            &|key, _| HANDLERS.contains(&key)
        }
        // `rollingUpdate` belongs to the type of that name, which is the default.
        "strategy" | "updateStrategy" => &|key, node| match key {
            "type" => node.as_text().is_some_and(|text| text != "RollingUpdate"),
            key => key == "rollingUpdate",
        },
        _ => return Vec::new(),
    };
    let entries = node.as_mapping().into_iter().flatten();
    let set = entries.filter(|(key, node)| !matches!(node.value, Value::Null) && is_one(key, node));
    set.map(|(key, node)| (&**key, node)).collect()
}

fn union_finding(
    identity: &ObjectIdentity,
    path: &str,
    [(first, _), (second, node)]: [(&str, &Node); 2],
) -> Finding {
    let message = format!(
        "`{path}` of {} has both `{first}` and `{second}`, and Kubernetes accepts one of them",
        display_name(identity)
    );
    codes::RESOURCES_UNION
        .finding(message)
        .at(node.origin.key_place())
        .on(path.to_owned())
        .hint("remove one of them; a later layer removes it with a null")
}
