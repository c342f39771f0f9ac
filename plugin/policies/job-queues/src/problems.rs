//! Queues that nobody creates, that are another site's, or that no worker serves.

use policy_sdk::{Finding, Plan};

use crate::name;
use crate::served::{EXTRA, Queues, Served, Server, names};
use crate::settings::Settings;

/// How many findings one evaluation reports. The host refuses a plan with 1,000, and nobody reads
/// that many.
const MOST: usize = 100;

/// Reports what is wrong with the queues.
pub(crate) fn report(plan: &mut Plan, settings: &Settings, served: &Served) {
    let mut findings = Vec::new();
    for (queue, servers) in &served.extra {
        findings.extend(extra(queue, servers, settings, &served.own));
    }
    for (queue, servers) in &served.own {
        findings.extend(name::complaint(queue).map(|found| bad_name(queue, servers, &found)));
    }
    for (queue, declared) in &settings.declared {
        if served.servers(queue).is_empty() {
            findings.push(not_served(queue, &declared.path));
        }
    }
    let more = findings.len().saturating_sub(MOST);
    findings.truncate(MOST);
    for finding in findings {
        plan.report(finding);
    }
    if more > 0 {
        let message = format!("{more} more findings about queues are not shown");
        plan.report(Finding::warning("queue/more", message).hint("they show when these are fixed"));
    }
}

/// Returns the finding about an extra queue, if there is one.
fn extra(queue: &str, servers: &[Server], settings: &Settings, own: &Queues) -> Option<Finding> {
    if let Some(found) = name::complaint(queue) {
        return Some(bad_name(queue, servers, &found));
    }
    if let Some(owners) = own.get(queue) {
        return Some(other_site(queue, servers, owners, settings));
    }
    let known = settings.is_elsewhere(queue) || settings.declared.contains_key(queue);
    (!known).then(|| not_created(queue, servers, settings))
}

fn bad_name(queue: &str, servers: &[Server], found: &str) -> Finding {
    let message = format!("queue `{queue}` of {} {found}", names(servers));
    at(Finding::error("queue/name", message), servers).hint("give the queue another name")
}

fn other_site(queue: &str, servers: &[Server], owners: &[Server], settings: &Settings) -> Finding {
    let owners = names(owners);
    let message = format!(
        "{} queue `{queue}` ({} of {}), which is the queue of {owners}: jobs for {owners} would run there too",
        who_serves(servers),
        EXTRA.trim_start_matches('/'),
        settings.workers
    );
    at(Finding::error("queue/other-site", message), servers).hint(format!(
        "remove {queue} from extraQueues; a queue that several sites serve needs a name of its own, in the setting queues of job-queues"
    ))
}

fn not_created(queue: &str, servers: &[Server], settings: &Settings) -> Finding {
    let message = format!(
        "{} queue `{queue}` ({} of {}), and nobody creates that queue in Nautobot: no job can be sent to it",
        who_serves(servers),
        EXTRA.trim_start_matches('/'),
        settings.workers
    );
    at(Finding::error("queue/not-created", message), servers).hint(format!(
        "add {queue} to the setting queues of job-queues, or to elsewhere if Nautobot has it already"
    ))
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

/// Puts a finding where the first of the sites names the queue.
fn at(finding: Finding, servers: &[Server]) -> Finding {
    match servers.first() {
        Some(server) => finding.at(&*server.path),
        None => finding,
    }
}

fn who_serves(servers: &[Server]) -> String {
    let verb = if servers.len() == 1 { "serves" } else { "serve" };
    format!("{} {verb}", names(servers))
}
