//! Lists the queues of an environment's open sites for an operator to apply to Nautobot.
//!
//! A site's worker serves the queue that is named after the site, but Nautobot sends a job only
//! to a queue that is among its job queues (model `extras.JobQueue`, Nautobot 2.4 and newer).
//! The list is a ConfigMap, in the form of Nautobot's REST API, and one command of
//! `nautobot-server nbshell` applies it; repeating it is safe. Other interfaces of Nautobot do not
//! fit (read in Nautobot 3.1.8):
//!
//! - `POST /api/extras/job-queues/` and the job Import Objects can only create: an existing name is
//!   an error, and in a list it fails the others too. Both need a user's token.
//! - `loaddata` updates, but resets every field that the list does not have: a queue's tenant, its
//!   custom fields and the time of its creation.
//!
//! The policy runs nothing in a cluster and holds no credentials. Nothing removes the queue of a
//! closed site, because Nautobot would clear it in scheduled jobs that name it
//! (`ScheduledJob.job_queue` is `SET_NULL`), and those would then run elsewhere. An operator
//! decides that.

pub mod codes;
mod list;
mod name;
mod problems;
mod served;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};
use worker_connections::COMPONENT;

use crate::served::ServedQueues;
use crate::settings::Settings;

/// The policy that lists the queues that Nautobot needs.
pub struct JobQueues;

impl Policy for JobQueues {
    fn describe() -> Description {
        Description::transform("job-queues", env!("CARGO_PKG_VERSION"), COMPONENT)
            .settings(settings::SCHEMA)
            .scopes(&[Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        let served = ServedQueues::read(&request.fleet, &settings)?;
        let mut plan = Plan::new();
        problems::report_problems(&mut plan, &settings, &served);
        list::add_list(&mut plan, &settings, &served);
        Ok(plan)
    }
}

export_policy!(JobQueues);

#[cfg(test)]
mod tests;
