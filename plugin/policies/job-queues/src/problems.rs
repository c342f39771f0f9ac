//! Reports queues that Nautobot does not have, that belong to another site, or that no worker
//! serves.

use policy_sdk::{Finding, Plan};

use crate::served::{Queue, ServedQueues, Server, find_servers, site_names};
use crate::settings::Settings;
use crate::{codes, name};

/// The most findings that one evaluation reports. The host refuses a plan with more than 1,000, and
/// nobody reads that many.
const MAX_FINDINGS: usize = 100;

/// Reports all problems with queues.
pub(crate) fn report_problems(plan: &mut Plan, settings: &Settings, served: &ServedQueues) {
    let checks = QueueChecks { settings, served };
    let mut findings: Vec<Finding> =
        served.extra.iter().filter_map(|queue| checks.check_extra(queue)).collect();
    findings.extend(served.own.iter().filter_map(|queue| checks.check_name(queue)));
    let unserved = settings.declared.iter().filter(|(queue, _)| served.servers(queue).is_empty());
    findings.extend(unserved.map(|(queue, declared)| not_served_finding(queue, &declared.path)));
    let more = findings.len().saturating_sub(MAX_FINDINGS);
    findings.truncate(MAX_FINDINGS);
    for finding in findings {
        plan.report(finding);
    }
    if more > 0 {
        let message = format!("{more} more findings about queues are not shown");
        let finding = codes::MORE.finding(message);
        plan.report(finding.hint("fix the findings that are shown first"));
    }
}

/// The settings and the served queues that each queue is compared with.
struct QueueChecks<'c> {
    settings: &'c Settings,
    served: &'c ServedQueues,
}

impl QueueChecks<'_> {
    /// Returns the finding on an extra queue, if it has one.
    fn check_extra(&self, queue: &Queue) -> Option<Finding> {
        let finding = self.check_name(queue);
        if finding.is_some() {
            return finding;
        }
        if let Some(owners) = find_servers(&self.served.own, &queue.name) {
            return Some(self.other_site_finding(queue, owners));
        }
        (!self.settings.accounts_for(&queue.name)).then(|| self.not_created_finding(queue))
    }

    /// Returns the finding on a queue's name, if it has one.
    fn check_name(&self, queue: &Queue) -> Option<Finding> {
        let complaint = name::name_problem(&queue.name)?;
        let message =
            format!("queue `{}` of {} {complaint}", queue.name, site_names(&queue.servers));
        let finding = self.place_finding(queue, codes::NAME.finding(message));
        Some(finding.hint("give the queue another name"))
    }

    /// Returns the finding on an extra queue that is another site's own.
    fn other_site_finding(&self, queue: &Queue, owners: &[Server]) -> Finding {
        let owners = site_names(owners);
        let message = format!(
            "{}, which is the queue of {owners}: jobs for {owners} would run there too",
            self.serves_phrase(queue)
        );
        self.place_finding(queue, codes::OTHER_SITE.finding(message)).hint(format!(
            "remove {} from extraQueues; a queue that several sites serve needs a name of its own, in the setting queues of job-queues",
            queue.name
        ))
    }

    /// Returns the finding on an extra queue that Nautobot does not have.
    fn not_created_finding(&self, queue: &Queue) -> Finding {
        let message = format!(
            "{}, and nobody creates that queue in Nautobot: no job can be sent to it",
            self.serves_phrase(queue)
        );
        self.place_finding(queue, codes::NOT_CREATED.finding(message)).hint(format!(
            "add {} to the setting queues of job-queues, or to elsewhere if Nautobot has it already",
            queue.name
        ))
    }

    /// Returns the subject of a message: which sites serve a queue, and why.
    fn serves_phrase(&self, queue: &Queue) -> String {
        let verb = if queue.servers.len() == 1 { "serves" } else { "serve" };
        let (sites, workers) = (site_names(&queue.servers), &self.settings.workers);
        format!("{sites} {verb} queue `{}` (extraQueues of {workers})", queue.name)
    }

    /// Places a finding where the first of the sites names the queue.
    fn place_finding(&self, queue: &Queue, finding: Finding) -> Finding {
        match queue.servers.first() {
            Some(server) => finding.at(self.served.place(server)),
            None => finding,
        }
    }
}

/// Returns the finding on a listed queue that no site serves. A note only, because a worker on the
/// global cluster may serve it.
fn not_served_finding(queue: &str, path: &str) -> Finding {
    let message = format!(
        "no open site serves queue `{queue}` (setting queues of job-queues): unless a worker on the global cluster does, Nautobot refuses to run a job there"
    );
    codes::NOT_SERVED
        .finding(message)
        .at(path)
        .hint(format!("add {queue} to extraQueues of a site, or remove it here"))
}
