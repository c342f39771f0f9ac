//! Reads which queues the workers of the open sites serve.
//!
//! They are in the settings of the workers' policy. A site without that policy is skipped: its
//! worker is deployed in another way.
//!
//! The sites' own queues are a sorted list and not a map, because for 10,000 sites a map takes
//! most of the fuel of a call.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Kind, pointer};
use worker_connections::{SITE_LABEL, settings_of};

use crate::settings::Settings;

/// The workers' setting that adds queues.
const EXTRA: &str = "/extraQueues";

/// A queue and the sites whose workers serve it. The list of sites is never empty.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) servers: Vec<Server>,
}

/// A site whose worker serves a queue.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Server {
    pub(crate) site: String,
    /// The index of the queue in `extraQueues`; `None` for the site's own queue.
    extra: Option<usize>,
}

/// The queues that the open sites serve, each list sorted by name.
#[derive(Debug)]
pub(crate) struct ServedQueues {
    /// The sites' own queues. Sites with the same label share one.
    pub(crate) own: Vec<Queue>,
    /// The queues that `extraQueues` adds.
    pub(crate) extra: Vec<Queue>,
    /// The pointer to the settings of a site's worker, within its profile.
    worker: String,
}

/// The queues that were collected from sites so far.
#[derive(Default)]
struct QueueCollector {
    /// One queue for each site, in the order of the sites. It is nearly sorted by queue, because a
    /// queue usually has the name of its site.
    own: Vec<(String, Server)>,
    /// A few queues with many sites each.
    extra: BTreeMap<String, Vec<Server>>,
}

impl ServedQueues {
    /// Reads the queues of every open site.
    pub(crate) fn read(fleet: &Document, settings: &Settings) -> Result<Self, BadRead> {
        let below = settings_of(None, &settings.workers, &[]);
        let mut collector = QueueCollector::default();
        for site in fleet.keys("") {
            let profile = fleet.at(&pointer([&*site]));
            let worker = profile.at(&below);
            if worker.kind("") != Kind::Missing {
                collector.add_site(site, &profile, &worker)?;
            }
        }
        let mut own = collector.own;
        own.sort_unstable();
        let extra = collector.extra.into_iter().map(|(name, mut servers)| {
            servers.sort_unstable();
            Queue { name, servers }
        });
        Ok(Self { own: group_by_queue(own), extra: extra.collect(), worker: below })
    }

    /// Returns the sites that serve a queue as their own, else those that serve it as an extra one.
    pub(crate) fn servers(&self, queue: &str) -> &[Server] {
        find_servers(&self.own, queue)
            .or_else(|| find_servers(&self.extra, queue))
            .unwrap_or_default()
    }

    /// Returns the pointer into the fleet at which a site's profile or settings name the queue.
    pub(crate) fn place(&self, server: &Server) -> String {
        let site = pointer([&*server.site]);
        match server.extra {
            None => site + SITE_LABEL,
            Some(index) => format!("{site}{}{EXTRA}/{index}", self.worker),
        }
    }
}

impl QueueCollector {
    /// Adds the queues of one site.
    fn add_site(
        &mut self,
        site: String,
        profile: &Document,
        worker: &Document,
    ) -> Result<(), BadRead> {
        // A site without a label has no queue; its own render refuses it.
        let label = profile.scalar(SITE_LABEL);
        for (index, queue) in worker.texts(EXTRA)?.into_iter().enumerate() {
            // A site that lists its own queue as an extra one gets an error from its own render.
            if label.as_ref() == Some(&queue) {
                continue;
            }
            let servers = self.extra.entry(queue).or_default();
            if servers.last().is_none_or(|last| last.site != site) {
                servers.push(Server { site: site.clone(), extra: Some(index) });
            }
        }
        self.own.extend(label.map(|label| (label, Server { site, extra: None })));
        Ok(())
    }
}

/// Returns the queues of a sorted list, each with its sites.
fn group_by_queue(pairs: Vec<(String, Server)>) -> Vec<Queue> {
    let mut queues: Vec<Queue> = Vec::with_capacity(pairs.len());
    for (name, server) in pairs {
        match queues.last_mut() {
            Some(queue) if queue.name == name => queue.servers.push(server),
            _ => queues.push(Queue { name, servers: vec![server] }),
        }
    }
    queues
}

/// Returns the sites that serve the queue of that name, if the list has it.
pub(crate) fn find_servers<'q>(queues: &'q [Queue], name: &str) -> Option<&'q [Server]> {
    let index = queues.binary_search_by(|queue| queue.name.as_str().cmp(name)).ok()?;
    queues.get(index).map(|queue| &*queue.servers)
}

/// Returns the sites for a message: up to three by name, and the number of the others.
pub(crate) fn site_names(servers: &[Server]) -> String {
    const NAMED: usize = 3;
    if let [server] = servers {
        return ["site ", &*server.site].concat();
    }
    let named: Vec<&str> = servers.iter().take(NAMED).map(|server| &*server.site).collect();
    match (&*named, servers.len().saturating_sub(NAMED)) {
        ([first @ .., last], 0) => format!("sites {} and {last}", first.join(", ")),
        (_, 1) => format!("sites {} and 1 other", named.join(", ")),
        (_, more) => format!("sites {} and {more} others", named.join(", ")),
    }
}
