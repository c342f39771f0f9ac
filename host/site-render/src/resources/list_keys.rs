//! The keys that identify the items of a list in a merge.
//!
//! From the `OpenAPI` document of Kubernetes 1.33 (`x-kubernetes-list-map-keys`, and
//! `x-kubernetes-patch-merge-key` where that is absent), and for `listeners` from the CRD of
//! Gateway API 1.4 to 1.6. All other lists are replaced as a whole, as the API server does.

use crate::value::Node;

/// The keys of a list, each with the default for an absent key.
pub(super) type ListKeys = &'static [(&'static str, Option<&'static str>)];

/// The items of a list of scalars that is merged as a set.
const SET: ListKeys = &[];
const NAME: ListKeys = &[("name", None)];
const CONTAINER_PORT: ListKeys = &[("containerPort", None), ("protocol", Some("TCP"))];
const SERVICE_PORT: ListKeys = &[("port", None), ("protocol", Some("TCP"))];
const SPREAD: ListKeys = &[("topologyKey", None), ("whenUnsatisfiable", None)];

/// Returns the keys of the list `field` below `parent`. Both are names of mappings; items of lists
/// between them are skipped.
pub(super) fn keys_of(api: &str, kind: &str, parent: &str, field: &str) -> Option<ListKeys> {
    if let ("Gateway", "spec", "listeners") = (kind, parent, field) {
        return api.starts_with("gateway.networking.k8s.io/").then_some(NAME);
    }
    if !is_core_api(api) {
        return None;
    }
    Some(match (kind, parent, field) {
        (_, "metadata", "finalizers") => SET,
        (_, "metadata", "ownerReferences") => &[("uid", None)],
        ("Service", "spec", "ports") => SERVICE_PORT,
        ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", "", "webhooks")
        | ("ServiceAccount", "", "secrets")
        | (
            _,
            "spec",
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "volumes"
            | "imagePullSecrets"
            | "resourceClaims"
            | "schedulingGates",
        ) => NAME,
        (_, "spec", "hostAliases") => &[("ip", None)],
        (_, "spec", "topologySpreadConstraints") => SPREAD,
        (_, "containers" | "initContainers" | "ephemeralContainers", field) => match field {
            "env" => NAME,
            "ports" => CONTAINER_PORT,
            "volumeMounts" => &[("mountPath", None)],
            "volumeDevices" => &[("devicePath", None)],
            _ => return None,
        },
        _ => return None,
    })
}

/// The groups with a dot that the API server itself serves.
const BUILT_IN: &[&str] = &[
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "certificates",
    "coordination",
    "discovery",
    "events",
    "flowcontrol.apiserver",
    "networking",
    "node",
    "rbac.authorization",
    "resource",
    "scheduling",
    "storage",
];

/// Returns whether an apiVersion belongs to the API server itself.
fn is_core_api(api: &str) -> bool {
    match api.split_once('/') {
        None => true,
        Some((group, _)) => match group.strip_suffix(".k8s.io") {
            Some(name) => BUILT_IN.contains(&name),
            None => !group.contains('.'),
        },
    }
}

/// Returns the identity of an item, if it has all keys without a default.
pub(super) fn item_name(keys: ListKeys, item: &Node) -> Option<Vec<String>> {
    if keys.is_empty() {
        return Some(vec![item.scalar()?.to_owned()]);
    }
    let each = keys.iter().map(|(key, default)| {
        let value = item.get(key).and_then(Node::scalar).or(*default);
        value.map(str::to_owned)
    });
    each.collect()
}
