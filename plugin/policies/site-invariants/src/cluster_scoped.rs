//! Reports objects of the whole cluster that a site brings: two components would overwrite each
//! other's, and removing one component would delete the object for all.

use policy_sdk::{Object, Plan};

use crate::codes;
use crate::settings::{Settings, lists_kind};

/// Kinds without a namespace, by API group, of Kubernetes 1.35, cert-manager 1.21 and its trust
/// bundles, External Secrets 1.3, Gateway API 1.6.
const KINDS: [(&str, &[&str]); 19] = [
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterPushSecret", "ClusterSecretStore"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("generators.external-secrets.io", &["ClusterGenerator"]),
    ("internal.apiserver.k8s.io", &["StorageVersion"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
    ("trust.cert-manager.io", &["Bundle", "ClusterBundle"]),
];

/// Returns whether an object belongs to the whole cluster.
pub(crate) fn is_cluster_scoped(object: &Object, settings: &Settings) -> bool {
    let known = KINDS.iter().find(|(group, _)| *group == object.group());
    known.is_some_and(|(_, kinds)| kinds.contains(&&*object.kind))
        || lists_kind(&settings.cluster_scoped, object)
}

/// Reports such an object at a site, unless the settings allow its kind.
pub(crate) fn report_at_site(plan: &mut Plan, object: &Object, settings: &Settings) {
    if lists_kind(&settings.allow, object) {
        return;
    }
    let message = format!("{} belongs to the whole cluster, not to a site", object.label());
    plan.report(codes::OBJECT_CLUSTER_SCOPED.finding(message).at(object.path("/kind")).hint(
        "install it with the cluster, or add its kind to the setting allow of site-invariants",
    ));
}
