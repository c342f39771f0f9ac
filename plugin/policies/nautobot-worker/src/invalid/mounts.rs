//! Checks volumes and mounts: a volume's name is a DNS label, and a mount needs its volume.

use std::collections::BTreeSet;

use policy_sdk::{Document, Kind};

use super::{InvalidItems, is_template};
use crate::short::shorten;

/// Reports volumes that Kubernetes refuses.
pub(super) fn check_volumes(invalid: &mut InvalidItems<'_>, list: &Document) {
    for item in list.items("") {
        if invalid.expect_map(&item, "a volume", "name and source") {
            invalid.expect_label(&item, "a volume");
        }
    }
}

/// Reports a mount that Kubernetes refuses. `volumes` is `None` where a values file could not be
/// read, and then a missing volume is not reported.
pub(super) fn check_mount(
    invalid: &mut InvalidItems<'_>,
    item: &Document,
    volumes: Option<&BTreeSet<&str>>,
) {
    if !invalid.expect_map(item, "a mount", "name and mountPath") {
        return;
    }
    let path = item.scalar("/mountPath").unwrap_or_default();
    if item.kind("/mountPath") != Kind::Text || path.is_empty() {
        let message = "a mount has no mountPath; Kubernetes refuses it".to_owned();
        invalid.add_finding(item.path(""), message, "set mountPath, or remove the mount");
    } else if path.contains(':') && !is_template(item, "/mountPath") {
        let message =
            format!("Kubernetes refuses the mountPath \"{}\": it contains :", shorten(&path));
        invalid.add_finding(item.path("/mountPath"), message, "choose another path");
    }
    let Some(name) = invalid.expect_name(item, "a mount") else { return };
    let is_there = |volumes: &BTreeSet<&str>| {
        // A template may render to a volume of any name.
        volumes.contains(&*name) || volumes.iter().any(|volume| volume.contains("{{"))
    };
    if volumes.is_some_and(|volumes| !is_there(volumes)) && !is_template(item, "/name") {
        let message = format!(
            "the mount at {1} names the volume {0}, which the pod does not have; Kubernetes refuses it",
            shorten(&name),
            shorten(&path)
        );
        invalid.add_finding(item.path("/name"), message, "add the volume to extraVolumes");
    }
}
