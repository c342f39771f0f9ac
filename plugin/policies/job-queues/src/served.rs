//! Which queues the workers of the open sites serve.
//!
//! The settings of the workers' policy say it. About a site without that policy nothing is known:
//! its worker is made in another way.
//!
//! The sites' own queues are sorted once and not kept in a map, which would take most of the fuel
//! that a call has for 10,000 sites.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Kind, pointer};
use worker_connections::{SITE_LABEL, settings_of};

use crate::settings::Settings;

/// The workers' setting that adds queues.
const EXTRA: &str = "/extraQueues";

/// A queue and the sites whose workers serve it, at least one.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) servers: Vec<Server>,
}

/// A site whose worker serves a queue.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Server {
    pub(crate) site: String,
    /// Which of the extra queues it is; none where it is the site's own.
    extra: Option<usize>,
}

/// What the open sites serve, each list sorted by name.
#[derive(Debug)]
pub(crate) struct Served {
    /// The sites' own queues. Sites of one label share theirs.
    pub(crate) own: Vec<Queue>,
    /// What the settings add.
    pub(crate) extra: Vec<Queue>,
    /// Where a site's settings for its worker are, below its profile.
    worker: String,
}

/// Queues while sites are read.
#[derive(Default)]
struct Reading {
    /// A queue a site, in the sites' order, which is mostly the queues' order too.
    own: Vec<(String, Server)>,
    /// A few queues of many sites each.
    extra: BTreeMap<String, Vec<Server>>,
}

impl Served {
    /// Reads the queues of every open site.
    pub(crate) fn read(fleet: &Document, settings: &Settings) -> Result<Self, BadRead> {
        let below = settings_of(None, &settings.workers, &[]);
        let mut reading = Reading::default();
        for site in fleet.keys("") {
            let profile = fleet.at(&pointer([&*site]));
            let worker = profile.at(&below);
            if worker.kind("") != Kind::Missing {
                reading.site(site, &profile, &worker)?;
            }
        }
        let mut own = reading.own;
        own.sort_unstable();
        let extra = reading.extra.into_iter().map(|(name, mut servers)| {
            servers.sort_unstable();
            Queue { name, servers }
        });
        Ok(Self { own: grouped(own), extra: extra.collect(), worker: below })
    }

    /// Returns who serves a queue as the site's own, else as an extra one.
    pub(crate) fn servers(&self, queue: &str) -> &[Server] {
        find(&self.own, queue).or_else(|| find(&self.extra, queue)).unwrap_or_default()
    }

    /// Returns where a site's profile or settings name the queue, as a pointer into the fleet.
    pub(crate) fn place(&self, server: &Server) -> String {
        let site = pointer([&*server.site]);
        match server.extra {
            None => site + SITE_LABEL,
            Some(index) => format!("{site}{}{EXTRA}/{index}", self.worker),
        }
    }
}

impl Reading {
    /// Adds the queues of one site.
    fn site(&mut self, site: String, profile: &Document, worker: &Document) -> Result<(), BadRead> {
        // A site without a label has no queue; its own render refuses it.
        let label = profile.scalar(SITE_LABEL);
        for (index, queue) in worker.texts(EXTRA)?.into_iter().enumerate() {
            // The site's own render refuses its own queue among the extra ones.
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

/// Returns the queues with their sites, of a sorted list.
fn grouped(pairs: Vec<(String, Server)>) -> Vec<Queue> {
    let mut queues: Vec<Queue> = Vec::with_capacity(pairs.len());
    for (name, server) in pairs {
        match queues.last_mut() {
            Some(queue) if queue.name == name => queue.servers.push(server),
            _ => queues.push(Queue { name, servers: vec![server] }),
        }
    }
    queues
}

/// Returns the servers of the queue of that name, if there is one.
pub(crate) fn find<'q>(queues: &'q [Queue], name: &str) -> Option<&'q [Server]> {
    let index = queues.binary_search_by(|queue| queue.name.as_str().cmp(name)).ok()?;
    queues.get(index).map(|queue| &*queue.servers)
}

/// Returns the sites as a message names them: up to three by name, the others by number.
pub(crate) fn names(servers: &[Server]) -> String {
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
