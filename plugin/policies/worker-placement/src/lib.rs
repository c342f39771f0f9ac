//! Sets the node selector and the tolerations of a site's worker.
//!
//! It runs beside `nautobot-worker` and edits other keys of the same worker. It reports no
//! findings: the schema of its settings rejects every invalid value.

use policy_sdk::{Description, Document, Failure, Json, Plan, Policy, Request};
use policy_sdk::{export_policy, pointer};

/// The label that names the site's worker.
const SITE: &str = "/appLabels/understack.rackspace.com~1site";

/// The transform that sets the nodes of a site's worker.
pub struct WorkerPlacement;

impl Policy for WorkerPlacement {
    fn describe() -> Description {
        let version = env!("CARGO_PKG_VERSION");
        Description::transform("worker-placement", version, "nautobot_worker")
            .settings(include_str!("settings.schema.json"))
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let site = request.profile.text(SITE)?;
        let mut plan = Plan::new();
        for (key, reason) in [
            ("nodeSelector", "the settings of the site select the nodes of its worker"),
            ("tolerations", "the settings of the site let its worker tolerate these taints"),
        ] {
            if let Some(value) = non_empty(&request.settings, &pointer([key])) {
                plan.set(pointer(["workers", &site, key]), value, reason);
            }
        }
        Ok(plan)
    }
}

/// Returns a setting unchanged, unless it is empty.
fn non_empty(settings: &Document, path: &str) -> Option<Json> {
    (settings.size(path) > 0).then(|| settings.raw(path).map(Json::Raw))?
}

export_policy!(WorkerPlacement);

#[cfg(test)]
mod tests;
