//! A cached tree with the fleets opened from it, which all renders of their sites share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::finding::{Finding, Problems};
use site_render::fleet::Fleet;
use site_render::lock::LOCK_FILE;

use super::archive::{Archive, FleetTree};
use super::scope::contains_path;
use crate::codes;

/// The memory that an entry takes in addition to its content: its name and its node.
const ENTRY_BYTES: u64 = 160;

/// The memory that an open fleet takes in addition to its documents: its lock and the schemas
/// of its policies.
const FLEET_BYTES: u64 = 64 << 10;

/// A cached tree.
pub(super) struct CachedTree {
    archive: Arc<Archive>,
    /// By root and the Argo CD project that they were opened for.
    fleets: Mutex<BTreeMap<(String, String), Arc<Fleet>>>,
    /// The bytes of its files and their names.
    bytes: u64,
    /// The folder that is complete; files elsewhere may be missing.
    whole: String,
}

impl CachedTree {
    /// Wraps an archive that is complete in one folder, which may be its root.
    pub(super) fn new(archive: Archive, whole: String) -> Self {
        let (entries, bytes) = archive.total_size();
        let bytes = bytes + entries as u64 * ENTRY_BYTES;
        Self { archive: Arc::new(archive), fleets: Mutex::default(), bytes, whole }
    }

    /// Returns whether the tree has every file that an application in this folder can read.
    pub(super) fn covers_folder(&self, folder: &str) -> bool {
        self.whole.is_empty()
            || contains_path(&self.whole, folder) && self.archive.is_direct_folder(folder)
    }

    /// Returns whether the tree covers everything that another one covers.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        self.whole.is_empty() || self.whole == other.whole
    }

    /// Returns the memory that the tree takes, parsed documents included.
    pub(super) fn weight_bytes(&self) -> u64 {
        let fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
        self.bytes + fleets.values().map(|fleet| FLEET_BYTES + fleet.cache_bytes()).sum::<u64>()
    }

    /// Opens the fleet of an application's folder for a project, or returns the cached one.
    /// Also returns the folder's path from the fleet's root.
    pub(super) fn open_fleet(
        &self,
        folder: &str,
        project: &str,
        open: impl FnOnce(FleetTree) -> Result<Fleet, Problems>,
    ) -> Result<(Arc<Fleet>, String), Problems> {
        let (rooted, below) = self.archive.find_fleet(folder).ok_or_else(|| no_fleet(folder))?;
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
    let message =
        format!("{LOCK_FILE} not found in the application's folder `{folder}` or above it");
    codes::SOURCES_NO_FLEET.finding(message).hint(crate::fleet_root::WIDEN)
}
