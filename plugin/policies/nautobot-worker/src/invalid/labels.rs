//! Checks keys and values of the pod's labels.

use policy_sdk::{Kind, pointer};

use super::{InvalidItems, is_template};
use crate::names::Rule;
use crate::pod::Pod;
use crate::short::shorten;

/// Reports labels that Kubernetes refuses. The chart merges the worker's own with those of
/// `celery`; its schema accepts only strings.
pub(super) fn check_labels(invalid: &mut InvalidItems<'_>, pod: Pod<'_>) {
    let own = pod.own("podLabels");
    let charts = "/celery/podLabels";
    let is_whole = matches!(pod.values.kind(&own), Kind::Missing | Kind::Mapping);
    let places = [Some(&*own), is_whole.then_some(charts)];
    for place in places.into_iter().flatten() {
        for key in pod.values.keys(place) {
            let inner = pointer([&*key]);
            let hidden =
                place == charts && pod.values.kind(&[&*own, &*inner].concat()) != Kind::Missing;
            let label = [place, &*inner].concat();
            if !hidden && !key.contains("{{") && !is_template(pod.values, &label) {
                check_label(invalid, pod, &key, label);
            }
        }
    }
}

/// Reports a label whose key or value Kubernetes refuses.
fn check_label(invalid: &mut InvalidItems<'_>, pod: Pod<'_>, key: &str, place: String) {
    if !is_key(key) {
        let message = format!(
            "Kubernetes refuses the pod's label \"{}\": a key has at most 63 letters, digits, -, _ and ., after an optional DNS name and /",
            shorten(key)
        );
        return invalid.add_finding(place, message, "choose another label");
    }
    let text = pod.values.scalar(&place).unwrap_or_default();
    if pod.values.kind(&place) == Kind::Text && !Rule::Label.accepts(&text) {
        let message = format!(
            "Kubernetes refuses the value \"{}\" of the pod's label {}: {}",
            shorten(&text),
            shorten(key),
            Rule::Label.requirement()
        );
        invalid.add_finding(place, message, "choose another value");
    }
}

/// Returns whether Kubernetes accepts a label's key: `content.IsLabelKey` of k8s.io/apimachinery.
fn is_key(key: &str) -> bool {
    let (prefix, name) =
        key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    !name.is_empty()
        && Rule::Label.accepts(name)
        && prefix.is_none_or(|prefix| Rule::Subdomain.accepts(prefix))
}
