//! The days of a fleet, in their order.

mod changes;
mod fleet_size;
mod installs;
mod operations;
mod removals;

use crate::fleet::OPEN;
use crate::world::World;

/// A scenario returns a note that is printed after its name.
type Scenario = fn(&mut World) -> String;

/// The sites, and the Applications that they become.
const SITE: &str = OPEN[0];
const CHILD: &str = "rax-dev-iad3-nautobot-worker";
const OTHER: &str = OPEN[1];
const OTHER_CHILD: &str = "rax-dev-syd2-nautobot-worker";

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("the API server accepts the installs", installs::are_accepted),
    ("each site's worker appears at its own cluster", changes::sites_appear),
    ("a profile's commit changes the worker", changes::a_profile_changes),
    ("the chart changes", changes::the_chart_changes),
    ("a closed gate prunes the worker", changes::a_gate_closes),
    ("an opened gate brings it back", changes::a_gate_opens),
    ("a broken profile shows its place and prunes nothing", changes::a_profile_breaks),
    ("a policy changes: without its lock, then with it", changes::a_policy_changes),
    ("the global half misses its namespaces", operations::the_global_half_fails),
    ("a policy is rolled back", changes::a_policy_is_rolled_back),
    ("the global half is retried and synced", operations::the_global_half_is_synced),
    ("a killed plugin is an error and prunes nothing", operations::the_plugin_is_killed),
    ("nothing differs and nothing is synced again", operations::nothing_flaps),
    ("a folder deleted by mistake stops no worker", removals::a_folder_is_deleted),
    ("a site is renamed as the guide says", removals::a_site_is_renamed),
    ("a site is removed as the guide says", removals::a_site_is_removed),
    ("a site moves to another cluster as the guide says", removals::a_site_moves),
    ("one of twenty sites changes", fleet_size::one_of_twenty_changes),
];
