//! Volumes and mounts: a volume's name is a DNS label, and a mount needs its volume.

use std::collections::BTreeSet;

use policy_sdk::{Document, Kind};

use super::{Refused, is_template};
use crate::short::short;

/// Reports volumes that Kubernetes refuses.
pub(super) fn judge_volumes(refused: &mut Refused<'_>, list: &Document) {
    for item in list.items("") {
        if refused.is_map(&item, "a volume", "name and source") {
            refused.label(&item, "a volume");
        }
    }
}

/// Reports a mount that Kubernetes refuses; without volumes, whether its volume is there is not
/// known.
pub(super) fn judge_mount(
    refused: &mut Refused<'_>,
    item: &Document,
    volumes: Option<&BTreeSet<&str>>,
) {
    if !refused.is_map(item, "a mount", "name and mountPath") {
        return;
    }
    let path = item.scalar("/mountPath").unwrap_or_default();
    if item.kind("/mountPath") != Kind::Text || path.is_empty() {
        let message = "a mount has no mountPath; Kubernetes refuses it".to_owned();
        refused.add(item.path(""), message, "say where to mount it, or remove it");
    } else if path.contains(':') && !is_template(item, "/mountPath") {
        let message = format!("Kubernetes refuses the mountPath \"{}\": it holds :", short(&path));
        refused.add(item.path("/mountPath"), message, "choose another path");
    }
    let Some(name) = refused.name(item, "a mount") else { return };
    let is_there = |volumes: &BTreeSet<&str>| {
        // A template may make a volume of any name.
        volumes.contains(&*name) || volumes.iter().any(|volume| volume.contains("{{"))
    };
    if volumes.is_some_and(|volumes| !is_there(volumes)) && !is_template(item, "/name") {
        let message = format!(
            "the pod has no volume {}, which the mount at {} names; Kubernetes refuses it",
            short(&name),
            short(&path)
        );
        refused.add(item.path("/name"), message, "add the volume to extraVolumes");
    }
}
