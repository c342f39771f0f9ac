//! Reports names and namespaces that are missing or that Kubernetes refuses for the kind.

use policy_sdk::{Object, Plan, is_label, is_subdomain};

use crate::codes;

/// The longest name of a `CronJob`: those of its jobs are 11 characters longer
/// (`ValidateCronJobCreate`).
const CRON_JOB_NAME_MAX: usize = 52;

/// Reports a name or a namespace that is missing or invalid.
pub(crate) fn report_names(plan: &mut Plan, object: &Object, cluster_scoped: bool) {
    let label = object.label();
    if object.name.is_empty() {
        let message = format!("an object of kind {} has no name", object.kind);
        let finding = codes::OBJECT_NAME.finding(message).at(object.path(""));
        plan.report(
            finding.hint("set metadata.name; generateName would create a new object at each sync"),
        );
    } else if let Some(rule) = broken_rule(object) {
        let message = format!("Kubernetes refuses the name of {label}");
        let finding = codes::OBJECT_NAME.finding(message).at(object.path("/metadata/name"));
        plan.report(finding.hint(["use ", rule].concat()));
    }
    let namespace = &*object.namespace;
    if cluster_scoped || is_label(namespace) {
        return;
    }
    let finding = |message: String| codes::OBJECT_NAMESPACE.finding(message);
    plan.report(if namespace.is_empty() {
        finding(format!("{label} has no namespace"))
            .at(object.path(""))
            .hint("set metadata.namespace, or add a kind without namespace to the setting clusterScoped of site-invariants")
    } else {
        finding(format!("{label} is in namespace {namespace}, which is not a valid name"))
            .at(object.path("/metadata/namespace"))
            .hint("use up to 63 lower-case letters, digits and `-`")
    });
}

/// Returns the rule of its kind that a name violates.
fn broken_rule(object: &Object) -> Option<&'static str> {
    let name = &*object.name;
    let (is_valid, rule) = match (object.group(), &*object.kind) {
        // RBAC names only have to be path segments (`IsValidPathSegmentName`).
        ("rbac.authorization.k8s.io", _) => (
            !name.contains(['/', '%']) && name != "." && name != "..",
            "a name without `/` and `%`",
        ),
        ("", "Namespace" | "Service") => {
            (is_label(name), "up to 63 lower-case letters, digits and `-`")
        }
        ("batch", "CronJob") => (
            is_subdomain(name) && name.len() <= CRON_JOB_NAME_MAX,
            "up to 52 lower-case letters, digits, `-` and `.`",
        ),
        _ => (is_subdomain(name), "up to 253 lower-case letters, digits, `-` and `.`"),
    };
    (!is_valid).then_some(rule)
}
