//! The files of a fleet, with a cache of the documents that several sites share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::codes;
use crate::finding::{Finding, Problems};
use crate::memo::Memo;
use crate::memory::RENDER_BYTES;
use crate::origin::Location;
use crate::sources::{self, ReadError};
use crate::tree::{EntryKind, Tree};
use crate::world::World;
use crate::yaml::Parsed;

/// The memory of the documents that are cached, in bytes: with them and the largest render, a
/// worker of the server stays below its limit.
const CACHE_BYTES: u64 = RENDER_BYTES / 2;

/// The files of a fleet. A tree does not change while it is used, so a shared document is
/// read once.
pub(crate) struct FleetFiles {
    pub(crate) world: World,
    documents: Memo<Parsed, ReadError>,
    /// Memory of all cached documents, in bytes.
    bytes: AtomicU64,
}

impl FleetFiles {
    /// Wraps the outside of a render.
    pub(crate) fn new(world: World) -> Self {
        Self { world, documents: Memo::default(), bytes: AtomicU64::new(0) }
    }

    /// Returns the tree of the fleet itself.
    pub(crate) fn tree(&self) -> &dyn Tree {
        &*self.world.tree
    }

    /// Returns a document that several sites share; `read` runs once for each name.
    pub(crate) fn shared_document(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<Parsed, ReadError>,
    ) -> Result<Arc<Parsed>, ReadError> {
        self.documents.get_or_load_if(name, read, |parsed| self.has_room_for(parsed.bytes()))
    }

    /// Returns a document of the fleet that an environment names at `place`.
    pub(crate) fn named_document(
        &self,
        path: &str,
        place: Option<Location>,
    ) -> Result<Arc<Parsed>, Box<Finding>> {
        let read = || sources::read_document(&self.world, self.tree(), path, path);
        self.shared_document(path, read).map_err(|error| error.into_finding(path, place))
    }

    /// Returns the documents of a file as one list; cached unless the file belongs to one
    /// site.
    pub(crate) fn document_stream(
        &self,
        path: &str,
        own: bool,
    ) -> Result<Arc<Parsed>, Box<Finding>> {
        let read = || sources::read_stream(self.tree(), path);
        let parsed = if own {
            read().map(Arc::new)
        } else {
            self.shared_document(&format!("all of {path}"), read)
        };
        parsed.map_err(|error| error.into_finding(path, None))
    }

    /// Returns the names of the folders in a folder, sorted, with those of links that lead nowhere:
    /// reading them says why.
    pub(crate) fn list_folders(&self, folder: &str) -> Result<Vec<String>, Problems> {
        let entries = self.tree().list(folder).map_err(|error| {
            codes::FLEET_LAYOUT
                .finding(format!("cannot list `{folder}` of this fleet: {error}"))
                .hint(
                    "a fleet keeps sites in sites/<name>/ and environments in environments/<name>/",
                )
        })?;
        let folders = entries.into_iter().filter(|(_, kind)| *kind != EntryKind::File);
        Ok(folders.map(|(name, _)| name).collect())
    }

    /// Returns about how many bytes the cached documents take.
    pub(crate) fn cached_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Returns whether a document fits into the cache, here or in that of its reader, and counts it
    /// if it does. A document that does not fit is read each time that it is used.
    pub(crate) fn has_room_for(&self, bytes: u64) -> bool {
        let add = |cached: u64| cached.checked_add(bytes).filter(|sum| *sum <= CACHE_BYTES);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}
