//! The versions of a cluster: kept in Git, believed by every front door, refreshed from the
//! cluster itself.

mod charts;
mod front_doors;
mod http;
mod refresh;
mod wrong;

use std::path::PathBuf;

use site_cmp_tests::fleet;

/// A site without a snapshot of its own, and where it would stand.
const SITE: &str = "rax-dev-iad3";
const SNAPSHOT: &str = "sites/rax-dev-iad3/cluster.yaml";

/// A snapshot of a small cluster.
const SMALL: &str = "apiVersion: site-cmp/v1\nkind: ClusterSnapshot\nkubeVersion: 1.33.4\napiVersions:\n- v1\n- v1/Pod\n- monitoring.coreos.com/v1\n- monitoring.coreos.com/v1/ServiceMonitor\n";

/// A snapshot of the frozen fleet.
fn example() -> PathBuf {
    fleet().join("sites/rax-dev-hkg1/cluster.yaml")
}
