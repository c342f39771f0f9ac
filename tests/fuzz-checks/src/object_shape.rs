//! The shape of Kubernetes objects, as far as lists that are merged by a key are concerned.

use serde_json::Value;

/// The kinds of objects, each with its apiVersion and the path of its pod's spec.
pub(super) const KINDS: &[Kind] = &[
    ("Pod", "v1", &["spec"]),
    ("Deployment", "apps/v1", &["spec", "template", "spec"]),
    ("StatefulSet", "apps/v1", &["spec", "template", "spec"]),
    ("DaemonSet", "apps/v1", &["spec", "template", "spec"]),
    ("Job", "batch/v1", &["spec", "template", "spec"]),
    ("CronJob", "batch/v1", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("Service", "v1", &[]),
    ("ServiceAccount", "v1", &[]),
    ("ConfigMap", "v1", &[]),
    ("NetworkPolicy", "networking.k8s.io/v1", &[]),
    ("ReplicaSet", "apps/v1", &["spec", "template", "spec"]),
    ("ReplicationController", "v1", &["spec", "template", "spec"]),
    ("PodTemplate", "v1", &["template", "spec"]),
    ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1", &[]),
    ("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1", &[]),
    ("Role", "rbac.authorization.k8s.io/v1", &[]),
    ("RoleBinding", "rbac.authorization.k8s.io/v1", &[]),
    ("ClusterRole", "rbac.authorization.k8s.io/v1", &[]),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", &[]),
    ("Ingress", "networking.k8s.io/v1", &[]),
    ("IngressClass", "networking.k8s.io/v1", &[]),
    ("PersistentVolumeClaim", "v1", &[]),
    ("PersistentVolume", "v1", &[]),
    ("Namespace", "v1", &[]),
    ("Node", "v1", &[]),
    ("Endpoints", "v1", &[]),
    ("LimitRange", "v1", &[]),
    ("ResourceQuota", "v1", &[]),
    ("HorizontalPodAutoscaler", "autoscaling/v1", &[]),
    ("PodDisruptionBudget", "policy/v1", &[]),
    ("StorageClass", "storage.k8s.io/v1", &[]),
    ("CSIDriver", "storage.k8s.io/v1", &[]),
    ("CSINode", "storage.k8s.io/v1", &[]),
    ("PriorityClass", "scheduling.k8s.io/v1", &[]),
    ("RuntimeClass", "node.k8s.io/v1", &[]),
    ("Lease", "coordination.k8s.io/v1", &[]),
    ("EndpointSlice", "discovery.k8s.io/v1", &[]),
    ("CertificateSigningRequest", "certificates.k8s.io/v1", &[]),
    ("CustomResourceDefinition", "apiextensions.k8s.io/v1", &[]),
    ("APIService", "apiregistration.k8s.io/v1", &[]),
    ("FlowSchema", "flowcontrol.apiserver.k8s.io/v1beta1", &[]),
];

/// A kind of objects.
pub(super) type Kind = (&'static str, &'static str, &'static [&'static str]);

/// The kind of an object of another kind, which Kubernetes does not bring.
pub(super) const CUSTOM: Kind = ("Thing", "example.net/v1", &[]);

/// Names of lists that are merged by a key. Where a kind has no such field, each side may take
/// the name for what it likes.
const KEYED: &[&str] = &[
    "containers",
    "initContainers",
    "ephemeralContainers",
    "volumes",
    "imagePullSecrets",
    "hostAliases",
    "topologySpreadConstraints",
    "resourceClaims",
    "schedulingGates",
    "env",
    "ports",
    "volumeMounts",
    "volumeDevices",
    "secrets",
    "webhooks",
    "finalizers",
    "ownerReferences",
];

/// Returns whether each keyed list of an object is where its kind has one, and nothing in it is a
/// directive of kustomize or a number that YAML writes otherwise.
pub(super) fn is_valid(object: &Value, kind: Kind) -> bool {
    fn check(value: &Value, path: &mut Vec<String>, kind: Kind) -> bool {
        match value {
            Value::Object(entries) => entries.iter().all(|(key, value)| {
                path.push(key.clone());
                let valid = !key.starts_with('$')
                    && (!KEYED.contains(&&**key) || kind.1 == CUSTOM.1 || is_keyed(path, kind))
                    && check(value, path, kind);
                path.pop();
                valid
            }),
            Value::Array(items) => items.iter().all(|item| check(item, path, kind)),
            Value::Number(number) => number.as_i64().is_some(),
            _ => true,
        }
    }
    check(object, &mut Vec::new(), kind)
}

/// Returns whether a kind has a keyed list at a path of mapping keys.
fn is_keyed(path: &[String], (kind, _, pod): Kind) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (kind, &path[..]) {
        ("Service", ["spec", "ports"])
        | ("ServiceAccount", ["secrets"])
        | (_, ["metadata", "finalizers" | "ownerReferences"]) => return true,
        ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", ["webhooks"]) => {
            return true;
        }
        _ if pod.is_empty() => return false,
        _ => {}
    }
    let Some(rest) = path.strip_prefix(pod) else { return false };
    match rest {
        [list] => !matches!(*list, "env" | "ports" | "volumeMounts" | "volumeDevices" | "secrets"),
        ["containers" | "initContainers" | "ephemeralContainers", field] => {
            matches!(*field, "env" | "ports" | "volumeMounts" | "volumeDevices")
        }
        _ => false,
    }
}

/// Returns whether a keyed list has an item without a key, or two with the same. No API server takes
/// them, and kustomize then drops items or replaces the list.
pub(super) fn has_ambiguous_items(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.iter().any(|(key, value)| {
            let items = value.as_array().filter(|_| KEYED.contains(&&**key));
            items.is_some_and(|items| is_ambiguous(key, items)) || has_ambiguous_items(value)
        }),
        Value::Array(items) => items.iter().any(has_ambiguous_items),
        _ => false,
    }
}

/// Returns whether not each item of a keyed list has a key of its own.
fn is_ambiguous(list: &str, items: &[Value]) -> bool {
    let mut seen = Vec::new();
    for item in items {
        if list == "finalizers" {
            if !item.is_string() || seen.contains(&vec![item]) {
                return true;
            }
            seen.push(vec![item]);
            continue;
        }
        let names = key_names(list).iter().filter_map(|name| item.get(name));
        let names: Vec<&Value> =
            names.filter(|name| name.is_string() || name.is_number()).collect();
        if names.is_empty() || seen.contains(&names) {
            return true;
        }
        seen.push(names);
    }
    false
}

/// Returns the keys of the items of a keyed list.
fn key_names(list: &str) -> &'static [&'static str] {
    match list {
        "ports" => &["containerPort", "port"],
        "hostAliases" => &["ip"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "topologySpreadConstraints" => &["topologyKey"],
        "ownerReferences" => &["uid"],
        _ => &["name"],
    }
}
