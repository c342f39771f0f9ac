//! The fleets that a worker has opened. They are kept while there is room: all sites of a revision
//! share the documents that were parsed for the first of them.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use site_render::finding::{Fault, Finding, Problems};
use site_render::fleet::Fleet;
use site_render::lock::LOCK_FILE;
use worker_process::MemoryFile;

use super::known_answers::TreeId;
use super::protocol::ARCHIVES;
use crate::archive::{Archive, FleetTree};
use crate::codes;

/// The memory that all archives keep with their fleets, in bytes. The newest one is kept in any
/// case, but not beside another one that is opened.
const KEPT_BYTES: u64 = 12 << 20;

/// The memory of the files of all archives that are kept, in bytes. The server may have evicted
/// them since, so that nothing else counts them.
const KEPT_FILE_BYTES: u64 = 32 << 20;

/// The memory of an open fleet in addition to its documents: its lock and the schemas of its
/// policies.
const FLEET_BYTES: u64 = 256 << 10;

/// Archives with their fleets, the last used one first.
#[derive(Default)]
pub(super) struct Fleets(VecDeque<OpenArchive>);

pub(super) struct OpenArchive {
    pub(super) id: TreeId,
    archive: Arc<Archive>,
    /// The memory of its index, and that of its file.
    index_bytes: u64,
    file_bytes: u64,
    /// Fleets by their root and project.
    fleets: Vec<(String, String, Arc<Fleet>)>,
}

impl Fleets {
    /// Returns an archive as the first of the list, and opens it unless it is kept. Of one digest
    /// there may be two: the part with the fleet that was requested first, and later the whole.
    pub(super) fn open_archive(
        &mut self,
        digest: [u8; 32],
        file: OwnedFd,
    ) -> Result<&mut OpenArchive, Problems> {
        let file = MemoryFile::received(file);
        let size = file.size().map_err(|error| unreadable(&error))?;
        let id = (digest, size);
        let known = self.0.iter().position(|known| known.id == id);
        let archive = if let Some(known) = known.and_then(|at| self.0.remove(at)) {
            known
        } else {
            // The size of another archive must not fail this one's render.
            self.keep_newest(0);
            let file_bytes = file.allocated_bytes().map_err(|error| unreadable(&error))?;
            let archive = Arc::new(Archive::open(file).map_err(|error| unreadable(&error))?);
            let index_bytes = archive.index_bytes();
            OpenArchive { id, archive, index_bytes, file_bytes, fleets: Vec::new() }
        };
        self.0.push_front(archive);
        Ok(&mut self.0[0])
    }

    /// Opens the fleet in a folder of the first archive for a project, or returns the kept one.
    pub(super) fn open_fleet(
        &mut self,
        root: &str,
        project: &str,
        open: impl FnOnce() -> Result<Fleet, Problems>,
    ) -> Result<Arc<Fleet>, Problems> {
        let fleets = &mut self.0[0].fleets;
        let is_same = |(known, of, _): &&(String, String, _)| known == root && of == project;
        if let Some((_, _, fleet)) = fleets.iter().find(is_same) {
            return Ok(fleet.clone());
        }
        let fleet = Arc::new(open()?);
        fleets.push((root.to_owned(), project.to_owned(), fleet.clone()));
        Ok(fleet)
    }

    /// Drops the fleets of the first archive with everything that they cache.
    pub(super) fn forget_first(&mut self) {
        if let Some(first) = self.0.front_mut() {
            first.fleets.clear();
        }
    }

    /// Drops archives that were not used for longest, until the others fit.
    pub(super) fn trim(&mut self) {
        self.keep_newest(1);
    }

    /// Keeps the newest archives that fit, and `least` also if their indexes and fleets do not.
    fn keep_newest(&mut self, least: usize) {
        let (mut count, mut bytes, mut file_bytes) = (0, 0, 0);
        let kept = self.0.iter().take(ARCHIVES).take_while(|archive| {
            count += 1;
            bytes += archive.bytes();
            file_bytes += archive.file_bytes;
            file_bytes <= KEPT_FILE_BYTES && (bytes <= KEPT_BYTES || count <= least)
        });
        let kept = kept.count();
        self.0.truncate(kept);
    }
}

impl OpenArchive {
    /// Returns the tree of the fleet of an application's folder, and the folder's path from there.
    pub(super) fn find_fleet(&self, folder: &str) -> Result<(FleetTree, String), Problems> {
        Ok(self.archive.find_fleet(folder).ok_or_else(|| no_fleet(folder))?)
    }

    fn bytes(&self) -> u64 {
        let fleets = self.fleets.iter().map(|(_, _, fleet)| FLEET_BYTES + fleet.cache_bytes());
        self.index_bytes + fleets.sum::<u64>()
    }
}

fn no_fleet(folder: &str) -> Finding {
    let message =
        format!("{LOCK_FILE} not found in the application's folder `{folder}` or above it");
    codes::SOURCES_NO_FLEET.finding(message).hint(crate::fleet_root::WIDEN)
}

fn unreadable(error: &io::Error) -> Finding {
    let message = format!("the unpacked archive cannot be read: {error}");
    codes::SERVER_MEMORY_FILE.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests;
