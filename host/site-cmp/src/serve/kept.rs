//! A tree that is kept, with whatever was read from it: fleets, opened once and shared by
//! all renders of their sites.

use crate::codes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::finding::{Finding, Problems};
use site_render::fleet::Fleet;
use site_render::lock::LOCK_FILE;

use super::archive::{Archive, Rooted};
use super::scope::holds;

/// What an entry costs beside its bytes: a name, a node, its place in a folder.
const ENTRY_BYTES: u64 = 160;

/// What an open fleet costs beside its documents: its lock, its policies' schemas.
const FLEET_BYTES: u64 = 64 << 10;

/// A kept tree.
pub(super) struct Kept {
    archive: Arc<Archive>,
    /// By root and the Argo CD project they were opened for.
    fleets: Mutex<BTreeMap<(String, String), Arc<Fleet>>>,
    /// Its files and their names.
    bytes: u64,
    /// The folder that is whole; what lies elsewhere may be missing.
    whole: String,
}

impl Kept {
    /// An archive that is whole in one folder, which may be its root.
    pub(super) fn new(archive: Archive, whole: String) -> Self {
        let (entries, bytes) = archive.size();
        let bytes = bytes + entries as u64 * ENTRY_BYTES;
        Self { archive: Arc::new(archive), fleets: Mutex::default(), bytes, whole }
    }

    /// Whether all is here that an application in this folder could see.
    pub(super) fn covers(&self, folder: &str) -> bool {
        self.whole.is_empty() || holds(&self.whole, folder) && self.archive.is_plain(folder)
    }

    /// Whether it covers whatever another does.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        self.whole.is_empty() || self.whole == other.whole
    }

    /// Bytes, what was parsed of it included.
    pub(super) fn weight(&self) -> u64 {
        let fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
        self.bytes + fleets.values().map(|fleet| FLEET_BYTES + fleet.cache_bytes()).sum::<u64>()
    }

    /// The fleet that an application's folder is in, opened for a project, and the
    /// folder's path from the fleet's root.
    pub(super) fn fleet(
        &self,
        folder: &str,
        project: &str,
        open: impl FnOnce(Rooted) -> Result<Fleet, Problems>,
    ) -> Result<(Arc<Fleet>, String), Problems> {
        let (rooted, below) = self.archive.fleet(folder).ok_or_else(|| no_fleet(folder))?;
        let key = (rooted.root().to_owned(), project.to_owned());
        let mut fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fleet) = fleets.get(&key) {
            return Ok((fleet.clone(), below));
        }
        let fleet = Arc::new(open(rooted)?);
        fleets.insert(key, fleet.clone());
        Ok((fleet, below))
    }
}

fn no_fleet(folder: &str) -> Finding {
    let message = format!("no {LOCK_FILE} in the application's folder `{folder}` or above it");
    codes::SOURCES_NO_FLEET.finding(message).hint(crate::fleet_root::WIDEN)
}
