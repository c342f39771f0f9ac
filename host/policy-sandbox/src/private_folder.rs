//! A folder that only this process's user can change, used by its descriptor.
//!
//! The folder is found once, at the start, without following any link. From then on its path is
//! not used again, so nobody can put another folder or a link in its place. Owner and mode are
//! checked each time, of the folder and of every file.
//!
//! On a volume that everybody may write to, another user could still rename a different folder of
//! ours to its path before the start. The files of a folder are therefore marked with its
//! identity.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, StatxFlags, fstat, mkdirat, openat, renameat,
    statx, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

/// Permission bits of group and others.
const OTHERS: u32 = 0o077;

/// Permission bits that let group and others add, rename and delete entries.
const OTHERS_WRITE: u32 = 0o022;

/// The bit that lets only the owner of an entry rename or delete it.
const STICKY: u32 = 0o1000;

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    folder: OwnedFd,
    identity: String,
    /// Numbers the temporary files of this process.
    written: AtomicU64,
}

/// A file of the folder.
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The time of its last change, in seconds and nanoseconds.
    pub(crate) changed: (i64, u64),
    pub(crate) bytes: u64,
}

impl PrivateFolder {
    /// Opens the folder, and creates it and the missing folders above it. Returns the reason if
    /// another user could change it.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let path = std::path::absolute(path).map_err(|e| format!("has no valid path: {e}"))?;
        let mut reached = PathBuf::from("/");
        let mut folder = openat(CWD, "/", FOLDER, Mode::empty())
            .map_err(|e| format!("cannot be opened: {e}"))?;
        let mut above_device = None;
        for name in path.components().filter(|part| *part != Component::RootDir) {
            let Component::Normal(name) = name else {
                return Err("must be named without `..`".to_owned());
            };
            above_device = Some(check_parent(&folder, &reached, above_device)?);
            reached.push(name);
            folder = open_below(&folder, name)
                .map_err(|(what, error)| format!("{what}: {}: {error}", reached.display()))?;
        }
        let identity = identity_of(&folder).map_err(|e| format!("cannot be read: {e}"))?;
        let opened = Self { folder, identity, written: AtomicU64::new(0) };
        opened.check()?;
        Ok(opened)
    }

    /// Returns a text that no other folder has: its inode and the time of its creation, which stay
    /// the same when it is renamed.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Returns the descriptor, if the folder still belongs to this user alone.
    fn checked(&self) -> io::Result<BorrowedFd<'_>> {
        self.check().map_err(|why| io::Error::new(io::ErrorKind::PermissionDenied, why))?;
        Ok(self.folder.as_fd())
    }

    /// Checks the folder's owner and mode. Returns the reason if another user has access.
    fn check(&self) -> Result<(), String> {
        let stat = fstat(&self.folder).map_err(|e| format!("cannot be read: {e}"))?;
        let mode = stat.st_mode & 0o7777;
        if mode & OTHERS != 0 {
            return Err(format!("has mode {mode:04o}: users other than its owner have access"));
        }
        let ours = geteuid().as_raw();
        if stat.st_uid != ours {
            return Err(format!("belongs to user {}, this process is user {ours}", stat.st_uid));
        }
        Ok(())
    }

    /// Reads a regular file of this user that nobody else can change, up to a limit.
    pub(crate) fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        // Without NONBLOCK, opening a pipe would wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(self.checked()?, name, flags, Mode::empty())?;
        let stat = fstat(&file)?;
        let is_ours = stat.st_uid == geteuid().as_raw() && stat.st_mode & OTHERS_WRITE == 0;
        if !is_file(&stat) || !is_ours {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes a file under a temporary name and renames it, so that it is never seen in part.
    pub(crate) fn write(&self, name: &str, pieces: &[&[u8]]) -> io::Result<()> {
        let folder = self.checked()?;
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = format!("{}-{count}{TEMPORARY}", std::process::id());
        // One of that name remained from a process that was killed.
        let _ = unlinkat(folder, &temporary, AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let file = openat(folder, &temporary, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(file);
        let written = pieces
            .iter()
            .try_for_each(|piece| file.write_all(piece))
            .and_then(|()| Ok(renameat(folder, &temporary, folder, name)?));
        if written.is_err() {
            let _ = unlinkat(folder, &temporary, AtFlags::empty());
        }
        written
    }

    /// Lists the regular files whose name has an ending.
    pub(crate) fn list(&self, ending: &str) -> io::Result<Vec<Entry>> {
        let folder = self.checked()?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(folder)? {
            let Ok(name) = entry?.file_name().to_str().map(str::to_owned) else { continue };
            if !name.ends_with(ending) {
                continue;
            }
            // Another process may have removed it since.
            let Ok(stat) = rustix::fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            if is_file(&stat) {
                entries.push(to_entry(name, &stat));
            }
        }
        Ok(entries)
    }

    /// Removes a file.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(self.checked()?, name, AtFlags::empty())?)
    }
}

/// The ending of temporary files.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Returns the inode and, where the file system knows it, the time of creation.
fn identity_of(folder: &OwnedFd) -> io::Result<String> {
    let stat = statx(folder, "", AtFlags::EMPTY_PATH, StatxFlags::INO | StatxFlags::BTIME)?;
    Ok(format!("{}-{}-{}", stat.stx_ino, stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec))
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn to_entry(name: String, stat: &Stat) -> Entry {
    Entry {
        name,
        changed: (stat.st_mtime, stat.st_mtime_nsec),
        bytes: u64::try_from(stat.st_size).unwrap_or(0),
    }
}

/// Opens a folder in another, and creates it if it is missing.
fn open_below(above: &OwnedFd, name: &OsStr) -> Result<OwnedFd, (&'static str, Errno)> {
    match mkdirat(above, name, Mode::RWXU) {
        // A folder that exists may be in one that this user cannot write to.
        Ok(()) | Err(Errno::EXIST | Errno::ROFS | Errno::ACCESS) => {}
        Err(error) => return Err(("cannot be created", error)),
    }
    openat(above, name, FOLDER, Mode::empty()).map_err(|error| match error {
        Errno::LOOP | Errno::NOTDIR => ("is a link or no folder, or is below one", error),
        error => ("cannot be created or opened", error),
    })
}

/// Checks that no other user can replace an entry of a folder above ours. Returns its device.
fn check_parent(folder: &OwnedFd, path: &Path, above_device: Option<u64>) -> Result<u64, String> {
    let shown = path.display();
    let stat = fstat(folder).map_err(|e| format!("cannot be reached: {shown}: {e}"))?;
    let is_mount = above_device.is_some_and(|device| device != stat.st_dev);
    let parent = Parent { owner: stat.st_uid, mode: stat.st_mode & 0o7777, is_mount };
    match parent.objection(geteuid().as_raw()) {
        None => Ok(stat.st_dev),
        Some(why) => Err(format!("is not safe from other users: {shown} {why}")),
    }
}

/// A folder above ours.
#[derive(Clone, Copy)]
struct Parent {
    owner: u32,
    mode: u32,
    /// Whether a file system is mounted here.
    is_mount: bool,
}

impl Parent {
    /// Returns why another user could replace an entry of this folder.
    ///
    /// The root of a mount that belongs to root may be writable by all, as an emptyDir of
    /// Kubernetes is: no folder can be moved into it from another file system, and one that
    /// others create there is not ours.
    fn objection(self, ours: u32) -> Option<String> {
        let Self { owner, mode, is_mount } = self;
        if owner != 0 && owner != ours {
            return Some(format!("belongs to user {owner}"));
        }
        let is_volume = is_mount && owner == 0;
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 && !is_volume {
            return Some(format!("has mode {mode:04o}, which lets other users rename its entries"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Parent;

    #[test]
    fn only_root_and_we_may_be_able_to_replace_entries_of_a_parent() {
        let objection =
            |owner, mode, is_mount| Parent { owner, mode, is_mount }.objection(999).is_some();
        for (owner, mode, is_mount) in [
            (0, 0o755, false),
            (999, 0o700, false),
            (0, 0o1777, false),
            (999, 0o1770, false),
            // An emptyDir, without and with fsGroup.
            (0, 0o777, true),
            (0, 0o2777, true),
        ] {
            assert!(!objection(owner, mode, is_mount), "{owner} {mode:o}");
        }
        for (owner, mode, is_mount) in [
            (1000, 0o755, false),
            (1000, 0o700, true),
            (0, 0o777, false),
            (999, 0o775, false),
            (999, 0o777, true),
        ] {
            assert!(objection(owner, mode, is_mount), "{owner} {mode:o}");
        }
    }
}
