//! The whole loop on real parts: a commit, Argo CD's controllers, API servers, a prune.
//!
//! etcd, an API server and a few controllers are each cluster; Argo CD's application-controller,
//! ApplicationSet controller and repo-server work between them, with `cmp serve` as their plugin and
//! helm. There are no nodes: `tests/peers/kubernetes` gives the objects of absent controllers their
//! status, pods too. The scenarios run one after the other, as the days of one fleet, and print how
//! long each took. Skipped where a part is missing: it needs git, kubectl, redis-server, the chart
//! and `tests/peers/build`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod applications;
mod argo_cd;
mod charts;
mod clusters;
mod fleet;
mod scenarios;
mod world;

use site_cmp_tests::{Stopwatch, tell};

use scenarios::SCENARIOS;
use world::World;

/// The program under test.
const BINARY: &str = env!("CARGO_BIN_EXE_site-cmp");

#[test]
fn the_days_of_a_fleet() {
    let start = Stopwatch::start();
    let Some(mut world) = World::start() else { return };
    tell(&format!("{:7.1} s  the clusters and Argo CD run", start.seconds()));
    for (name, scenario) in SCENARIOS {
        let start = Stopwatch::start();
        let note = scenario(&mut world);
        tell(&format!("{:7.1} s  {name}{note}", start.seconds()));
    }
    tell(&format!("{:7.1} s  all; {}", start.seconds(), world.memory()));
}
