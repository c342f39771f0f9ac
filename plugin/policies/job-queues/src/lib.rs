//! The queues of an environment's open sites, as a list that an operator applies to Nautobot.
//!
//! A site's worker serves the queue that is named after the site, but Nautobot sends a job only
//! to a queue that is among its job queues (model `extras.JobQueue`, Nautobot 2.4 and newer).
//! The list is a ConfigMap, in the form that Nautobot's REST API takes, and one command of
//! `nautobot-server nbshell` applies it as often as one likes. Why not another of Nautobot's
//! doors (read in Nautobot 3.1.8):
//!
//! - `POST /api/extras/job-queues/` and the job Import Objects create only: a name that is there
//!   already is an error, and in a list it fails the others too. Both want a user's token.
//! - `loaddata` updates, but resets what the list does not say: a queue's tenant, its custom
//!   fields and the time of its creation.
//!
//! The policy runs nothing in a cluster and holds no credentials. Nothing removes the queue of a
//! site that is closed: Nautobot would take it from scheduled jobs that name it
//! (`ScheduledJob.job_queue` is `SET_NULL`), and those would run elsewhere. That is for an
//! operator to decide.

mod list;
mod name;
mod problems;
mod served;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};
use worker_connections::COMPONENT;

use crate::served::Served;
use crate::settings::Settings;

/// Lists the queues that Nautobot has to know.
pub struct JobQueues;

impl Policy for JobQueues {
    fn describe() -> Description {
        Description::transform("job-queues", env!("CARGO_PKG_VERSION"), COMPONENT)
            .settings(settings::SCHEMA)
            .scopes(&[Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        let served = Served::read(&request.fleet, &settings)?;
        let mut plan = Plan::new();
        problems::report(&mut plan, &settings, &served);
        list::add(&mut plan, &settings, &served);
        Ok(plan)
    }
}

export_policy!(JobQueues);

#[cfg(test)]
mod tests;
