//! Sites that are deleted, removed, and moved.

use std::fs;

use super::{CHILD, OTHER, OTHER_CHILD, SITE, World};
use crate::fleet::{child, profile};

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

pub(super) fn a_site_is_removed(world: &mut World) -> String {
    close(world, OTHER);
    fs::remove_dir_all(world.fleet.path(&format!("sites/{OTHER}"))).unwrap();
    world.push("syd2 is removed");
    world.wait_until_gone(OTHER);
    let marker = format!("{OTHER_CHILD}-closed");
    let markers = world.global.names("/api/v1", "argocd", "configmaps");
    assert!(markers.contains(&marker), "{markers:?}");
    world.global.kubectl(&["delete", "-n", "argocd", "configmap", &marker]).success();
    assert_eq!(left(world, OTHER), Vec::<String>::new());
    String::new()
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
    world.fleet.edit(&profile(site), "\n  enabled: true", "\n  enabled: false");
    let revision = world.push("a site closes");
    world.wait_until_gone(&child(site));
    world.wait_for_no_worker(site);
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
