//! Names that Kubernetes takes, by kind, and a namespace for what lives in one.

use policy_sdk::{Finding, Object, Plan, is_label, is_subdomain};

/// A `CronJob`'s name: those of its jobs are 11 characters longer (`ValidateCronJobCreate`).
const LONGEST_CRON_JOB: usize = 52;

/// Reports a name or a namespace that is missing or refused.
pub(crate) fn report(plan: &mut Plan, object: &Object, cluster_scoped: bool) {
    let told = object.told();
    if object.name.is_empty() {
        let message = format!("an object of kind {} has no name", object.kind);
        let finding = Finding::error("object/name", message).at(object.path(""));
        plan.report(
            finding.hint("give it a name: one that the API server makes up is new at every sync"),
        );
    } else if let Some(rule) = rule_against(object) {
        let message = format!("Kubernetes refuses the name of {told}");
        let finding = Finding::error("object/name", message).at(object.path("/metadata/name"));
        plan.report(finding.hint(["it takes ", rule].concat()));
    }
    let namespace = &*object.namespace;
    if cluster_scoped || is_label(namespace) {
        return;
    }
    let finding = |message: String| Finding::error("object/namespace", message);
    plan.report(if namespace.is_empty() {
        finding(format!("{told} has no namespace"))
            .at(object.path(""))
            .hint("if its kind has none, say so in the setting clusterScoped of site-invariants")
    } else {
        finding(format!("{told} is in namespace {namespace}, which cannot be"))
            .at(object.path("/metadata/namespace"))
            .hint("it takes up to 63 lower-case letters, digits and `-`")
    });
}

/// The rule of its kind that a name does not keep.
fn rule_against(object: &Object) -> Option<&'static str> {
    let name = &*object.name;
    let (keeps, rule) = match (object.group(), &*object.kind) {
        // IsValidPathSegmentName
        ("rbac.authorization.k8s.io", _) => {
            (!name.contains(['/', '%']) && name != "." && name != "..", "no `/` and no `%`")
        }
        ("", "Namespace" | "Service") => {
            (is_label(name), "up to 63 lower-case letters, digits and `-`")
        }
        ("batch", "CronJob") => (
            is_subdomain(name) && name.len() <= LONGEST_CRON_JOB,
            "up to 52 lower-case letters, digits, `-` and `.`",
        ),
        _ => (is_subdomain(name), "up to 253 lower-case letters, digits, `-` and `.`"),
    };
    (!keeps).then_some(rule)
}
