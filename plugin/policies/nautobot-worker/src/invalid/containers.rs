//! Checks sidecars and init containers: each needs a unique name in the pod.

use std::collections::BTreeSet;

use super::{InvalidItems, mounts, variables};
use crate::pod::Pod;
use crate::short::shorten;

/// The worker's own container (celery-deployment.yaml of 2.5.9 and 3.1.1).
const WORKER_CONTAINER: &str = "nautobot-celery";

/// Reports sidecars and init containers that Kubernetes refuses.
pub(super) fn check_containers(
    invalid: &mut InvalidItems<'_>,
    pod: Pod<'_>,
    volumes: Option<&BTreeSet<&str>>,
) {
    let mut names = BTreeSet::from([WORKER_CONTAINER.to_owned()]);
    for list in ["sidecars", "initContainers"] {
        let Some(place) = pod.place(list) else { continue };
        for item in pod.values.items(&place) {
            if !invalid.expect_map(&item, "a container", "name and image") {
                continue;
            }
            if let Some(name) = invalid.expect_label(&item, "a container")
                && !names.insert(name.clone())
            {
                let message = format!(
                    "the pod already has a container {}, from the chart or the base values; Kubernetes refuses a second one",
                    shorten(&name)
                );
                invalid.add_finding(item.path("/name"), message, "give it another name");
            }
            variables::check_variables(invalid, &item.at("/env"));
            for mount in item.items("/volumeMounts") {
                mounts::check_mount(invalid, &mount, volumes);
            }
        }
    }
}
