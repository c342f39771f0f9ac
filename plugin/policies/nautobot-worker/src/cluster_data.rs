//! Adds the ConfigMap `cluster-data`, from which the config reads its site and partition.

use policy_sdk::{BadRead, Document, Json, Plan};

use crate::codes;
use crate::lists::WorkerLists;
use crate::site_label::SiteLabel;

const PARTITION: &str = "/appLabels/understack.rackspace.com~1partition";
const NAME: &str = "cluster-data";
/// The variable of the site's label.
pub(crate) const SITE: &str = "UNDERSTACK_SITE";

/// Adds the ConfigMap, and the reference to it in the worker's environment.
pub(crate) fn add_cluster_data(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    profile: &Document,
    site: &SiteLabel,
) -> Result<(), BadRead> {
    let partition = profile.optional_text(PARTITION)?.unwrap_or_default();
    if partition.is_empty() {
        plan.report(
            codes::NO_PARTITION
                .finding("the profile has no partition label, so UNDERSTACK_PARTITION is empty")
                .at(PARTITION),
        );
    }
    let body = Json::map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", Json::map([("name", NAME.into())])),
        (
            "data",
            Json::map([("UNDERSTACK_PARTITION", partition.into()), (SITE, site.as_str().into())]),
        ),
    ]);
    plan.manifest(
        &body,
        "nautobot_config.py reads the partition and the site from the environment",
    );
    lists.config_maps.add_name(NAME);
    Ok(())
}

#[cfg(test)]
mod tests;
