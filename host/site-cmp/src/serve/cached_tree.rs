//! A tree: an unpacked archive in a memory file, which render workers read.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use worker_process::MemoryFile;

use super::budget::{Account, Charge};
use super::caller_key::CallerKey;
use super::scope::UnpackedPart;

/// An unpacked archive. Its memory is counted as long as it exists: in the budget of running
/// calls, or in the cache instead while it is there.
#[derive(Debug)]
pub(super) struct CachedTree {
    /// The archive, as [`Archive::open`](crate::archive::Archive::open) reads it.
    pub(super) file: MemoryFile,
    /// The memory that it takes, in bytes.
    pub(super) bytes: u64,
    part: Arc<UnpackedPart>,
    charge: Mutex<Charge>,
}

impl CachedTree {
    /// Wraps an archive. Of the bytes that its unpacking reserved, those are released that the
    /// tree does not take.
    pub(super) fn new(
        file: MemoryFile,
        part: Arc<UnpackedPart>,
        account: Account,
    ) -> io::Result<Self> {
        let bytes = file.allocated_bytes()? + part.bytes();
        let charge = Mutex::new(account.into_charge(bytes));
        Ok(Self { file, bytes, part, charge })
    }

    /// Returns the key whose share it uses.
    pub(super) fn key(&self) -> CallerKey {
        self.lock_charge().key().clone()
    }

    /// Releases its bytes, because the cache counts them from now on.
    pub(super) fn release_charge(&self) {
        self.lock_charge().release();
    }

    /// Reserves its bytes for the key of a call that uses it; returns false if they are not free.
    pub(super) fn charge_user(&self, key: &CallerKey) -> bool {
        self.lock_charge().reserve_for(key, self.bytes)
    }

    /// Returns whether the tree has every file that an application in this folder can read.
    pub(super) fn covers_folder(&self, folder: &str) -> bool {
        self.part.covers_folder(folder)
    }

    /// Returns whether the tree covers everything that another one covers.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        self.part.covers_all_of(&other.part)
    }

    fn lock_charge(&self) -> MutexGuard<'_, Charge> {
        self.charge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the archive as a worker does.
    #[cfg(any(test, fuzzing))]
    pub(super) fn open_archive(&self) -> io::Result<Arc<crate::archive::Archive>> {
        Ok(Arc::new(crate::archive::Archive::open(self.file.try_clone()?)?))
    }
}

/// Returns a tree without entries.
#[cfg(test)]
pub(super) fn empty_tree() -> Arc<CachedTree> {
    let file = crate::archive::ArchiveWriter::create().unwrap().finish().unwrap();
    let account = super::budget::Budget::new(1 << 20, 0).open_account(&CallerKey::unknown());
    Arc::new(CachedTree::new(file, Arc::default(), account).unwrap())
}
