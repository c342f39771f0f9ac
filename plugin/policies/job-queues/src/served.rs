//! Which queues the workers of the open sites serve.
//!
//! The settings of the workers' policy say it. About a site without that policy nothing is known:
//! its worker is made in another way.

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Document, Kind, pointer};

use crate::settings::Settings;

/// The component whose workers serve queues.
pub(crate) const COMPONENT: &str = "nautobot_worker";

/// Names a site's own queue, below the site's profile.
pub(crate) const LABEL: &str = "/appLabels/understack.rackspace.com~1site";

/// The workers' setting that adds queues.
pub(crate) const EXTRA: &str = "/extraQueues";

/// Queues by name, each with the sites whose workers serve it.
pub(crate) type Queues = BTreeMap<String, Vec<Server>>;

/// A site whose worker serves a queue.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) site: String,
    /// Where the site's profile or settings name the queue, as a pointer into the fleet.
    pub(crate) path: String,
}

/// What the open sites serve.
#[derive(Debug, Default)]
pub(crate) struct Served {
    /// The sites' own queues. Sites of one label share theirs.
    pub(crate) own: Queues,
    /// What the settings add.
    pub(crate) extra: Queues,
}

impl Served {
    /// Reads the queues of every open site.
    pub(crate) fn read(fleet: &Document, settings: &Settings) -> Result<Self, BadRead> {
        let mut served = Self::default();
        let mut sites = fleet.keys("");
        sites.sort_unstable();
        for site in sites {
            let worker =
                fleet.at(&pointer([&*site, "site", COMPONENT, "policies", &settings.workers]));
            if worker.kind("") != Kind::Missing {
                served.read_site(site, fleet, &worker)?;
            }
        }
        Ok(served)
    }

    fn read_site(
        &mut self,
        site: String,
        fleet: &Document,
        worker: &Document,
    ) -> Result<(), BadRead> {
        let profile = fleet.at(&pointer([&*site]));
        // A site without a label has no queue; its own render refuses it.
        let own = profile.optional_text(LABEL)?;
        for (index, queue) in worker.texts(EXTRA)?.into_iter().enumerate() {
            // The site's own render refuses its own queue among the extra ones.
            if own.as_ref() == Some(&queue) {
                continue;
            }
            let servers = self.extra.entry(queue).or_default();
            if servers.last().is_none_or(|last| last.site != site) {
                let path = worker.path(&format!("{EXTRA}/{index}"));
                servers.push(Server { site: site.clone(), path });
            }
        }
        if let Some(own) = own {
            self.own.entry(own).or_default().push(Server { site, path: profile.path(LABEL) });
        }
        Ok(())
    }

    /// Returns who serves a queue as the site's own, else as an extra one.
    pub(crate) fn servers(&self, queue: &str) -> &[Server] {
        self.own.get(queue).or_else(|| self.extra.get(queue)).map_or(&[], Vec::as_slice)
    }
}

/// Returns the sites as a message names them: up to three by name, the others by number.
pub(crate) fn names(servers: &[Server]) -> String {
    const NAMED: usize = 3;
    let named: Vec<&str> = servers.iter().take(NAMED).map(|server| &*server.site).collect();
    let list = named.join(", ");
    match (&*named, servers.len().saturating_sub(NAMED)) {
        ([site], 0) => format!("site {site}"),
        ([first @ .., last], 0) => format!("sites {} and {last}", first.join(", ")),
        (_, 1) => format!("sites {list} and 1 other"),
        (_, more) => format!("sites {list} and {more} others"),
    }
}
