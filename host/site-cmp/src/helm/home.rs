//! The home of one run of helm: a private temporary folder with everything that helm writes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The beginning of the names of these folders.
const PREFIX: &str = "site-cmp-helm-";

/// The file that a running owner keeps locked.
const LOCK: &str = "lock";

/// An empty folder that is removed with its content on drop. One whose process was killed is
/// removed by the next run.
#[derive(Debug)]
pub(super) struct Home {
    folder: TempDir,
    _lock: File,
}

impl Home {
    /// Creates the folder in a folder for temporary ones.
    ///
    /// # Errors
    /// That folder is missing or cannot be written.
    pub(super) fn create_in(temporary: &Path) -> io::Result<Self> {
        remove_abandoned(temporary);
        // tempfile gives it mode 0700.
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(temporary)?;
        // Under its name it is locked from the beginning.
        let unnamed = folder.path().join("unlocked");
        let lock = File::create_new(&unnamed)?;
        lock.lock()?;
        fs::rename(unnamed, folder.path().join(LOCK))?;
        fs::create_dir(folder.path().join("work"))?;
        Ok(Self { folder, _lock: lock })
    }

    /// Returns the folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the working folder. It is empty, so that no chart's name is the path of a file.
    pub(super) fn working_folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }
}

/// Removes the folders of processes that were killed. Errors are ignored: a folder may belong to
/// another user, or be removed at the same time.
fn remove_abandoned(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && is_abandoned(&path) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Returns true if nobody has the lock. A folder without a lock is just being created.
fn is_abandoned(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)).map(|lock| lock.try_lock()) {
        Ok(Ok(())) => true,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_run_or_with_the_next_one() {
        let temporary = tempfile::tempdir().unwrap();
        let count = || fs::read_dir(temporary.path()).unwrap().count();
        let first = Home::create_in(temporary.path()).unwrap();
        fs::write(first.path().join("index"), "x").unwrap();
        assert_eq!(fs::read_dir(first.working_folder()).unwrap().count(), 0);
        let second = Home::create_in(temporary.path()).unwrap();
        assert_eq!(count(), 2, "a folder in use stays");
        drop(second);
        assert_eq!(count(), 1);
        // The process is killed: its lock goes and its folder stays.
        let Home { folder, _lock: lock } = first;
        let _ = folder.keep();
        drop(lock);
        fs::create_dir(temporary.path().join("other")).unwrap();
        drop(Home::create_in(temporary.path()).unwrap());
        assert_eq!(count(), 1, "only the folder that is not ours stays");
    }
}
