//! Checks the worker's user, replicas and pod labels: whether it can read its key, and whether
//! it runs at all.

use policy_sdk::{Kind, Plan};

use crate::certificate::Certificate;
use crate::codes;
use crate::pod::Pod;
use crate::settings::Settings;

const POD: &str = "podSecurityContext";
const CONTAINER: &str = "containerSecurityContext";
/// The labels of the selector, which the template writes before `podLabels`
/// (celery-deployment.yaml of 2.5.9 and 3.1.1).
const SELECTED: [&str; 3] =
    ["app.kubernetes.io/component", "app.kubernetes.io/instance", "app.kubernetes.io/name"];

/// Reports a key that the worker cannot read. Files of a Secret belong to root; with `fsGroup`
/// the kubelet lets that group read them.
pub(crate) fn check_key(plan: &mut Plan, pod: Pod<'_>, certificate: &Certificate) {
    // Without a group only the bit for others, 0004, lets the worker read the file.
    let is_open = certificate.mode.is_none_or(|mode| mode & 0o004 != 0);
    let is_grouped = pod.is_on(&[POD, "/enabled"].concat(), true) && has_group(pod);
    if is_open || is_grouped || runs_as_root(pod) {
        return;
    }
    let path = [[POD, "/fsGroup"].concat(), [POD, "/enabled"].concat()]
        .iter()
        .find_map(|key| pod.place(key))
        .unwrap_or_else(|| pod.own(POD));
    plan.report(
        codes::KEY_UNREADABLE
            .finding(format!(
                "the worker does not run as root and the pod has no fsGroup, so it cannot read the key in {}",
                certificate.path,
            ))
            .at(path)
            .hint(
                "set podSecurityContext.enabled to true and its fsGroup to the worker's group, 999 in the chart",
            ),
    );
}

/// Reports base values that run no pod, or one that the Deployment does not select.
pub(crate) fn check_pods(plan: &mut Plan, pod: Pod<'_>, settings: &Settings) {
    let is_scaled = settings.autoscaling && pod.is_on("autoscaling/enabled", false);
    let replicas = pod.scalar("replicaCount").filter(|(number, _)| number == "0");
    if let Some((_, place)) = replicas
        && settings.replicas.is_none()
        && !is_scaled
    {
        plan.report(
            codes::NO_PODS
                .finding(
                    "the base values run 0 pods of the site's worker, so nothing serves its queue",
                )
                .at(place)
                .hint("set replicas in the policy's settings, or close the site's gate"),
        );
    }
    for name in SELECTED {
        // The chart merges the worker's own labels with those of `celery`.
        let key = ["podLabels", &policy_sdk::pointer([name])].concat();
        if let Some(place) = pod.place(&key) {
            plan.report(
                codes::POD_LABELS
                    .finding(format!(
                        "the base values set the pod's label {name}, by which the Deployment selects its pods; Kubernetes refuses a different value"
                    ))
                    .at(place)
                    .hint("remove the label, or give it another name"),
            );
        }
    }
}

/// Returns whether the pod has an `fsGroup`.
fn has_group(pod: Pod<'_>) -> bool {
    let place = pod.place(&[POD, "/fsGroup"].concat());
    // The chart's default is 999; a null removes it.
    place.is_none_or(|place| pod.values.kind(&place) == Kind::Number)
}

/// Returns whether the container, or else the pod, runs as user 0.
fn runs_as_root(pod: Pod<'_>) -> bool {
    let user = |context: &str| {
        let is_on = pod.is_on(&[context, "/enabled"].concat(), true);
        let user = pod.scalar(&[context, "/runAsUser"].concat()).filter(|_| is_on);
        user.map(|(user, _)| user)
    };
    let charts = || pod.is_on(&[CONTAINER, "/enabled"].concat(), true).then(|| "999".to_owned());
    let of_container = user(CONTAINER).or_else(|| {
        pod.place(&[CONTAINER, "/runAsUser"].concat()).is_none().then(charts).flatten()
    });
    // Without a user the image's own applies, which is `nautobot` (docker/Dockerfile of Nautobot,
    // stage `final`).
    of_container.or_else(|| user(POD)).is_some_and(|user| user == "0")
}

#[cfg(test)]
mod tests;
