//! Containers beside the worker's: each has a name of its own in the pod.

use std::collections::BTreeSet;

use super::{Refused, mounts, variables};
use crate::pod::Pod;
use crate::short::short;

/// The worker's own container (celery-deployment.yaml of 2.5.9 and 3.1.1).
const CHARTS_OWN: &str = "nautobot-celery";

/// Reports sidecars and init containers that Kubernetes refuses.
pub(super) fn judge(refused: &mut Refused<'_>, pod: Pod<'_>, volumes: Option<&BTreeSet<&str>>) {
    let mut names = BTreeSet::from([CHARTS_OWN.to_owned()]);
    for list in ["sidecars", "initContainers"] {
        let Some(place) = pod.place(list) else { continue };
        for item in pod.values.items(&place) {
            if !refused.is_map(&item, "a container", "name and image") {
                continue;
            }
            if let Some(name) = refused.label(&item, "a container")
                && !names.insert(name.clone())
            {
                let message = format!(
                    "the pod has a container {} already, from the chart or the base values; Kubernetes refuses a second one",
                    short(&name)
                );
                refused.add(item.path("/name"), message, "give it another name");
            }
            variables::judge(refused, &item.at("/env"));
            for mount in item.items("/volumeMounts") {
                mounts::judge_mount(refused, &mount, volumes);
            }
        }
    }
}
