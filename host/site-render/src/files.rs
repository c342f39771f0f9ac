//! The files of a fleet, with a cache of the documents that several sites share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::codes;
use crate::finding::{Finding, Problems};
use crate::memo::Memo;
use crate::origin::Location;
use crate::sources::{self, ReadError};
use crate::tree::{EntryKind, Tree};
use crate::world::World;
use crate::yaml::Parsed;

/// The memory of a parsed value with its key and its origin, in bytes; measured, and
/// rounded up.
const NODE_BYTES: u64 = 256;

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
        let read = || read().inspect(|parsed| self.add_memory(parsed));
        self.documents.get_or_load(name, read)
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

    /// Returns the names of the folders in a folder, sorted.
    pub(crate) fn list_folders(&self, folder: &str) -> Result<Vec<String>, Problems> {
        let entries = self.tree().list(folder).map_err(|error| {
            codes::FLEET_LAYOUT
                .finding(format!("cannot list `{folder}` of this fleet: {error}"))
                .hint(
                    "a fleet keeps sites in sites/<name>/ and environments in environments/<name>/",
                )
        })?;
        let folders = entries.into_iter().filter(|(_, kind)| *kind == EntryKind::Folder);
        Ok(folders.map(|(name, _)| name).collect())
    }

    /// Returns about how many bytes the cached documents take.
    pub(crate) fn cached_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Adds the memory of a document that is cached, here or by its reader.
    pub(crate) fn add_memory(&self, parsed: &Parsed) {
        let text = parsed.root.origin.place().map_or(0, |place| place.file.text.len() as u64);
        self.bytes.fetch_add(parsed.root.count() * NODE_BYTES + text, Ordering::Relaxed);
    }
}
