//! Queues that nobody creates, that are another site's, or that no worker serves.

use policy_sdk::{Finding, Plan};

use crate::name;
use crate::served::{Queue, Served, Server, find, names};
use crate::settings::Settings;

/// How many findings one evaluation reports. The host refuses a plan with 1,000, and nobody reads
/// that many.
const MOST: usize = 100;

/// Reports what is wrong with the queues.
pub(crate) fn report(plan: &mut Plan, settings: &Settings, served: &Served) {
    let check = Check { settings, served };
    let mut findings: Vec<Finding> =
        served.extra.iter().filter_map(|queue| check.extra(queue)).collect();
    findings.extend(served.own.iter().filter_map(|queue| check.name(queue)));
    let unserved = settings.declared.iter().filter(|(queue, _)| served.servers(queue).is_empty());
    findings.extend(unserved.map(|(queue, declared)| not_served(queue, &declared.path)));
    let more = findings.len().saturating_sub(MOST);
    findings.truncate(MOST);
    for finding in findings {
        plan.report(finding);
    }
    if more > 0 {
        let message = format!("{more} more findings about queues are not shown");
        let finding = Finding::warning("queue/more", message);
        plan.report(finding.hint("they show when these are fixed"));
    }
}

/// What queues are compared with.
struct Check<'c> {
    settings: &'c Settings,
    served: &'c Served,
}

impl Check<'_> {
    /// Returns the finding about an extra queue, if there is one.
    fn extra(&self, queue: &Queue) -> Option<Finding> {
        let finding = self.name(queue);
        if finding.is_some() {
            return finding;
        }
        if let Some(owners) = find(&self.served.own, &queue.name) {
            return Some(self.other_site(queue, owners));
        }
        (!self.settings.knows(&queue.name)).then(|| self.not_created(queue))
    }

    fn name(&self, queue: &Queue) -> Option<Finding> {
        let complaint = name::complaint(&queue.name)?;
        let message = format!("queue `{}` of {} {complaint}", queue.name, names(&queue.servers));
        let finding = self.at(queue, Finding::error("queue/name", message));
        Some(finding.hint("give the queue another name"))
    }

    fn other_site(&self, queue: &Queue, owners: &[Server]) -> Finding {
        let owners = names(owners);
        let message = format!(
            "{}, which is the queue of {owners}: jobs for {owners} would run there too",
            self.serves(queue)
        );
        self.at(queue, Finding::error("queue/other-site", message)).hint(format!(
            "remove {} from extraQueues; a queue that several sites serve needs a name of its own, in the setting queues of job-queues",
            queue.name
        ))
    }

    fn not_created(&self, queue: &Queue) -> Finding {
        let message = format!(
            "{}, and nobody creates that queue in Nautobot: no job can be sent to it",
            self.serves(queue)
        );
        self.at(queue, Finding::error("queue/not-created", message)).hint(format!(
            "add {} to the setting queues of job-queues, or to elsewhere if Nautobot has it already",
            queue.name
        ))
    }

    fn serves(&self, queue: &Queue) -> String {
        let verb = if queue.servers.len() == 1 { "serves" } else { "serve" };
        let (sites, workers) = (names(&queue.servers), &self.settings.workers);
        format!("{sites} {verb} queue `{}` (extraQueues of {workers})", queue.name)
    }

    /// Puts a finding where the first of the sites names the queue.
    fn at(&self, queue: &Queue, finding: Finding) -> Finding {
        match queue.servers.first() {
            Some(server) => finding.at(self.served.place(server)),
            None => finding,
        }
    }
}

/// A note and no more: a worker on the global cluster may serve the queue.
fn not_served(queue: &str, path: &str) -> Finding {
    let message = format!(
        "no open site serves queue `{queue}` (setting queues of job-queues): unless a worker on the global cluster does, Nautobot refuses to run a job there"
    );
    Finding::note("queue/not-served", message)
        .at(path)
        .hint(format!("add {queue} to extraQueues of a site, or remove it here"))
}
