//! Labels of the pod: keys and values have a spelling.

use policy_sdk::{Kind, pointer};

use super::{Refused, is_template};
use crate::names::Rule;
use crate::pod::Pod;
use crate::short::short;

/// Reports labels that Kubernetes refuses. The chart merges the worker's own with those of
/// `celery`; its schema takes strings alone.
pub(super) fn judge(refused: &mut Refused<'_>, pod: Pod<'_>) {
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
                judge_label(refused, pod, &key, label);
            }
        }
    }
}

fn judge_label(refused: &mut Refused<'_>, pod: Pod<'_>, key: &str, place: String) {
    if !is_key(key) {
        let message = format!(
            "Kubernetes refuses the pod's label \"{}\": a name has at most 63 letters, digits, -, _ and ., behind a DNS name and a / if there is one",
            short(key)
        );
        return refused.add(place, message, "choose another label");
    }
    let text = pod.values.scalar(&place).unwrap_or_default();
    if pod.values.kind(&place) == Kind::Text && !Rule::Label.takes(&text) {
        let message = format!(
            "Kubernetes refuses the value \"{}\" of the pod's label {}: {}",
            short(&text),
            short(key),
            Rule::Label.spelling()
        );
        refused.add(place, message, "choose another value");
    }
}

/// Returns whether Kubernetes takes a label's key: `content.IsLabelKey` of k8s.io/apimachinery.
fn is_key(key: &str) -> bool {
    let (prefix, name) =
        key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    !name.is_empty()
        && Rule::Label.takes(name)
        && prefix.is_none_or(|prefix| Rule::Subdomain.takes(prefix))
}
