//! A commit that changes one of many sites.

use std::fs;

use site_cmp_tests::{Stopwatch, copy};

use super::{OTHER, SITE, World};
use crate::applications::Application;
use crate::fleet::{OPEN, profile};

const SITES: usize = 20;
const ENVIRONMENT: &str = "environments/dev";
/// The environment's two lines, and the line of its component, that another one changes.
const NAMED: [&str; 3] = ["name: dev", "partition: dev", "    namespace: nautobot"];

/// For a commit to one site, the others' Applications learn the revision, and nothing is rendered
/// for them.
pub(super) fn one_of_twenty_changes(world: &mut World) -> String {
    let start = Stopwatch::start();
    let new: Vec<(String, &str)> =
        (1..SITES).map(|at| (format!("x{at:02}"), OPEN[at % 2])).collect();
    for (at, (site, cluster)) in new.iter().enumerate() {
        add_site(world, &format!("tenant-{:02}", at / 2), site, cluster);
    }
    let revision = world.push("nineteen more sites");
    wait_for_all(world, &revision);
    let grown = start.seconds();

    let before = counts(world);
    let changed = profile(&new[0].0);
    world.fleet.edit(&changed, "extraQueues: [bulk, firmware]", "extraQueues: [bulk]");
    let start = Stopwatch::start();
    let revision = world.push("one of twenty changes");
    wait_for_all(world, &revision);
    let after = counts(world);
    let [helm, parents, children] = [0, 1, 2].map(|at| after[at] - before[at]);
    // The chart is rendered only when the parent has changed the values.
    assert_eq!([helm, parents, children], [1; 3]);
    format!(
        ": twenty after {:.1} s, the change after {:.1} s with one run of helm, and one call of the plugin \
         for the parent and one for the site's objects",
        grown,
        start.seconds(),
    )
}

/// Adds a site at a cluster that other sites have too: its environment has a namespace of its own.
fn add_site(world: &World, environment: &str, site: &str, cluster: &str) {
    let fleet = &world.fleet;
    let folder = format!("environments/{environment}");
    if !fleet.path(&folder).exists() {
        copy(&fleet.path(ENVIRONMENT), &fleet.path(&folder));
        for line in NAMED {
            let own = line.replace("dev", environment).replace("nautobot", environment);
            fleet.edit(&format!("{folder}/environment.yaml"), line, &own);
        }
    }
    let text = fs::read_to_string(fleet.path(&profile(SITE))).unwrap();
    let server = |site: &str| world.sites[site].server.clone();
    let own = text.replace(SITE, site).replace(": dev", &format!(": {environment}"));
    let own = own.replace(&server(OTHER), &server(cluster));
    fs::create_dir(fleet.path(&format!("sites/{site}"))).unwrap();
    fs::write(fleet.path(&profile(site)), own).unwrap();
}

/// Returns how often helm rendered, and how often the plugin was asked for each of its targets.
fn counts(world: &World) -> [usize; 3] {
    let argo_cd = &world.argo_cd;
    [argo_cd.helm_renders(), argo_cd.plugin_calls("application"), argo_cd.plugin_calls("resources")]
}

/// Waits until the Application of each of the sites is synced at a revision.
fn wait_for_all(world: &World, revision: &str) {
    world.wait_for("all sites are synced", || {
        let all = Application::all(&world.global);
        let children = all.iter().filter(|(name, _)| name.ends_with("-nautobot-worker"));
        let synced =
            children.filter(|(_, child)| child.is_synced() && child.is_at(revision)).count();
        (synced == SITES).then_some(())
    });
}
