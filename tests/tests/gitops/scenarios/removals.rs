//! Sites that are deleted, renamed, removed, and moved.

use std::fs;

use super::{CHILD, OTHER, OTHER_CHILD, SITE, World};
use crate::fleet::{child, profile};

/// The new name of a site.
const RENAMED: &str = "rax-dev-mel1";

/// The parent goes, the worker stays, and a revert restores the parent.
pub(super) fn a_folder_is_deleted(world: &mut World) -> String {
    fs::remove_dir_all(world.fleet.path(&format!("sites/{OTHER}"))).unwrap();
    world.push("syd2 is deleted");
    world.wait_until_gone(OTHER);
    world.refresh("normal");
    assert!(world.application(OTHER_CHILD).is_some(), "{}", world.table());
    assert_eq!(world.workers(OTHER).len(), 1, "{}", world.table());
    let revision = world.revert();
    world.wait_until_site_is_well(OTHER, Some(&revision));
    String::new()
}

/// The folder has another name, and the worker serves the queue that it served before.
pub(super) fn a_site_is_renamed(world: &mut World) -> String {
    close(world, OTHER);
    let folder = |site: &str| world.fleet.path(&format!("sites/{site}"));
    fs::rename(folder(OTHER), folder(RENAMED)).unwrap();
    world.fleet.edit(&profile(RENAMED), &format!("name: {OTHER}"), &format!("name: {RENAMED}"));
    world.fleet.edit(&profile(RENAMED), "\n  enabled: false", "\n  enabled: true");
    let revision = world.push("syd2 has another name");
    world.wait_until_gone(OTHER);
    delete_marker(world, OTHER_CHILD);
    world.wait_until_site_is_well(RENAMED, Some(&revision));
    world.wait_for_worker(OTHER, OTHER);
    String::new()
}

pub(super) fn a_site_is_removed(world: &mut World) -> String {
    close_at(world, RENAMED, OTHER);
    fs::remove_dir_all(world.fleet.path(&format!("sites/{RENAMED}"))).unwrap();
    world.push("syd2 is removed");
    world.wait_until_gone(RENAMED);
    delete_marker(world, &child(RENAMED));
    assert_eq!(left(world, OTHER), Vec::<String>::new());
    String::new()
}

/// Deletes what is left of a child on the global cluster.
fn delete_marker(world: &World, child: &str) {
    let marker = format!("{child}-closed");
    let markers = world.global.names("/api/v1", "argocd", "configmaps");
    assert!(markers.contains(&marker), "{markers:?}");
    world.global.kubectl(&["delete", "-n", "argocd", "configmap", &marker]).success();
}

/// Nothing stays at the old cluster.
pub(super) fn a_site_moves(world: &mut World) -> String {
    close(world, SITE);
    let [old, new] = [SITE, OTHER].map(|site| world.sites[site].server.clone());
    world.fleet.edit(&profile(SITE), &old, &new);
    world.fleet.edit(&profile(SITE), "\n  enabled: false", "\n  enabled: true");
    let revision = world.push("iad3 moves");
    world.wait_for_worker(OTHER, SITE);
    world.wait_until_well(CHILD, Some(&revision));
    assert_eq!(left(world, SITE), Vec::<String>::new());
    String::new()
}

/// Closes a gate and waits until everything is pruned.
fn close(world: &World, site: &str) {
    close_at(world, site, site);
}

/// The same for a site whose cluster has another name here.
fn close_at(world: &World, site: &str, cluster: &str) {
    world.fleet.edit(&profile(site), "\n  enabled: true", "\n  enabled: false");
    let revision = world.push("a site closes");
    world.wait_until_gone(&child(site));
    world.wait_for_no_worker(cluster);
    world.wait_until_well(site, Some(&revision));
}

/// Returns the objects that are left in the namespace of a site's worker.
fn left(world: &World, site: &str) -> Vec<String> {
    let cluster = &world.sites[site];
    let kinds = [
        ("/api/v1", "configmaps"),
        ("/api/v1", "secrets"),
        ("/api/v1", "services"),
        ("/api/v1", "serviceaccounts"),
        ("/api/v1", "pods"),
        ("/apis/apps/v1", "deployments"),
        ("/apis/external-secrets.io/v1", "externalsecrets"),
        ("/apis/monitoring.coreos.com/v1", "servicemonitors"),
    ];
    kinds.iter().flat_map(|(api, kind)| cluster.names(api, "nautobot", kind)).collect()
}
