//! A cached tree: an unpacked archive in a memory file, which render workers read.

use worker_process::MemoryFile;

use super::scope::contains_path;

/// The memory that an entry takes in addition to its content.
pub(super) const ENTRY_BYTES: u64 = 160;

/// A cached tree.
#[derive(Debug)]
pub(super) struct CachedTree {
    /// The archive, as [`Archive::open`](crate::archive::Archive::open) reads it.
    pub(super) file: MemoryFile,
    /// The memory that it takes, in bytes.
    pub(super) bytes: u64,
    part: UnpackedPart,
}

/// The part of an archive that was unpacked.
#[derive(Debug, Default)]
pub(super) struct UnpackedPart {
    /// The folder that is complete; files elsewhere may be missing. Empty for the whole archive.
    pub(super) whole: String,
    /// The paths of links: a folder behind one is located somewhere else.
    pub(super) links: Vec<String>,
}

impl CachedTree {
    /// Wraps an archive with the number of its entries and the bytes of their contents.
    pub(super) fn new(
        (file, entries, bytes): (MemoryFile, usize, u64),
        part: UnpackedPart,
    ) -> Self {
        Self { file, bytes: bytes + entries as u64 * ENTRY_BYTES, part }
    }

    /// Returns whether the tree has every file that an application in this folder can read.
    pub(super) fn covers_folder(&self, folder: &str) -> bool {
        let UnpackedPart { whole, links } = &self.part;
        whole.is_empty()
            || contains_path(whole, folder) && !links.iter().any(|link| contains_path(link, folder))
    }

    /// Opens the archive as a worker does.
    #[cfg(any(test, fuzzing))]
    pub(super) fn open_archive(&self) -> std::io::Result<std::sync::Arc<crate::archive::Archive>> {
        Ok(std::sync::Arc::new(crate::archive::Archive::open(self.file.try_clone()?)?))
    }

    /// Returns whether the tree covers everything that another one covers.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        self.part.whole.is_empty() || self.part.whole == other.part.whole
    }
}
