//! The ConfigMap `cluster-data`, which tells the config where it runs.

use policy_sdk::{BadRead, Document, Finding, Json, Plan};

use crate::lists::WorkerLists;
use crate::site_label::SiteLabel;

const PARTITION: &str = "/appLabels/understack.rackspace.com~1partition";
const NAME: &str = "cluster-data";
/// The variable of the site's label.
pub(crate) const SITE: &str = "UNDERSTACK_SITE";

/// Adds the ConfigMap and has the worker read it.
pub(crate) fn describe_the_site(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    profile: &Document,
    site: &SiteLabel,
) -> Result<(), BadRead> {
    let partition = profile.optional_text(PARTITION)?.unwrap_or_default();
    if partition.is_empty() {
        plan.report(
            Finding::warning(
                "worker/no-partition",
                "the profile has no partition label, so UNDERSTACK_PARTITION is empty",
            )
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
    lists.config_maps.include(NAME);
    Ok(())
}

#[cfg(test)]
mod tests;
