//! Where a site's worker may run: node selector and tolerations of one site's worker.
//!
//! It stands beside `nautobot-worker` and edits other keys of the same worker. It
//! refuses nothing itself: the schema of its settings does.

use policy_sdk::{Description, Document, Failure, Json, Plan, Policy, Request};
use policy_sdk::{export_policy, pointer};

const SITE: &str = "/appLabels/understack.rackspace.com~1site";

/// Places a site's worker.
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
            ("nodeSelector", "the site keeps nodes for its worker"),
            ("tolerations", "the site's nodes for its worker are tainted"),
        ] {
            if let Some(value) = filled(&request.settings, &pointer([key])) {
                plan.set(pointer(["workers", &site, key]), value, reason);
            }
        }
        Ok(plan)
    }
}

/// The setting as it is, unless it is empty.
fn filled(settings: &Document, path: &str) -> Option<Json> {
    (settings.size(path) > 0).then(|| settings.raw(path).map(Json::Raw))?
}

export_policy!(WorkerPlacement);

#[cfg(test)]
mod tests;
