//! The global half, a plugin that is gone, and a fleet in which nothing happens.

use std::collections::BTreeMap;
use std::time::Duration;

use site_cmp_tests::rest;

use super::{CHILD, OTHER_CHILD, SITE, World};
use crate::applications::Application;
use crate::fleet::profile;

/// The time without a change after each of two hard refreshes.
const QUIET: Duration = Duration::from_secs(40);
/// The Application of `argocd/global.yaml`.
const GLOBAL: &str = "dev-global";

/// Its first sync fails, because namespaces are missing: they are created.
pub(super) fn the_global_half_fails(world: &mut World) -> String {
    world.install("global.yaml");
    world.wait_for("the global half misses its namespaces", || {
        let message = world.application(GLOBAL)?.last_message()?.to_owned();
        message.contains("namespaces \"nautobot\" not found").then_some(())
    });
    for namespace in ["nautobot", "envoy-gateway"] {
        world.global.kubectl(&["create", "namespace", namespace]).success();
    }
    String::new()
}

pub(super) fn the_global_half_is_synced(world: &mut World) -> String {
    world.wait_until_well(GLOBAL, None);
    let certificates = world.global.names("/apis/cert-manager.io/v1", "nautobot", "certificates");
    let of_site = certificates.iter().filter(|name| name.contains(SITE)).count();
    assert_eq!(of_site, 1, "{certificates:?}");
    String::new()
}

pub(super) fn the_plugin_is_killed(world: &mut World) -> String {
    world.argo_cd.kill_plugin();
    world.fleet.edit(&profile(SITE), "extraQueues: [bulk]", "extraQueues: [bulk, firmware]");
    let revision = world.push("iad3 takes jobs of firmware");
    world.wait_for_condition(SITE, &["site-cmp@v1"]);
    for child in [CHILD, OTHER_CHILD] {
        assert!(world.application(child).is_some(), "{}", world.table());
    }
    assert_eq!(world.workers(SITE).len(), 1, "{}", world.table());
    world.argo_cd.start_plugin();
    // repo-server keeps an error of a revision after three attempts.
    world.refresh("hard");
    world.wait_for_worker(SITE, "firmware");
    world.wait_until_site_is_well(SITE, Some(&revision));
    String::new()
}

/// Over two hard refreshes and 80 seconds no object differs and no Application is synced.
pub(super) fn nothing_flaps(world: &mut World) -> String {
    let syncs = |world: &World| -> BTreeMap<String, Option<String>> {
        let all = Application::all(&world.global).into_iter();
        all.map(|(name, application)| (name, application.last_sync().map(str::to_owned))).collect()
    };
    let before = syncs(world);
    for _ in 0..2 {
        world.refresh("hard");
        rest(QUIET);
        for (name, application) in Application::all(&world.global) {
            assert!(application.is_well(), "{name}: {application}");
            assert!(application.out_of_sync().is_empty(), "{name}: {application}");
        }
    }
    assert_eq!(syncs(world), before);
    format!(": {} Applications", before.len())
}
